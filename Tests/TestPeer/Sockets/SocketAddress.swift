import Foundation

/// An IPv4 address and port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// Dotted decimal.
    package let host: String
    package let port: UInt16

    /// Loopback unless `host` says otherwise.
    package init(host: String = "127.0.0.1", port: UInt16) {
        self.host = host
        self.port = port
    }

    init(_ raw: sockaddr_in) {
        var address = raw.sin_addr
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        inet_ntop(AF_INET, &address, &text, socklen_t(INET_ADDRSTRLEN))
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.init(host: String(decoding: bytes, as: UTF8.self), port: UInt16(bigEndian: raw.sin_port))
    }

    package var description: String { "\(host):\(port)" }

    /// Calls `body` with the address as the system calls want it.
    func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &raw.sin_addr)
        return withUnsafePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The address `socket` is bound to.
    static func local(of socket: Int32) throws -> SocketAddress {
        var raw = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard result == 0 else { throw SocketError("getsockname") }
        return SocketAddress(raw)
    }
}
