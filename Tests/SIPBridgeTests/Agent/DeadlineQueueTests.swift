import Testing

@testable import SIPBridge

@Suite("The queue of deadlines")
struct DeadlineQueueTests {
    final class Item: Deadlined {
        let number: Int
        var deadline: UInt64 = 0
        var heapIndex = -1

        init(_ number: Int) { self.number = number }
    }

    /// Against a plain dictionary that is searched: every operation, ten thousand times, with many equal deadlines.
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func agreesWithASearch(seed: UInt64) {
        var random = SeededRandom(state: seed)
        var queue = DeadlineQueue<Item>()
        var reference: [Int: UInt64] = [:]
        let items = (0..<64).map(Item.init)
        for _ in 0..<10_000 {
            let item = items[Int.random(in: items.indices, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                queue.remove(item)
                reference[item.number] = nil
            case 1:
                guard let earliest = queue.earliest else { continue }
                #expect(reference.removeValue(forKey: earliest.number) == earliest.deadline)
                queue.remove(earliest)
            default:
                let deadline = UInt64.random(in: 0..<50, using: &random)
                queue.update(item, deadline: deadline)
                reference[item.number] = deadline
            }
            #expect(queue.count == reference.count)
            #expect(queue.isEmpty == reference.isEmpty)
            #expect(queue.earliest?.deadline == reference.values.min())
        }
        var drained: [UInt64] = []
        while let earliest = queue.earliest {
            drained.append(earliest.deadline)
            queue.remove(earliest)
        }
        #expect(drained == reference.values.sorted())
        #expect(items.allSatisfy { $0.heapIndex < 0 })
    }

    @Test func removingTwiceIsNothing() {
        var queue = DeadlineQueue<Item>()
        let first = Item(1)
        let second = Item(2)
        queue.remove(first)
        queue.update(first, deadline: 10)
        queue.update(second, deadline: 5)
        queue.remove(second)
        queue.remove(second)
        #expect(queue.earliest === first)
        #expect(queue.count == 1)
    }

    @Test func aDeadlineMovesBothWays() {
        var queue = DeadlineQueue<Item>()
        let items = (0..<7).map(Item.init)
        for item in items { queue.update(item, deadline: UInt64(10 + item.number)) }
        queue.update(items[6], deadline: 1)
        #expect(queue.earliest === items[6])
        queue.update(items[6], deadline: UInt64.max)
        #expect(queue.earliest === items[0])
        #expect(queue.count == 7)
    }
}
