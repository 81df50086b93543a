import Testing

@testable import SIPBridge

/// RFC 2782, "Usage rules".
@Suite struct WeightedOrderTests {
    private func entries(_ list: [(priority: UInt16, weight: UInt16)]) -> [WeightedOrder.Entry] {
        list.enumerated().map { .init(index: $0, priority: Int($1.priority), weight: $1.weight) }
    }

    /// Draws whatever is given, in turn.
    private struct Scripted: RandomNumberGenerator {
        var values: [UInt64]
        mutating func next() -> UInt64 { values.isEmpty ? 0 : values.removeFirst() }
    }

    @Test func lowerPrioritiesComeFirstWhateverTheirWeights() {
        var random = SeededRandom(state: 1)
        let list = entries([(20, 60_000), (10, 0), (30, 1), (0, 1)])
        for _ in 0..<100 { #expect(WeightedOrder.indices(of: list, using: &random) == [3, 1, 0, 2]) }
    }

    @Test func everyEntryComesOnce() {
        var random = SeededRandom(state: 2)
        for count in 0..<20 {
            let list = (0..<count).map {
                WeightedOrder.Entry(index: $0 + 100, priority: $0 % 3, weight: UInt16($0 % 4))
            }
            #expect(WeightedOrder.indices(of: list, using: &random).sorted() == list.map(\.index))
        }
    }

    @Test(
        arguments: [
            ([(1, 1), (1, 3)], [0.25, 0.75]), ([(1, 100), (1, 100)], [0.5, 0.5]),
            ([(1, 10), (1, 20), (1, 70)], [0.1, 0.2, 0.7]),
            ([(5, 65_535), (5, 65_535), (5, 65_535)], [0.333, 0.333, 0.333]),
        ] as [([(UInt16, UInt16)], [Double])])
    func theFirstIsDrawnByItsWeight(list: [(UInt16, UInt16)], shares: [Double]) {
        var random = SeededRandom(state: 3)
        var first = [Int](repeating: 0, count: list.count)
        let draws = 20_000
        for _ in 0..<draws {
            first[WeightedOrder.indices(of: entries(list.map { (priority: $0.0, weight: $0.1) }), using: &random)[0]] +=
                1
        }
        for (count, share) in zip(first, shares) {
            // Small weights: the RFC's draw includes 0, which falls on the first entry.
            let slack = 0.02 + 1 / Double(list.reduce(1) { $0 + Int($1.1) })
            #expect(abs(Double(count) / Double(draws) - share) < slack, "\(first)")
        }
    }

    @Test func weightZeroIsHardlyEverFirst() {
        var random = SeededRandom(state: 4)
        let list = entries([(1, 100), (1, 0)])
        let first = (0..<10_000).count { _ in WeightedOrder.indices(of: list, using: &random)[0] == 1 }
        #expect((1..<400).contains(first), "\(first) of 10,000; about 1 in 101 is expected")
    }

    @Test func theSecondIsDrawnByWhatIsLeft() {
        var random = SeededRandom(state: 5)
        let list = entries([(1, 60_000), (1, 100), (1, 300)])
        var second = [0, 0, 0]
        for _ in 0..<20_000 {
            let order = WeightedOrder.indices(of: list, using: &random)
            if order[0] == 0 { second[order[1]] += 1 }
        }
        let share = Double(second[2]) / Double(second[1] + second[2])
        #expect(abs(share - 0.75) < 0.03, "\(second)")
    }

    @Test func oneEntryDrawsNothing() {
        var random = Scripted(values: [])
        #expect(WeightedOrder.indices(of: entries([(7, 0)]), using: &random) == [0])
        #expect(WeightedOrder.indices(of: [], using: &random).isEmpty)
    }
}
