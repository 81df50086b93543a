/// The URL of a service that the gateway asks: https, or http to a loopback address.
///
/// The grammar is RFC 3986's, taken strictly: what two parsers could read differently is refused, because what is
/// checked here is connected to by another library.
public struct ServiceURL: Hashable, Sendable, CustomStringConvertible {
    /// As the file writes it.
    public let text: String
    /// The host, a name in lower case.
    public let host: Host

    /// The longest URL taken, in bytes.
    static let maximumBytes = 2_048

    /// As the file writes it, without a query: that may hold a secret.
    public var description: String { String(text.prefix { $0 != "?" }) }

    init(text: String) throws(Refusal) {
        guard text.utf8.count <= Self.maximumBytes else { throw Refusal("is longer than \(Self.maximumBytes) bytes") }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http", text.dropFirst(scheme.count).hasPrefix("://") else {
            throw Refusal("is no https URL")
        }
        guard Self.isWellFormed(Array(text.utf8)) else {
            throw Refusal("has a character that a URL here cannot have")
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw Refusal("has user information") }
        let hostEnd =
            authority.hasPrefix("[")
            ? authority.firstIndex(of: "]").map(authority.index(after:)) ?? authority.endIndex
            : authority.firstIndex(of: ":") ?? authority.endIndex
        guard let host = Host(String(authority[..<hostEnd])) else { throw Refusal("has no host") }
        if case .address(let address) = host {
            guard !address.isUnspecified, address.isV6 == authority.hasPrefix("[") else { throw Refusal("has no host") }
        }
        let port = authority[hostEnd...]
        guard port.isEmpty || port.hasPrefix(":") && (DecimalText.port(port.dropFirst().utf8) ?? 0) > 0 else {
            throw Refusal("has no port from 1 to 65535")
        }
        if scheme == "http" {
            guard case .address(let address) = host, address.isLoopback else {
                throw Refusal("is http, which only a loopback address may have")
            }
        }
        self.text = text
        self.host = host
    }

    /// RFC 3986 §2 without a fragment: visible ASCII but for what that leaves out, a percent sign only before two
    /// hexadecimal digits.
    private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        bytes.enumerated().allSatisfy { index, byte in
            if byte == UInt8(ascii: "%") {
                let digits = bytes.dropFirst(index + 1).prefix(2)
                return digits.count == 2 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            }
            return (0x21...0x7e).contains(byte) && !"#\"<>\\^`{|}".utf8.contains(byte)
        }
    }
}
