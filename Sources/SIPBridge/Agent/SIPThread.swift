import CSofiaSIP
import Foundation
import Synchronization

/// The thread that runs Sofia's event loop, as the executor of the agent actor.
///
/// Work from other threads is queued under a lock. The loop is woken only if it waits, and once however much is queued:
/// under load it never does, and finds the work by itself. `checkIsolated` lets C callbacks, which run on this thread outside any task, enter the actor.
package final class SIPThread: SerialExecutor, @unchecked Sendable {
    // Unchecked: `waker`, `batch` and `next` are the thread's, and after its end whoever's turn it is (`isServed`); the rest
    // is in the mutex or atomic.
    private enum Work: Sendable {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Queue {
        var work: [Work] = []
        /// Set while the loop waits, or is about to: whoever queues something then must wake it.
        var sleeper: Waker?
        /// The loop is over.
        var isEnded = false
        /// Somebody runs what is queued after the end.
        var isServed = false
    }

    private let queue = Mutex(Queue())
    /// What has been taken off the queue and not all been run, and how much of it has.
    private var batch: [Work] = []
    private var next = 0
    /// What of it has not been run yet, for other threads.
    private let left = Atomic<Int>(0)
    private let identity = Atomic<UInt>(0)
    /// How to end the loop's wait; set by the thread once the loop exists.
    package var waker: Waker?

    package init() {}

    /// Starts the thread with `body`; it becomes this executor's thread before `body` runs.
    package func start(name: String, body: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            identity.store(UInt(pthread_self()), ordering: .releasing)
            body()
        }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Runs `closure` on the thread, soon, in order. Any thread.
    package func post(_ closure: @escaping @Sendable () -> Void) {
        add(.closure(closure))
    }

    private func add(_ work: Work) {
        let (sleeper, mustServe) = queue.withLock { queue in
            queue.work.append(work)
            guard queue.isEnded else { return (queue.sleeper.take(), false) }
            defer { queue.isServed = true }
            return (nil, !queue.isServed)
        }
        // Not under the lock: the thread would wake up only to wait for it.
        sleeper?.wake()
        if mustServe { serveAfterEnd() }
    }

    /// The loop is over, and the thread about to end. Whoever queues something from now on runs it, one at a time: it
    /// finds an agent that has stopped, and nobody waits for ever for its answer.
    package func end() {
        let mustServe = queue.withLock { queue in
            queue.isEnded = true
            queue.sleeper = nil
            defer { queue.isServed = true }
            return !queue.isServed
        }
        if mustServe { serveAfterEnd() }
    }

    private func serveAfterEnd() {
        // Nobody else may hold it by the time the work is done: whoever enqueues a job holds the actor alone by that job.
        let me = Unmanaged.passRetained(self)
        defer { me.release() }
        while true {
            identity.store(UInt(pthread_self()), ordering: .releasing)
            drain()
            identity.store(0, ordering: .releasing)
            let isEmpty = queue.withLock { queue in
                queue.isServed = !queue.work.isEmpty
                return queue.work.isEmpty
            }
            if isEmpty { return }
        }
    }

    /// Whether the loop may wait now; from then on it is woken for new work. On the thread only.
    package func mayRest() -> Bool {
        guard next == batch.count else { return false }
        return queue.withLock { queue in
            guard queue.work.isEmpty else { return false }
            queue.sleeper = waker
            return true
        }
    }

    /// How much is queued. Any thread.
    package var waiting: Int { queue.withLock { $0.work.count } + left.load(ordering: .relaxed) }

    /// Runs what is queued now, in order. On the thread only.
    /// - Parameter limit: how much at most; the rest keeps its turn.
    /// - Returns: how much has been run, and whether there was more.
    @discardableResult
    package func drain(atMost limit: Int = .max) -> (done: Int, isBehind: Bool) {
        if next == batch.count { refill() }
        let (start, end) = (next, next + min(limit, batch.count - next))
        let isBehind = end < batch.count
        if isBehind || start > 0 { left.store(batch.count - end, ordering: .relaxed) }
        defer { if next == batch.count { clear() } }
        while next < end {
            let work = batch[next]
            next += 1
            switch work {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .closure(let closure): closure()
            }
        }
        return (end - start, isBehind)
    }

    /// The two arrays change places, so that neither is allocated anew.
    private func refill() {
        queue.withLock { queue in
            queue.sleeper = nil
            swap(&queue.work, &batch)
        }
    }

    private func clear() {
        batch.removeAll(keepingCapacity: batch.capacity <= SIPThread.keptCapacity)
        next = 0
    }

    private static let keptCapacity = 1_024

    // MARK: - SerialExecutor

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    var isCurrent: Bool {
        identity.load(ordering: .acquiring) == UInt(pthread_self())
    }

    package func checkIsolated() {
        precondition(isCurrent, "called off the SIP thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
