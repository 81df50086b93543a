import Foundation
import Synchronization

/// A datagram socket on 127.0.0.1 whose datagrams are handed to a function on a thread of its own.
package final class UDPSocket: Sendable {
    /// Where it is bound.
    package let address: SocketAddress
    private let descriptor: Int32
    private let loop: ReadLoop
    private let isClosed = Atomic(false)

    /// Binds to `host` and `port` (0: any free one).
    package init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        var size: Int32 = 8 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        guard SocketAddress(host: host, port: port).withRaw({ bind(descriptor, $0, $1) }) == 0 else {
            defer { Foundation.close(descriptor) }
            throw SocketError("bind \(host):\(port)")
        }
        self.descriptor = descriptor
        address = try SocketAddress.local(of: descriptor)
        loop = try ReadLoop(name: "udp \(address.port)")
    }

    /// Calls `receive` on the reading thread for every datagram from now on.
    package func start(_ receive: @escaping @Sendable (_ datagram: [UInt8], _ source: SocketAddress) -> Void) {
        let descriptor = descriptor
        loop.watch(descriptor) {
            // A bounded number at a time, so that stop() is heard even in a flood.
            for _ in 0..<256 {
                guard let (datagram, source) = UDPSocket.receive(from: descriptor) else { return }
                receive(datagram, source)
            }
        }
    }

    /// Frees the port, soon. Nothing is received or sent any more.
    package func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        loop.close(descriptor)
        loop.stop()
    }

    deinit { close() }

    /// Sends one datagram; loopback does not lose it while the receiver's buffer has room.
    @discardableResult
    package func send(_ bytes: [UInt8], to destination: SocketAddress) -> Bool {
        guard !isClosed.load(ordering: .acquiring) else { return false }
        return destination.withRaw { sendto(descriptor, bytes, bytes.count, 0, $0, $1) } == bytes.count
    }

    private static func receive(from descriptor: Int32) -> (datagram: [UInt8], source: SocketAddress)? {
        var source = sockaddr_in()
        let datagram = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let received = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
                }
            }
            count = max(0, received)
        }
        // An empty datagram says nothing; it reads like "no datagram", and the loop comes back for the rest.
        return datagram.isEmpty ? nil : (datagram, SocketAddress(source))
    }
}
