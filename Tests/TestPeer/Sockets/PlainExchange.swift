import Foundation

/// One message each way over a connection of its own, blocking.
package enum PlainExchange {
    /// Sends `text` to a port of the loopback, from the loopback address `source` if one is given, and returns what comes until
    /// the first empty line, the end or a reset.
    package static func send(_ text: String, to port: UInt16, from source: String? = nil) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        defer { close(descriptor) }
        if let source, SocketAddress(host: source, port: 0).withRaw({ bind(descriptor, $0, $1) }) != 0 {
            throw SocketError("bind \(source)")
        }
        guard SocketAddress(port: port).withRaw({ connect(descriptor, $0, $1) }) == 0 else {
            throw SocketError("connect to port \(port)")
        }
        var limit = timeval(tv_sec: Patience.seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(text.utf8)
        _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: answer, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(descriptor, &block, block.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { throw SocketError("answer on port \(port)") }
            if count <= 0 { break }
            answer += block.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
