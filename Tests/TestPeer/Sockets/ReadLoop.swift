import Foundation
import Synchronization

/// One thread that waits on many descriptors and calls a function for each that can be read.
final class ReadLoop: Sendable {
    private struct State {
        var handlers: [Int32: @Sendable () -> Void] = [:]
        var isStopped = false
    }

    private let wakeUp: (reading: Int32, writing: Int32)
    private let state = Mutex(State())

    /// Starts the thread.
    init(name: String) throws {
        wakeUp = try ReadLoop.pipe()
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.start()
    }

    /// Calls `handler` on the loop's thread whenever `descriptor` is readable. It must not block.
    func watch(_ descriptor: Int32, _ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.handlers[descriptor] = handler }
        wake()
    }

    /// Ends ``watch(_:_:)``; before the descriptor is closed.
    func forget(_ descriptor: Int32) {
        state.withLock { _ = $0.handlers.removeValue(forKey: descriptor) }
    }

    /// Ends the thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// A pipe that no child inherits and whose reading end never blocks.
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw SocketError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    private func wake() {
        _ = write(wakeUp.writing, [0], 1)
    }

    private func run() {
        var scratch = [UInt8](repeating: 0, count: 64)
        while true {
            let (watched, isStopped) = state.withLock { (Array($0.handlers.keys), $0.isStopped) }
            if isStopped { break }
            var polled = [pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0)]
            polled += watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { while read(wakeUp.reading, &scratch, scratch.count) > 0 {} }
            for entry in polled.dropFirst() where entry.revents != 0 {
                // Looked up again: the handler before this one may have ended the watch.
                state.withLock { $0.handlers[entry.fd] }?()
            }
        }
        close(wakeUp.reading)
        close(wakeUp.writing)
    }
}
