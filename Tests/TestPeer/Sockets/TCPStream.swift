import Foundation
import Synchronization

/// One TCP connection whose bytes are handed to a function on a shared reading thread.
package final class TCPStream: Sendable {
    private let descriptor: Int32
    private let loop: ReadLoop
    private let isOpen = Mutex(true)

    /// Connects to `address`, from the address `source` if one is given; a refusal throws.
    convenience init(to address: SocketAddress, from source: String? = nil, loop: ReadLoop) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        if let source, SocketAddress(host: source, port: 0).withRaw({ bind(descriptor, $0, $1) }) != 0 {
            defer { Foundation.close(descriptor) }
            throw SocketError("bind \(source)")
        }
        guard address.withRaw({ connect(descriptor, $0, $1) }) == 0 else {
            defer { Foundation.close(descriptor) }
            throw SocketError("connect to \(address)")
        }
        self.init(taking: descriptor, loop: loop)
    }

    /// Takes over a connected socket.
    init(taking descriptor: Int32, loop: ReadLoop) {
        self.descriptor = descriptor
        self.loop = loop
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // A peer that stops reading must not hold a test for ever.
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close() }

    /// Calls `receive` with what comes, and with nil once when the other side has closed.
    func start(_ receive: @escaping @Sendable ([UInt8]?) -> Void) {
        let descriptor = descriptor
        loop.watch(descriptor) { [weak self] in
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let received = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if received < 0 { failure = errno }
                count = max(0, received)
            }
            if failure == EAGAIN || failure == EINTR { return }
            if bytes.isEmpty {
                self?.loop.forget(descriptor)
                receive(nil)
            } else {
                receive(bytes)
            }
        }
    }

    /// Sends all of `bytes`; false if the connection is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        guard isOpen.withLock({ $0 }) else { return false }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Closes the connection at once.
    package func close() {
        guard
            isOpen.withLock({ open in
                defer { open = false }; return open
            })
        else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        loop.close(descriptor)
    }
}
