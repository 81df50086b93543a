import Testing

@testable import RESTFront

@Suite struct LoopTurnsTests {
    private static let millisecond: UInt64 = 1_000_000

    /// A turn of 40 requests, in milliseconds; how long the first and the last may have waited.
    private static func turn(
        _ turns: inout LoopTurns, _ look: UInt64, from start: UInt64, to end: UInt64, requests: Int = 40
    ) -> [UInt64] {
        let first = turns.wait(at: start * millisecond, look: look)
        for _ in 1..<requests { turns.add(at: start * millisecond, look: look) }
        turns.add(at: end * millisecond, look: look)
        return [first / millisecond, turns.wait(at: end * millisecond, look: look) / millisecond]
    }

    @Test("A request has waited since the first of the turn before at most")
    func waits() {
        var turns = LoopTurns()
        let waits = [
            LoopTurnsTests.turn(&turns, 1, from: 1_000, to: 1_009),
            LoopTurnsTests.turn(&turns, 2, from: 1_010, to: 1_050),
            LoopTurnsTests.turn(&turns, 3, from: 1_051, to: 1_051),
            LoopTurnsTests.turn(&turns, 4, from: 1_052, to: 1_053),
        ]
        #expect(waits == [[0, 9], [9, 49], [40, 40], [0, 1]])
    }

    @Test("After a pause, or a turn of few requests, nothing has waited")
    func rests() {
        var turns = LoopTurns()
        let waits = [
            LoopTurnsTests.turn(&turns, 1, from: 1_000, to: 1_050),
            LoopTurnsTests.turn(&turns, 2, from: 1_060, to: 1_070, requests: 31),
            LoopTurnsTests.turn(&turns, 3, from: 1_071, to: 1_072),
        ]
        #expect(waits == [[0, 50], [0, 0], [0, 1]])
    }

    @Test("To ask is not to handle")
    func asks() {
        var turns = LoopTurns()
        turns.add(at: 0, look: 1)
        for _ in 0..<100 { #expect(turns.wait(at: 50 * LoopTurnsTests.millisecond, look: 1) == 0) }
    }
}
