import Glibc

/// A numeric IP address. An IPv4 address mapped into IPv6 is the IPv4 address, as peers on a dual-stack socket appear.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Network byte order: 4 bytes (IPv4) or 16 (IPv6).
    public let bytes: [UInt8]

    /// `192.0.2.1` or `2001:db8::1`, without brackets or zone. Host names are nil: nothing is looked up.
    public init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if text.utf8.contains(0) { return nil }
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            let all = withUnsafeBytes(of: v6) { Array($0) }
            bytes = all.starts(with: Self.mappedPrefix) ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    /// `::ffff:0:0/96`, RFC 4291 §2.5.5.2.
    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

    /// Whether this is an IPv6 address.
    public var isV6: Bool { bytes.count == 16 }

    /// `127.0.0.0/8` or `::1`.
    public var isLoopback: Bool {
        isV6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
    }

    /// `0.0.0.0` or `::`: every address of the host, nothing a peer could be told.
    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The shortest form, IPv6 as RFC 5952 has it, without brackets.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isV6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The form for a URI or `host:port`: IPv6 in brackets.
    public var uriText: String { isV6 ? "[\(description)]" : description }
}

/// A network in CIDR notation, RFC 4632 and RFC 4291 §2.3.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The first address; all bits after the prefix are zero.
    public let address: IPAddress
    /// 0 to 32 (IPv4) or 128 (IPv6).
    public let prefixLength: Int

    /// The network of one host.
    public init(_ address: IPAddress) {
        self.address = address
        prefixLength = address.bytes.count * 8
    }

    /// `10.0.0.0/8`, or an address alone.
    init(text: String) throws(Refusal) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else {
            throw Refusal("is not an IP network")
        }
        let width = address.bytes.count * 8
        guard let length = parts.count == 2 ? DecimalText.number(parts[1].utf8) : width, length <= width else {
            throw Refusal("has no prefix length from 0 to \(width)")
        }
        let hasHostBits = address.bytes.enumerated().contains { index, byte in
            let bitsLeft = min(max(length - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xff >> bitsLeft) != 0
        }
        guard !hasHostBits else { throw Refusal("has bits set after its prefix of \(length)") }
        self.address = address
        prefixLength = length
    }

    /// `10.0.0.0/8`.
    public var description: String { "\(address)/\(prefixLength)" }
}

/// The host part of a SIP URI: a numeric address or a name. Safe to put into a header as it is.
public enum Host: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address.
    case address(IPAddress)
    /// A host name by RFC 3261 §25.1, in lower case, at most 253 bytes. Not looked up.
    case name(String)

    /// An address (IPv6 with or without brackets) or a name; nil for anything else.
    init?(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if let address = IPAddress(isBracketed ? String(text.dropFirst().dropLast()) : text) {
            guard !isBracketed || address.isV6 || text.contains(":") else { return nil }
            self = .address(address)
        } else if !isBracketed, Self.isName(text) {
            self = .name(text.lowercased())
        } else {
            return nil
        }
    }

    /// The form for a URI: IPv6 in brackets.
    public var description: String {
        switch self {
        case .address(let address): address.uriText
        case .name(let name): name
        }
    }

    /// Labels of letters, digits and inner hyphens; the last one begins with a letter, so no number is a name.
    private static func isName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let top = labels.last?.first, isLetter(top) else { return false }
        return labels.allSatisfy { label in
            guard (1...63).contains(label.count) else { return false }
            let hyphen = UInt8(ascii: "-")
            return label.first != hyphen && label.last != hyphen
                && DecimalText.isDigits(label.filter { !isLetter($0) && $0 != hyphen })
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
