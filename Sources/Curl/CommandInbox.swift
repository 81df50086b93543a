import Synchronization

/// What other threads ask of a thread that waits in a ``CurlMulti``, in order. Asking costs a short lock and, if the thread
/// sleeps, a wake-up; it never waits for the thread.
package final class CommandInbox<Command: Sendable>: Sendable {
    /// Why a command was not taken.
    package enum Refusal: Sendable { case full, closed }

    private struct State {
        var commands: [Command] = []
        var weighed = 0
        var bytes = 0
        var isWoken = false
        var isClosed = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let maximumWeighed: Int
    private let maximumBytes: Int

    /// - Parameters:
    ///   - maximumWeighed: commands with a weight that may wait; others have no bound here.
    ///   - maximumBytes: what those may weigh together.
    package init(maximumWeighed: Int = .max, maximumBytes: Int = .max) {
        self.maximumWeighed = maximumWeighed
        self.maximumBytes = maximumBytes
    }

    /// How to interrupt the thread's wait.
    package func open(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            guard !state.commands.isEmpty else { return }
            state.isWoken = true
            wake()
        }
    }

    /// Adds a command.
    /// - Parameter bytes: its weight, for one that counts against the bounds.
    /// - Returns: nil; or why it was not taken.
    package func post(_ command: Command, bytes: Int? = nil) -> Refusal? {
        state.withLock { state in
            if state.isClosed { return .closed }
            if let bytes {
                guard state.weighed < maximumWeighed, state.bytes + bytes <= maximumBytes else { return .full }
                state.weighed += 1
                state.bytes += bytes
            }
            state.commands.append(command)
            // Under the lock, because the thread may end, and what it waits on with it, as soon as the lock is free.
            if !state.isWoken, let wake = state.wake {
                state.isWoken = true
                wake()
            }
            return nil
        }
    }

    /// Puts commands in front of what waits, without a wake-up and whatever their number.
    package func putFirst(_ commands: [Command]) {
        state.withLock { $0.commands.insert(contentsOf: commands, at: 0) }
    }

    /// Takes all that is there.
    package func drain() -> [Command] {
        state.withLock { state in
            state.isWoken = false
            if state.commands.isEmpty { return [] }
            let commands = state.commands
            state.commands = []
            state.commands.reserveCapacity(min(commands.count, 256))
            state.weighed = 0
            state.bytes = 0
            return commands
        }
    }

    /// Takes what is left; nothing more is accepted, and the thread is no longer woken.
    package func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            state.wake = nil
            defer { state.commands = [] }
            return state.commands
        }
    }
}
