import Foundation
import Synchronization

/// One thread that waits on many descriptors and calls a function for each that can be read.
///
/// It is also the one that closes them: a number closed elsewhere could belong to another socket by the time a handler
/// of the old one reads from it.
final class ReadLoop: Sendable {
    typealias Handler = @Sendable () -> Void

    private struct State {
        var handlers: [Int32: Handler] = [:]
        var toClose: [Int32] = []
        var isStopped = false
        var isOver = false
    }

    private let wakeUp: (reading: Int32, writing: Int32)
    private let state = Mutex(State())

    /// Starts the thread.
    init(name: String) throws {
        wakeUp = try ReadLoop.pipe()
        // A full pipe wakes the thread just as well.
        _ = fcntl(wakeUp.writing, F_SETFL, O_NONBLOCK)
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.start()
    }

    /// Calls `handler` on the loop's thread whenever `descriptor` is readable. It must not block.
    func watch(_ descriptor: Int32, _ handler: @escaping Handler) {
        change { state in
            state.handlers[descriptor] = handler
            return nil
        }
    }

    /// Ends ``watch(_:_:)``.
    func forget(_ descriptor: Int32) {
        change { $0.handlers.removeValue(forKey: descriptor) }
    }

    /// Ends ``watch(_:_:)`` and closes the descriptor, soon.
    func close(_ descriptor: Int32) {
        let isOver = change { state in
            state.toClose.append(descriptor)
            return state.handlers.removeValue(forKey: descriptor)
        }
        if isOver { Foundation.close(descriptor) }
    }

    /// Ends the thread.
    func stop() {
        change { state in
            state.isStopped = true
            return nil
        }
    }

    /// A pipe that no child inherits and whose reading end never blocks.
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw SocketError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Changes the state and has the thread look at it; true if the thread has ended and will not. The handler that
    /// `body` returns is let go outside the lock: it may hold the last reference to an object that comes back here.
    @discardableResult
    private func change(_ body: (inout State) -> Handler?) -> Bool {
        let (isOver, removed) = state.withLock { state -> (Bool, Handler?) in
            guard !state.isOver else { return (true, nil) }
            let removed = body(&state)
            // Within the lock: the thread closes the pipe within it too, when it ends.
            _ = write(wakeUp.writing, [0], 1)
            return (false, removed)
        }
        withExtendedLifetime(removed) {}
        return isOver
    }

    private func run() {
        var scratch = [UInt8](repeating: 0, count: 64)
        while let watched = turn() {
            var polled = [pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0)]
            polled += watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { while read(wakeUp.reading, &scratch, scratch.count) > 0 {} }
            for entry in polled.dropFirst() where entry.revents != 0 {
                // Looked up again: the handler before this one may have ended the watch.
                state.withLock { $0.handlers[entry.fd] }?()
            }
        }
    }

    /// Closes what is to be closed and returns what is to be watched; nil when the thread is to end.
    private func turn() -> [Int32]? {
        state.withLock { state in
            for descriptor in state.toClose { Foundation.close(descriptor) }
            state.toClose = []
            guard state.isStopped else { return Array(state.handlers.keys) }
            state.isOver = true
            Foundation.close(wakeUp.reading)
            Foundation.close(wakeUp.writing)
            return nil
        }
    }
}
