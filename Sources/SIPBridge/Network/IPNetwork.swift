#if canImport(Glibc)
import Glibc
#endif

/// A network in CIDR form, or one address: `127.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
public struct IPNetwork: Sendable, Hashable {
    private let bytes: [UInt8]
    /// Bits that must agree.
    public let prefixLength: Int

    /// Nil unless `text` is a numeric address with an optional prefix length that fits it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = IPNetwork.bytes(of: String(parts[0])) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            // Digits alone: Int would take a sign too.
            guard parts[1].utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
                let given = Int(parts[1]), (0...length).contains(given)
            else { return nil }
            length = given
        }
        self.bytes = bytes
        self.prefixLength = length
    }

    /// Whether the numeric `address` lies in the network. IPv4 and IPv6 do not match each other; an IPv4 address in IPv6's
    /// form (`::ffff:192.0.2.7`, RFC 4291 §2.5.5.2), as a listener for both sees it, is an IPv4 address.
    public func contains(_ address: String) -> Bool {
        IPNetwork.plainBytes(of: address).map(contains) ?? false
    }

    /// The same of an address taken apart by ``plainBytes(of:)``.
    func contains(_ other: [UInt8]) -> Bool {
        guard other.count == bytes.count else { return false }
        let whole = prefixLength / 8
        guard other[..<whole].elementsEqual(bytes[..<whole]) else { return false }
        let rest = prefixLength % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return other[whole] & mask == bytes[whole] & mask
    }

    /// The 4 or 16 bytes of a numeric address, for many networks to look at; nil for any other text.
    static func plainBytes(of address: String) -> [UInt8]? {
        guard var bytes = bytes(of: address) else { return nil }
        if bytes.count == 16, bytes.starts(with: mappedPrefix) { bytes.removeFirst(12) }
        return bytes
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private static func bytes(of text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return withUnsafeBytes(of: &v6) { Array($0) } }
        return nil
    }
}
