import Foundation
import Synchronization

/// The output of a child process, line by line. It keeps the last lines only.
final class ProcessLog: Sendable {
    private struct State {
        var lines: [String] = []
        var partial: [UInt8] = []
        var awaited: [(wants: @Sendable (String) -> Bool, mailbox: Mailbox<String>)] = []
    }

    private static let kept = 400
    /// For the child.
    let handle: FileHandle
    private let reading: Int32
    private let loop: ReadLoop
    private let state = Mutex(State())

    init() throws {
        let ends = try ReadLoop.pipe()
        reading = ends.reading
        handle = FileHandle(fileDescriptor: ends.writing, closeOnDealloc: false)
        loop = try ReadLoop(name: "gateway log")
    }

    /// To be called once the child has its end of the pipe.
    func started() {
        close(handle.fileDescriptor)
        loop.watch(reading) { [weak self, reading, loop] in
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let received = read(reading, buffer.baseAddress, buffer.count)
                if received < 0 { failure = errno }
                count = max(0, received)
            }
            if failure == EAGAIN || failure == EINTR { return }
            guard !bytes.isEmpty else {
                loop.close(reading)
                loop.stop()
                return
            }
            self?.take(bytes)
        }
    }

    /// The lines kept.
    var tail: String { state.withLock { $0.lines }.joined(separator: "\n") }

    /// A mailbox for the first line from now on that `wants` accepts.
    func next(where wants: @escaping @Sendable (String) -> Bool) -> Mailbox<String> {
        let mailbox = Mailbox<String>()
        state.withLock { $0.awaited.append((wants, mailbox)) }
        return mailbox
    }

    private func take(_ bytes: [UInt8]) {
        let found = state.withLock { state -> [(Mailbox<String>, String)] in
            var found: [(Mailbox<String>, String)] = []
            state.partial += bytes
            while let newline = state.partial.firstIndex(of: 10) {
                let line = String(decoding: state.partial[..<newline], as: UTF8.self)
                state.partial.removeFirst(newline + 1)
                state.lines.append(line)
                while let index = state.awaited.firstIndex(where: { $0.wants(line) }) {
                    found.append((state.awaited.remove(at: index).mailbox, line))
                }
            }
            let surplus = state.lines.count - ProcessLog.kept
            if surplus > 0 { state.lines.removeFirst(surplus) }
            return found
        }
        for (mailbox, line) in found { mailbox.put(line) }
    }
}
