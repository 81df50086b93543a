import Foundation
import Synchronization

/// The thread that runs Sofia's event loop, as the executor of the agent actor.
///
/// Work from other threads is queued under a lock and the loop is woken once per batch. Work that the thread gives itself
/// only joins the queue. `checkIsolated` lets C callbacks, which run on this thread outside any task, enter the actor.
package final class SIPThread: SerialExecutor, @unchecked Sendable {
    // Unchecked: `thread` is written once, before any other thread can see the value; the rest is in the mutex.
    private enum Work: Sendable {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Queue {
        var work: [Work] = []
        var isWoken = false
        var wake: (@Sendable () -> Void)?
    }

    private let queue = Mutex(Queue())
    private let identity = Atomic<UInt>(0)

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

    /// How to interrupt the loop's wait; set once the loop exists, nil when it is gone.
    package func setWake(_ wake: (@Sendable () -> Void)?) {
        queue.withLock {
            $0.wake = wake
            // What was queued before counts as not woken for.
            if let wake, !$0.work.isEmpty {
                $0.isWoken = true
                wake()
            }
        }
    }

    /// Runs `closure` on the thread, soon, in order. Any thread.
    package func post(_ closure: @escaping @Sendable () -> Void) {
        add(.closure(closure))
    }

    private func add(_ work: Work) {
        queue.withLock {
            $0.work.append(work)
            if !$0.isWoken, let wake = $0.wake {
                $0.isWoken = true
                wake()
            }
        }
    }

    /// Runs what is queued now. On the thread only.
    package func drain() {
        let batch = queue.withLock { queue -> [Work] in
            queue.isWoken = false
            if queue.work.isEmpty { return [] }
            let batch = queue.work
            queue.work = []
            queue.work.reserveCapacity(min(batch.count, 256))
            return batch
        }
        for work in batch {
            switch work {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .closure(let closure): closure()
            }
        }
    }

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
