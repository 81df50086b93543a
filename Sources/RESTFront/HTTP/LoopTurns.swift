/// How long requests wait for a loop that looks what has come and handles all of that before it looks again.
struct LoopTurns {
    /// Nanoseconds without a request that make a loop one with time to spare.
    static let pause: UInt64 = 10_000_000
    /// Requests of a turn that make it one whose length says something: one of few has been held up by the machine.
    static let least = 32

    private var look: UInt64 = 0
    private var count = 0
    private var began: UInt64 = 0
    private var last: UInt64 = 0
    /// How long the turn before was.
    private var before: UInt64 = 0

    /// A request is handled at `now`, in nanoseconds of a clock that never goes back.
    /// - Parameter look: tells one look from another.
    mutating func add(at now: UInt64, look: UInt64) {
        turn(to: look, at: now)
        count += 1
        last = now
    }

    /// How long a request that is come to at `now` may have waited, in nanoseconds: it may have come right after the loop's
    /// last look but one.
    func wait(at now: UInt64, look: UInt64) -> UInt64 {
        var turns = self
        turns.turn(to: look, at: now)
        return turns.before + turns.length(at: now)
    }

    private mutating func turn(to look: UInt64, at now: UInt64) {
        guard look != self.look else { return }
        before = now &- last < LoopTurns.pause ? length(at: last) : 0
        (self.look, began, count) = (look, now, 0)
    }

    private func length(at now: UInt64) -> UInt64 { count < LoopTurns.least ? 0 : now &- began }
}
