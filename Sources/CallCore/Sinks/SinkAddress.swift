#if canImport(Glibc)
import Glibc
#endif

/// A numeric IP address that a sink's host is, or resolves to.
public struct SinkAddress: Hashable, Sendable {
    /// The address's bits, IPv4 in the lowest 32 of `low`.
    let high: UInt64
    let low: UInt64
    /// Whether it is an IPv6 address; one that carries an IPv4 address still is.
    public let isV6: Bool

    /// An IPv4 address in host byte order.
    public init(v4: UInt32) {
        high = 0
        low = UInt64(v4)
        isV6 = false
    }

    /// An IPv6 address, its first and its last 64 bits in host byte order.
    public init(v6 high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
        isV6 = true
    }

    /// `192.0.2.1` or `2001:db8::1`, without brackets or zone; anything else is nil.
    public init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let halves = withUnsafeBytes(of: v6) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(v6: UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1))
    }

    /// The IPv4 address inside `::ffff:0:0/96` (RFC 4291 §2.5.5.2); nil for any other.
    var mapped: SinkAddress? {
        isV6 && high == 0 && low >> 32 == 0xFFFF ? SinkAddress(v4: UInt32(truncatingIfNeeded: low)) : nil
    }

    /// The IPv4 address inside `64:ff9b::/96`, behind an operator's NAT64 (RFC 6052 §2.1); nil for any other.
    var translated: SinkAddress? {
        isV6 && high == 0x0064_FF9B_0000_0000 && low >> 32 == 0
            ? SinkAddress(v4: UInt32(truncatingIfNeeded: low)) : nil
    }

    /// Whether it is an address of the public Internet: nothing private, local, shared or reserved (the IANA
    /// special-purpose registries, RFC 6890). An IPv4 address mapped into IPv6 is not: no name server has a reason to give one.
    public var isPublic: Bool {
        if let translated { return translated.isPublic }
        if isV6 {
            return SinkAddress.globalUnicast.contains(self) && !SinkAddress.specialV6.contains { $0.contains(self) }
        }
        return !SinkAddress.specialV4.contains { $0.contains(self) }
    }

    private static let specialV4: [SinkNetwork] = [
        "0.0.0.0/8",  // this network, the unspecified address
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private, RFC 1918
        "100.64.0.0/10",  // shared by carriers, RFC 6598
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local, and the metadata services of clouds
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "198.18.0.0/15",  // benchmarks
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, broadcast
    ].compactMap(SinkNetwork.init)

    /// All that IANA has given out as global unicast; what lies outside is local, multicast, mapped or reserved.
    private static let globalUnicast = SinkNetwork(prefix: SinkAddress(v6: 0x2000_0000_0000_0000, 0), length: 3)
    private static let specialV6: [SinkNetwork] = [
        "2001::/23",  // protocol assignments, Teredo among them
        "2001:db8::/32", "3fff::/20",  // documentation
        "2002::/16",  // 6to4: carries any IPv4 address
    ].compactMap(SinkNetwork.init)
}

/// A network in CIDR form, or one address: `127.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
public struct SinkNetwork: Hashable, Sendable {
    private let prefix: SinkAddress
    /// Bits that must agree.
    public let length: Int

    /// Nil unless `text` is a numeric address with an optional prefix length that fits it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SinkAddress(String(parts[0])) else { return nil }
        let bits = address.isV6 ? 128 : 32
        var length = bits
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy(\.isASCIIDigit), let given = Int(parts[1]), given <= bits else { return nil }
            length = given
        }
        self.init(prefix: address, length: length)
    }

    init(prefix: SinkAddress, length: Int) {
        self.prefix = prefix
        self.length = length
    }

    /// Whether `address` lies in the network; IPv4 and IPv6 do not match each other.
    public func contains(_ address: SinkAddress) -> Bool {
        guard address.isV6 == prefix.isV6 else { return false }
        // The bits that may differ, counted from the lowest. A shift by 64 or more gives 0.
        let free = (prefix.isV6 ? 128 : 32) - length
        return (address.high ^ prefix.high) >> max(0, free - 64) == 0
            && (free >= 64 || (address.low ^ prefix.low) >> free == 0)
    }
}
