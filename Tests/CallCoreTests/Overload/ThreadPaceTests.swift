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

    private static let short = ThreadPace.Look(turns: 16, isDeep: false)

    @Test("The lag is the time since the network was first found to have more, until it has none")
    func lags() {
        var pace = ThreadPace()
        let short = ThreadPaceTests.short
        #expect(!pace.mustLook)
        pace.turn(at: 10_000_000, commands: 0)
        #expect(pace.mustLook)
        pace.looked(short, isEmpty: true, at: 10_000_000)
        #expect(!pace.mustLook)
        pace.turn(at: 19_999_999, commands: 0)
        #expect(!pace.mustLook)
        pace.turn(at: 20_000_000, commands: 0)
        #expect(pace.mustLook && !pace.isFull)
        pace.looked(short, isEmpty: false, at: 20_500_000)
        #expect(pace.lag == 0)
        // Then it looks in every turn, and does not rest.
        #expect(pace.mustLook && pace.isFull)
        pace.turn(at: 30_000_000, commands: 0)
        // A look may take long; what comes meanwhile waits for it as well.
        pace.looked(short, isEmpty: false, at: 30_600_000)
        #expect(pace.lag == 10_100_000)
        pace.turn(at: 95_000_000, commands: 0)
        pace.looked(short, isEmpty: false, at: 95_500_000)
        #expect(pace.lag == 75_000_000)
        pace.looked(short, isEmpty: true, at: 95_600_000)
        #expect(pace.lag == 0)
        #expect(!pace.isFull)
        // A turn begins before the loop waits: the wait is no lag.
        pace.turn(at: 200_000_000, commands: 0)
        pace.looked(short, isEmpty: false, at: 390_000_000)
        #expect(pace.lag == 0)
    }

    @Test("A look that finds no end is short, and a deep one every 20 ms tells whether there is one")
    func looksDeep() {
        var pace = ThreadPace()
        let (short, long) = (ThreadPaceTests.short, ThreadPace.Look(turns: 64, isDeep: false))
        pace.turn(at: 100_000_000, commands: 0)
        #expect(pace.look(isBehind: false) == short)
        #expect(pace.look(isBehind: true) == long)
        pace.looked(short, isEmpty: false, at: 100_000_000)
        pace.turn(at: 119_999_999, commands: 0)
        #expect(pace.look(isBehind: false) == short)
        pace.turn(at: 120_000_000, commands: 0)
        #expect(pace.look(isBehind: false) == .init(turns: 16, isDeep: true))
        let deep = ThreadPace.Look(turns: 64, isDeep: true)
        #expect(pace.look(isBehind: true) == deep)
        pace.looked(deep, isEmpty: false, at: 130_000_000)
        #expect(pace.lag == 30_000_000)
        // The next comes 20 ms after the end of this one.
        pace.turn(at: 149_999_999, commands: 0)
        #expect(pace.look(isBehind: true) == long)
        pace.looked(long, isEmpty: false, at: 149_999_999)
        pace.turn(at: 150_000_000, commands: 0)
        #expect(pace.look(isBehind: true) == deep)
        // Of one that has taken long, later: commands are not to starve.
        pace.looked(deep, isEmpty: false, at: 180_000_000)
        pace.turn(at: 239_999_999, commands: 0)
        #expect(pace.look(isBehind: true) == long)
        pace.turn(at: 240_000_000, commands: 0)
        #expect(pace.look(isBehind: true) == deep)
        pace.looked(deep, isEmpty: true, at: 241_000_000)
        #expect(pace.lag == 0)
        pace.turn(at: 300_000_000, commands: 0)
        #expect(pace.look(isBehind: true) == long)
    }

    @Test("A look reads what the turn's commands may have made come")
    func looksFar() {
        var pace = ThreadPace()
        pace.turn(at: 100_000_000, commands: 5)
        #expect(pace.look(isBehind: false).turns == 16)
        pace.turn(at: 101_000_000, commands: 40)
        #expect(pace.look(isBehind: false).turns == 120)
        pace.turn(at: 102_000_000, commands: 0)
        #expect(pace.look(isBehind: false).turns == 16)
    }
}
