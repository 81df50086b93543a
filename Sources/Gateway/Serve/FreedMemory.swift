import Synchronization

/// When freed memory is worth keeping: while so much begins that what comes next needs what the last has left.
///
/// mimalloc gives a page back 25 ms after it was freed, and a larger piece after 500 ms. Under load the next call takes it
/// again, and each time all threads wait for the system: at half of what the gateway can carry, POSTs waited for tens of
/// milliseconds. With fewer calls nobody notices, and what a burst has left had better go back: half a minute after its last
/// call most of it has.
final class FreedMemory: Sendable {
    /// What begins a second, by ``SIPAgent/answer()``, from which on it is kept.
    static let busyRate: Double = 1_000

    private struct State {
        var last: (count: UInt64, time: UInt64)?
        var isKept = false
    }

    private let state = Mutex(State())

    /// Takes how much has begun by `now`, in nanoseconds of a clock that never goes back. Any thread.
    /// - Returns: whether what is freed is to be kept from now on; nil: as before.
    func look(_ begun: UInt64, at now: UInt64) -> Bool? {
        state.withLock { state in
            guard let last = state.last else {
                state.last = (begun, now)
                return nil
            }
            guard now > last.time, begun >= last.count else { return nil }
            state.last = (begun, now)
            let keeps = Double(begun - last.count) * 1e9 >= FreedMemory.busyRate * Double(now - last.time)
            guard keeps != state.isKept else { return nil }
            state.isKept = keeps
            return keeps
        }
    }
}
