import CallCore

/// What every call in progress has, whoever started it: a number, its timers, and what a change in mid-call needs. On the
/// SIP thread only.
class TimedCall: Deadlined {
    final let number: UInt64

    /// One deadline for each timer; ``unset`` while it does not run.
    private final var deadlines = SIMD16<UInt64>(repeating: TimedCall.unset)
    static let unset = UInt64.max
    final var deadline: UInt64 = TimedCall.unset
    final var heapIndex = -1

    private final class Change {
        var midCall = MidCall()
    }

    /// Made at the first change: most calls have none, and whatever stands in a call is paid for by each one that is held.
    private final var change: Change?

    /// The handles of a change in mid-call.
    final var midCall: MidCall {
        get { change?.midCall ?? MidCall() }
        set {
            let change = change ?? Change()
            change.midCall = newValue
            self.change = change
        }
    }

    /// Gives the handles of a change back to the stack.
    final func releaseMidCall() { change?.midCall.release() }

    init(number: UInt64) {
        self.number = number
    }

    /// Tells the call's state machine that `timer` is due; for the two kinds of call to say how.
    func fire(_ timer: CallTimer, in agent: isolated SIPAgent) {}

    final var earliestDeadline: UInt64 { deadlines.min() }

    final func start(_ timer: CallTimer, at deadline: UInt64) {
        deadlines[Int(timer.rawValue)] = deadline
    }

    final func stop(_ timer: CallTimer) {
        deadlines[Int(timer.rawValue)] = TimedCall.unset
    }

    /// Takes one timer that is due at `now`, the most overdue first; nil if none is.
    final func takeDue(at now: UInt64) -> CallTimer? {
        let earliest = earliestDeadline
        guard earliest <= now else { return nil }
        for timer in CallTimer.allCases where deadlines[Int(timer.rawValue)] == earliest {
            stop(timer)
            return timer
        }
        return nil
    }
}
