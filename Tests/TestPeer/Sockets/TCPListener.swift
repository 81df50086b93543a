import Foundation

/// A TCP listener on 127.0.0.1 that hands every accepted connection to a function.
package final class TCPListener: Sendable {
    private let descriptor: Int32
    private let loop: ReadLoop

    /// Listens on `port` and calls `accepted` on the reading thread of `loop`.
    init(port: UInt16, loop: ReadLoop, accepted: @escaping @Sendable (TCPStream) -> Void) throws {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        guard SocketAddress(port: port).withRaw({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 64) == 0 else {
            defer { close(descriptor) }
            throw SocketError("bind and listen on \(port)")
        }
        self.descriptor = descriptor
        self.loop = loop
        loop.watch(descriptor) {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            accepted(TCPStream(taking: connection, loop: loop))
        }
    }

    deinit {
        loop.close(descriptor)
    }
}
