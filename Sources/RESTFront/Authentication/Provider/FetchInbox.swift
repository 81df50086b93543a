import Synchronization

/// What other threads ask of the fetching thread, in order. Asking costs a short lock and, if the thread sleeps, a
/// wake-up; it never waits for the thread.
final class FetchInbox: Sendable {
    typealias Completion = @Sendable (Result<FetchResponse, ProviderFailure>) -> Void

    enum Command: Sendable {
        case fetch(FetchRequest, Completion)
        /// Calls the function at that moment of the monotonic clock, in place of the one set before.
        case alarm(at: UInt64, @Sendable () -> Void)
        case stop
    }

    private struct State {
        var commands: [Command] = []
        var isWoken = false
        var isClosed = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// How to interrupt the thread's wait.
    func open(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            guard !state.commands.isEmpty else { return }
            state.isWoken = true
            wake()
        }
    }

    /// Adds a command; false if the thread is gone.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            // Under the lock, because the thread may end, and what it waits on with it, as soon as the lock is free.
            if !state.isWoken, let wake = state.wake {
                state.isWoken = true
                wake()
            }
            return true
        }
    }

    /// Takes all that is there.
    func drain() -> [Command] {
        state.withLock { state in
            state.isWoken = false
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Takes what is left; nothing more is accepted, and the thread is no longer woken.
    func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            state.wake = nil
            defer { state.commands = [] }
            return state.commands
        }
    }
}
