import Testing

/// The explorer on a model small enough to count by hand.
@Suite("Explorer")
struct ExplorerTests {
    /// Two workers, each of which takes two locks one after the other and then gives both back.
    struct Workers: Explorable {
        /// Which lock each worker takes first and second.
        var orders: [[Int]]
        /// How many steps each has made: 0 to 3.
        var steps = [0, 0]

        var moves: [Int] { orders.indices.filter(mayStep) }
        var isFinished: Bool { steps.allSatisfy { $0 == 3 } }

        private func mayStep(_ worker: Int) -> Bool {
            let step = steps[worker]
            guard step < 2 else { return step == 2 }
            let other = 1 - worker
            let held = steps[other] < 3 ? orders[other].prefix(steps[other]) : []
            return !held.contains(orders[worker][step])
        }

        mutating func take(_ worker: Int) throws(Violation) -> [String] {
            steps[worker] += 1
            return ["step \(steps[worker])"]
        }

        func step(_ way: WayOut) -> Int? { moves.first }

        static func text(_ worker: Int) -> String { "worker \(worker)" }
        static func text(_ effect: String) -> String { effect }
    }

    @Test("each state is seen once, and the end is reached from all")
    func countsStates() {
        var explorer = Explorer(Workers(orders: [[0, 1], [0, 1]]), maximumStates: 100)
        explorer.run(depth: 20)
        // 4 × 4, less the four in which both would hold the first lock.
        #expect(explorer.states == 12)
        #expect(explorer.isExhausted)
        #expect(explorer.failures.isEmpty)
    }

    @Test("a deadlock is found, on the shortest way")
    func findsDeadlock() throws {
        var explorer = Explorer(Workers(orders: [[0, 1], [1, 0]]), maximumStates: 100)
        explorer.run(depth: 20)
        let failure = try #require(explorer.failures.first)
        #expect(failure.rule.hasPrefix("no end is reached"))
        #expect(failure.trace.count == 2)
        #expect(failure.description.contains("-> step 1"))
    }

    @Test("the limits hold")
    func isBounded() {
        var narrow = Explorer(Workers(orders: [[0, 1], [0, 1]]), maximumStates: 3)
        narrow.run(depth: 20)
        #expect(narrow.states < 12)
        #expect(!narrow.isExhausted)
        var shallow = Explorer(Workers(orders: [[0, 1], [0, 1]]), maximumStates: 100)
        shallow.run(depth: 2)
        #expect(shallow.depth == 2)
        #expect(!shallow.isExhausted)
    }
}
