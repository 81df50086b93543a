import CallCore
import Synchronization

/// A ``NoticePace`` of one kind, for callbacks. Any thread.
final class Seldom: Sendable {
    private let interval: Duration
    private let clock: @Sendable () -> UInt64
    /// Of one kind only.
    private let pace = Mutex(NoticePace<Bool>())

    /// - Parameters:
    ///   - interval: the shortest time between two that are told.
    ///   - clock: monotonic nanoseconds.
    init(every interval: Duration, clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now) {
        self.interval = interval
        self.clock = clock
    }

    /// Whether this one is to be told.
    func isDue() -> Bool {
        let now = clock()
        return pace.withLock { $0.isDue(true, every: interval, at: now) }
    }
}
