/// Where the API accepts connections.
public enum HTTPListener: Hashable, Sendable, CustomStringConvertible {
    /// A TCP port of an address; port 0 lets the system choose.
    case tcp(IPAddress, port: UInt16)
    /// A socket in the file system, at an absolute path of at most 107 bytes (`sockaddr_un`).
    case unix(path: String)

    /// Whether only this host can connect.
    public var isLocal: Bool {
        switch self {
        case .tcp(let address, _): address.isLoopback
        case .unix: true
        }
    }

    /// As the file writes it.
    public var description: String {
        switch self {
        case .tcp(let address, let port): "\(address.uriText):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Reads `IP:PORT`, `[IPv6]:PORT` or `unix:/PATH`; nil for anything else.
    public init?(_ text: String) {
        do {
            try self.init(text: text)
        } catch {
            return nil
        }
    }

    init(text: String) throws(Refusal) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            guard path.hasPrefix("/"), path.count > 1 else { throw Refusal("has no absolute path") }
            guard path.utf8.count <= 107, !path.utf8.contains(0) else { throw Refusal("has a path over 107 bytes") }
            self = .unix(path: String(path))
        } else {
            let (address, port) = try addressAndPort(text[...])
            self = .tcp(address, port: port)
        }
    }
}

/// The transports SIP is spoken over.
public enum SIPTransport: String, Hashable, Sendable, CaseIterable {
    /// RFC 3261 §18, unreliable.
    case udp
    /// RFC 3261 §18, a stream.
    case tcp
    /// RFC 3261 §26.2, a stream over TLS.
    case tls

    /// The port that stands for itself (RFC 3261 §19.1.2).
    var defaultPort: UInt16 { self == .tls ? 5061 : 5060 }
}

/// Where SIP is received, and from where it is sent: `udp:127.0.0.1:5060`.
public struct SIPListener: Hashable, Sendable, CustomStringConvertible {
    /// The transport bound.
    public let transport: SIPTransport
    /// The address bound.
    public let address: IPAddress
    /// The port bound; 0 lets the system choose.
    public let port: UInt16

    /// As the file writes it.
    public var description: String { "\(transport.rawValue):\(address.uriText):\(port)" }

    /// Reads `udp:HOST:PORT`, `tcp:HOST:PORT` or `tls:HOST:PORT`, HOST a numeric address; nil for anything else.
    public init?(_ text: String) {
        do {
            try self.init(text: text)
        } catch {
            return nil
        }
    }

    init(text: String) throws(Refusal) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Refusal("is not a listener") }
        guard let transport = SIPTransport(rawValue: String(parts[0])) else {
            if ["ws", "wss", "sctp"].contains(parts[0]) { throw .notYet("use udp:, tcp: or tls:") }
            throw Refusal("names no transport")
        }
        self.transport = transport
        (address, port) = try addressAndPort(parts[1])
    }
}

/// Splits `HOST:PORT`, HOST an IPv4 address or an IPv6 address in brackets.
private func addressAndPort(_ text: Substring) throws(Refusal) -> (IPAddress, UInt16) {
    guard let colon = text.lastIndex(of: ":") else { throw Refusal("has no port") }
    guard let port = DecimalText.port(text[text.index(after: colon)...].utf8) else {
        throw Refusal("has no port from 0 to 65535")
    }
    switch Host(String(text[..<colon])) {
    case .address(let address):
        guard !address.isV6 || text.hasPrefix("[") else { throw Refusal("has an IPv6 address without brackets") }
        return (address, port)
    case .name: throw .notYet("a host name: use an IP address")
    case nil: throw Refusal("has no IP address")
    }
}
