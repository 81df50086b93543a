/// A SIP URI of the configuration: a peer or a proxy, without a user part (RFC 3261 §19.1).
public struct SIPURI: Hashable, Sendable, CustomStringConvertible {
    /// The host.
    public var host: Host
    /// The port; with a numeric host 5060, over TLS 5061, unless the URI has one (RFC 3261 §19.1.2). Nil: the host's name
    /// tells (RFC 3263 §4.2).
    public var port: UInt16?
    /// The transport; with a numeric host UDP unless the URI has one. Nil: the host's name tells (RFC 3263 §4.1).
    public var transport: SIPTransport?
    /// Whether this is an entry of a Route set, written with `lr` (RFC 3261 §16.12.1).
    public var isRoute: Bool

    /// The full form: `sip:192.0.2.1:5060;transport=udp`, with `;lr` for a route. Needs no escaping in a header.
    public var description: String {
        var text = "sip:\(host)"
        if let port { text += ":\(port)" }
        if let transport { text += ";transport=\(transport.rawValue)" }
        return isRoute ? text + ";lr" : text
    }

    /// Reads a URI. With `isRoute`, `lr` is implied and may be written; without, it is refused.
    init(text: String, isRoute: Bool) throws(Refusal) {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme != "sips" else { throw .notYet("use sip: with transport=tls") }
        guard scheme == "sip", text.contains(":") else { throw Refusal("is not a SIP URI") }
        var parts = text.dropFirst(4).split(separator: ";", omittingEmptySubsequences: false)[...]
        let hostPort = parts.removeFirst()
        guard !hostPort.contains("@") else { throw Refusal("has a user part") }
        guard !text.contains("?") else { throw Refusal("has headers") }

        let namedPort: UInt16?
        (host, namedPort) = try Self.hostAndPort(hostPort)
        self.isRoute = isRoute
        var named: SIPTransport?
        var hasRouteMark = false
        for parameter in parts {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = pair.first?.lowercased() ?? ""
            let value = pair.count == 2 ? pair[1].lowercased() : nil
            switch (name, value) {
            case ("transport", let value?) where named == nil:
                guard let transport = SIPTransport(rawValue: value) else {
                    if ["ws", "wss", "sctp"].contains(value) { throw .notYet("use transport=udp, tcp or tls") }
                    throw Refusal("names no transport")
                }
                named = transport
            case ("lr", nil) where isRoute && !hasRouteMark:
                hasRouteMark = true
            default:
                throw Refusal("has a parameter that is unknown, given twice or without its value")
            }
        }
        transport = named
        port = namedPort
        guard case .address = host else { return }
        transport = named ?? .udp
        port = namedPort ?? (named ?? .udp).defaultPort
    }

    private static func hostAndPort(_ text: Substring) throws(Refusal) -> (Host, UInt16?) {
        let hostEnd: Substring.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { throw Refusal("has no closing bracket") }
            hostEnd = text.index(after: bracket)
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        guard let host = Host(String(text[..<hostEnd])) else { throw Refusal("has no host") }
        if case .address(let address) = host, address.isUnspecified { throw Refusal("has no host a request can reach") }
        let rest = text[hostEnd...]
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.hasPrefix(":"), let port = DecimalText.port(rest.dropFirst().utf8), port > 0 else {
            throw Refusal("has no port from 1 to 65535")
        }
        return (host, port)
    }
}
