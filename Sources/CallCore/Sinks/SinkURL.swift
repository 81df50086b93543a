/// Where a subscription's events go: an absolute https URL, checked once and then kept as the client wrote it.
///
/// The grammar is RFC 3986's, taken strictly: what two parsers could read differently is refused, because what was
/// checked here is connected to by another library. The full text may hold a client's secret in its path or query: it
/// prints as its origin only.
public struct SinkURL: Hashable, Sendable, CustomStringConvertible {
    /// As the client wrote it.
    public let text: String
    /// Lower case, without brackets and without a final dot.
    public let host: String
    /// As given, or 443.
    public let port: UInt16
    /// The address, if the host is one.
    public let address: SinkAddress?

    /// The longest URL taken.
    public static let maximumBytes = 2_048

    /// Parses `text`. Whether its host may be connected to is ``SinkAllowList``'s question.
    /// - Throws: ``InvalidSink`` saying what is wrong.
    public init(_ text: String) throws(InvalidSink) {
        let bytes = Array(text.utf8)
        guard bytes.count <= SinkURL.maximumBytes else { throw .tooLong }
        let scheme = Array("https://".utf8)
        guard bytes.count > scheme.count, zip(bytes, scheme).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 }) else {
            throw .notHTTPS
        }
        if bytes.contains(UInt8(ascii: "#")) { throw .fragment }
        guard SinkURL.isWellFormed(bytes) else { throw .malformed }
        let rest = bytes[scheme.count...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        if authority.contains(UInt8(ascii: "@")) { throw .userInformation }

        let hostEnd: Int
        if authority.first == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .host }
            let inner = String(decoding: authority[(authority.startIndex + 1)..<bracket], as: UTF8.self)
            guard let address = SinkAddress(inner), address.isV6 else { throw .host }
            self.address = address
            host = inner.lowercased()
            hostEnd = bracket + 1
        } else {
            hostEnd = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            var name = authority[..<hostEnd]
            if name.last == UInt8(ascii: ".") { name = name.dropLast() }
            host = String(decoding: name, as: UTF8.self).lowercased()
            address = SinkAddress(host)
            guard address != nil || SinkURL.isName(name) else { throw .host }
        }
        port = try SinkURL.port(authority[hostEnd...])
        self.text = text
    }

    /// `host:port`: what connections, TLS and outages belong to.
    public var origin: String { address?.isV6 == true ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// `https://host:port`, without path and query.
    public var description: String { "https://\(origin)" }

    /// RFC 3986 characters only, percent signs only before two hexadecimal digits.
    private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, bytes[index + 1].hexDigitValue != nil,
                    bytes[index + 2].hexDigitValue != nil
                else { return false }
            case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
                UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                return false
            default:
                guard (0x21...0x7E).contains(byte) else { return false }
            }
        }
        return true
    }

    /// A host name of RFC 1123 §2.1. One whose last label begins with a digit is refused: other parsers take `127.1`,
    /// `0x7f.1` and `2130706433` for addresses.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(bytes.count) else { return false }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.last?.first?.isASCIILetter == true else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
        }
    }

    private static func port(_ bytes: ArraySlice<UInt8>) throws(InvalidSink) -> UInt16 {
        if bytes.isEmpty { return 443 }
        let digits = bytes.dropFirst()
        guard bytes.first == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(\.isASCIIDigit),
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
        else { throw .port }
        return port
    }
}

/// Why a sink is refused: CAMARA's `INVALID_SINK`. The description ends a sentence that begins with "sink".
public enum InvalidSink: Error, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    case tooLong
    case notHTTPS
    case malformed
    case userInformation
    case fragment
    case host
    case port
    /// The host is an address or a name that is not of the public Internet, and not allow-listed.
    case notPublic

    /// The end of a sentence that begins with "sink".
    public var description: String {
        switch self {
        case .tooLong: "must not be longer than \(SinkURL.maximumBytes) bytes"
        case .notHTTPS: "must be an absolute URL that begins with https://"
        case .malformed: "must have the characters of RFC 3986 only, others percent-encoded"
        case .userInformation: "must not have user information; use sinkCredential"
        case .fragment: "must not have a fragment"
        case .host: "must have a host name (internationalised ones in their xn-- form) or an IP address"
        case .port: "must have a port between 1 and 65535, or none"
        case .notPublic: "must not be at a private, local or reserved address"
        }
    }
}
