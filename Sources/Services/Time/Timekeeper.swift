import Foundation
import Synchronization

/// A thread that does what is due, and sleeps until something is again. Not a task: those share a pool with everything that
/// waits for the disk.
final class Timekeeper: Sendable {
    private enum Life { case made, running, stopped }

    private let name: String
    private let longestWait: TimeInterval
    private let clock: @Sendable () -> Date
    private let life = Mutex(Life.made)
    private let bell = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()

    /// - Parameters:
    ///   - longestWait: seconds after which the date is looked at in any case, because it may be set; at most 30 count.
    ///   - clock: the wall clock.
    init(name: String, longestWait: TimeInterval = 30, clock: @escaping @Sendable () -> Date) {
        self.name = name
        self.longestWait = min(max(longestWait, 0.01), 30)
        self.clock = clock
    }

    /// Starts the thread; later calls do nothing.
    /// - Parameter work: does what is due and says when to look again; nil if nothing is to come.
    func start(_ work: @escaping @Sendable () -> Date?) {
        let isFirst = life.withLock { life in
            defer { if life == .made { life = .running } }
            return life == .made
        }
        guard isFirst else { return }
        ended.enter()
        let thread = Thread { [self] in
            while life.withLock({ $0 == .running }) {
                let wait = work().map { $0.timeIntervalSince(clock()) } ?? longestWait
                // At least a little, should the work's clock be behind.
                _ = bell.wait(timeout: .now() + min(max(wait, 0.01), longestWait))
            }
            ended.leave()
        }
        thread.name = name
        thread.start()
    }

    /// Something may be due earlier than was known. Any thread.
    func wake() { bell.signal() }

    /// Returns when the thread has ended; at once if there is none.
    func stop() async {
        life.withLock { $0 = .stopped }
        bell.signal()
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
    }
}
