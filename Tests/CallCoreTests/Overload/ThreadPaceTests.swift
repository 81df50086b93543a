import Testing

@testable import CallCore

@Suite struct ThreadPaceTests {
    /// Turns of `length` nanoseconds with so many commands each, without a rest.
    private static func busy(_ pace: inout ThreadPace, turns: Int, length: UInt64, commands: Int) {
        for _ in 0..<turns {
            pace.rests(false)
            pace.turn(at: pace.now + length, commands: commands)
        }
    }

    @Test("What a command takes is learnt from turns without a rest")
    func learns() {
        var pace = ThreadPace()
        #expect(pace.each == 200_000)
        ThreadPaceTests.busy(&pace, turns: 400, length: 1_200_000, commands: 4)
        #expect((299_000...301_000).contains(pace.each))
        ThreadPaceTests.busy(&pace, turns: 400, length: 200_000, commands: 4)
        #expect((50_000...51_000).contains(pace.each))
    }

    @Test("Turns that have waited, or had no command, say nothing")
    func leavesRestsOut() {
        var pace = ThreadPace()
        for _ in 0..<1_000 {
            pace.rests(true)
            pace.turn(at: pace.now + 50_000_000, commands: 4)
        }
        ThreadPaceTests.busy(&pace, turns: 1_000, length: 1_000_000, commands: 0)
        #expect(pace.each == 200_000)
    }

    @Test("A machine that stood still once is no slow one")
    func bounds() {
        var pace = ThreadPace()
        ThreadPaceTests.busy(&pace, turns: 1, length: 60_000_000_000, commands: 4)
        ThreadPaceTests.busy(&pace, turns: 7, length: 800_000, commands: 4)
        #expect(pace.each == 209_375)
        ThreadPaceTests.busy(&pace, turns: 1_000, length: 0, commands: 32)
        #expect((5_000...5_010).contains(pace.each))
    }

    @Test("The lag is the time since the network was first found to have more, until it has none")
    func lags() {
        var pace = ThreadPace()
        #expect(!pace.mustLook)
        pace.turn(at: 10_000_000, commands: 0)
        #expect(pace.mustLook)
        pace.looked(isEmpty: true, depth: 16)
        #expect(!pace.mustLook)
        pace.turn(at: 19_999_999, commands: 0)
        #expect(!pace.mustLook)
        pace.turn(at: 20_000_000, commands: 0)
        #expect(pace.mustLook && !pace.isFull)
        pace.turn(at: 10_000_000, commands: 0)
        pace.looked(isEmpty: false, depth: 16)
        #expect(pace.lag == 0)
        // Then it looks in every turn, and does not rest.
        #expect(pace.mustLook && pace.isFull)
        pace.turn(at: 20_000_000, commands: 0)
        pace.looked(isEmpty: false, depth: 16)
        #expect(pace.lag == 10_000_000)
        pace.turn(at: 95_000_000, commands: 0)
        pace.looked(isEmpty: false, depth: 16)
        #expect(pace.lag == 85_000_000)
        pace.looked(isEmpty: true, depth: 16)
        #expect(pace.lag == 0)
        #expect(!pace.isFull)
        pace.turn(at: 200_000_000, commands: 0)
        pace.looked(isEmpty: false, depth: 16)
        #expect(pace.lag == 0)
    }

    @Test("A look that finds no end is short, and a long one every 20 ms tells whether there is one")
    func looksDeep() {
        var pace = ThreadPace()
        pace.turn(at: 100_000_000, commands: 0)
        #expect(pace.depth(isBehind: false) == 16)
        #expect(pace.depth(isBehind: true) == 64)
        pace.looked(isEmpty: false, depth: 16)
        pace.turn(at: 119_999_999, commands: 0)
        #expect(pace.depth(isBehind: false) == 16)
        pace.turn(at: 120_000_000, commands: 0)
        #expect(pace.depth(isBehind: false) == 1_024)
        #expect(pace.depth(isBehind: true) == 1_024)
        pace.looked(isEmpty: false, depth: 1_024)
        #expect(pace.lag == 20_000_000)
        pace.turn(at: 130_000_000, commands: 0)
        #expect(pace.depth(isBehind: true) == 64)
        pace.looked(isEmpty: false, depth: 64)
        pace.turn(at: 140_000_000, commands: 0)
        #expect(pace.depth(isBehind: true) == 1_024)
        pace.looked(isEmpty: true, depth: 1_024)
        #expect(pace.lag == 0)
        pace.turn(at: 200_000_000, commands: 0)
        #expect(pace.depth(isBehind: true) == 64)
    }
}
