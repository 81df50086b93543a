import Glibc

/// One end of a stream socket on which lines are exchanged. It owns the descriptor.
final class LineChannel: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Two ends, neither of which a new program inherits.
    static func pair() throws -> (LineChannel, LineChannel) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw BenchError.system("socketpair", errno) }
        return (LineChannel(ends[0]), LineChannel(ends[1]))
    }

    /// Sends a line; false if nobody is there to read it.
    @discardableResult
    func send(_ message: SinkMessage) -> Bool {
        let line = Array((message.line + "\n").utf8)
        return Glibc.send(descriptor, line, line.count, Int32(MSG_NOSIGNAL)) == line.count
    }

    /// Whether a line, or the end, has come `within` that time.
    func isReadable(within milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }

    /// The next message; waits for it. nil at the end, and for a line that is none.
    func receive() -> SinkMessage? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 8_192 {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return SinkMessage(String(decoding: line, as: UTF8.self)) }
            line.append(byte)
        }
        return nil
    }
}
