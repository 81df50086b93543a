import CallCore
import Synchronization

/// Keeps what can happen a thousand times a second from being told as often. Any thread.
final class Seldom: Sendable {
    private let interval: UInt64
    private let clock: @Sendable () -> UInt64
    private let last = Mutex<UInt64?>(nil)

    /// - Parameters:
    ///   - interval: the shortest time between two that are told.
    ///   - clock: monotonic nanoseconds.
    init(every interval: Duration, clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now) {
        self.interval = interval.nanoseconds
        self.clock = clock
    }

    /// Whether this one is to be told.
    func isDue() -> Bool {
        let now = clock()
        return last.withLock { last in
            if let last, now &- last < interval { return false }
            last = now
            return true
        }
    }
}
