import CSofiaSIP
import CallCore
import Synchronization

/// What keeps new calls out for which there is no time.
extension SIPAgent {
    /// How the SIP thread keeps up, as other threads are shown it, and how many calls were refused for want of time.
    struct Load: ~Copyable, Sendable {
        let each = Atomic<UInt64>(ThreadPace().each)
        let lag = Atomic<UInt64>(0)
        let refusedOut = Atomic<Int>(0)
        let refusedIn = Atomic<Int>(0)
        let pressedUntil = Atomic<UInt64>(0)
        let pressure = Mutex(OverloadPressure())

        func isPressed(at now: UInt64) -> Bool { now < pressedUntil.load(ordering: .relaxed) }

        func refused(at now: UInt64) {
            let until = pressure.withLock {
                $0.refused(at: now)
                return $0.until
            }
            pressedUntil.store(until, ordering: .relaxed)
        }
    }

    nonisolated var backlog: CallBacklog {
        CallBacklog(
            waiting: thread.waiting, each: load.each.load(ordering: .relaxed), lag: load.lag.load(ordering: .relaxed))
    }

    /// ``CallControl/refusalForLoad(waited:isExempt:)``. Any thread.
    public nonisolated func refusalForLoad(waited: UInt64, isExempt: () -> Bool) -> CAMARAError? {
        let now = clock()
        guard overload.refuses(backlog, waited: waited, isPressed: load.isPressed(at: now)), !isExempt() else {
            return nil
        }
        load.refused(at: now)
        let count = load.refusedOut.add(1, ordering: .relaxed).newValue
        return CAMARAError(
            503, .unavailable, "The gateway is busy: it has no time for another call now.",
            retryAfter: OverloadPolicy.retryAfter(draw: UInt64(count)))
    }

    /// Whether there is time for a call of the network; a refusal is counted.
    func hasTimeForInvitation() -> Bool {
        let now = clock()
        guard overload.refuses(backlog, isPressed: load.isPressed(at: now)) else { return true }
        load.refused(at: now)
        load.refusedIn.add(1, ordering: .relaxed)
        return false
    }

    /// Reads what has come, and sees whether the network has anything left then.
    func look(_ handle: OpaquePointer, isBehind: Bool) {
        let look = pace.look(isBehind: isBehind)
        var isEmpty = csip_agent_catch_up(handle, look.turns)
        if look.isDeep {
            let end = clock() &+ ThreadPace.deepLength
            var turns = look.turns
            while !isEmpty, turns < ThreadPace.deepTurns, clock() < end {
                isEmpty = csip_agent_catch_up(handle, 64)
                turns += 64
            }
        }
        pace.looked(look, isEmpty: isEmpty, at: clock())
        load.lag.store(pace.lag, ordering: .relaxed)
        load.each.store(pace.each, ordering: .relaxed)
        let refused = load.refusedOut.load(ordering: .relaxed) + load.refusedIn.load(ordering: .relaxed)
        if let notice = spell.look(refused: refused, at: pace.now) { options.onOverload?(notice) }
    }
}
