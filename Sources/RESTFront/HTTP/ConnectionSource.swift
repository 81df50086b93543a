import Foundation

/// Whom a connection counts for: an IPv4 address, or a /64 of IPv6, since who has one address of it has them all.
struct ConnectionSource: Hashable {
    private let network: UInt64
    /// Whether it is a loopback address.
    let isLoopback: Bool

    /// - Parameter address: 4 bytes of IPv4 or 16 of IPv6.
    init(_ address: [UInt8]) {
        let isMapped = address.count == 16 && address[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let bytes = isMapped ? Array(address[12...]) : address
        isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        network = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The peer of a socket; nil of a Unix socket, and of one that has no peer any more.
    init?(peerOf descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address: [UInt8]? = withUnsafeMutablePointer(to: &storage) { pointer in
            let isKnown = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length) == 0
            }
            guard isKnown else { return nil }
            switch Int32(pointer.pointee.ss_family) {
            case AF_INET:
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
                }
            case AF_INET6:
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
                }
            default: return nil
            }
        }
        guard let address else { return nil }
        self.init(address)
    }
}

/// How many connections each source has.
struct SourcePlaces {
    /// The most that one may have.
    let most: Int
    private var held: [ConnectionSource: Int] = [:]

    init(most: Int) { self.most = most }

    /// Counts one more; false if there may be no more.
    mutating func take(_ source: ConnectionSource) -> Bool {
        let count = held[source, default: 0]
        guard count < most else { return false }
        held[source] = count + 1
        return true
    }

    /// One that was counted has ended.
    mutating func leave(_ source: ConnectionSource) {
        guard let count = held[source] else { return }
        held[source] = count > 1 ? count - 1 : nil
    }
}
