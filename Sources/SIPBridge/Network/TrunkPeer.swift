/// One of a trunk's peers, as the configuration has it (RFC 2782's terms).
public struct TrunkPeer: Sendable, Hashable {
    /// A numeric address, IPv6 without brackets, or a name to be looked up.
    public var host: String
    /// The port; nil: none is given.
    public var port: UInt16?
    /// The transport; nil: none is given.
    public var transport: SIPAddress.Transport?
    /// The lowest is tried first.
    public var priority: UInt16
    /// The share among peers of one priority.
    public var weight: UInt16

    /// Takes every value as given.
    public init(
        host: String, port: UInt16? = nil, transport: SIPAddress.Transport? = nil, priority: UInt16 = 1,
        weight: UInt16 = 100
    ) {
        self.host = host
        self.port = port
        self.transport = transport
        self.priority = priority
        self.weight = weight
    }

    /// A peer with a numeric host.
    public init(_ address: SIPAddress) {
        self.init(host: address.host, port: address.port, transport: address.transport)
    }

    /// Where its requests go if its host is numeric: by UDP and to the default port unless it says otherwise (RFC 3263 §4.1,
    /// §4.2). Nil for a name.
    var address: SIPAddress? {
        guard IPNetwork.plainBytes(of: host) != nil else { return nil }
        let transport = transport ?? .udp
        return SIPAddress(transport: transport, host: host, port: port ?? transport.defaultPort)
    }

    /// As operators know it: `sip:core.example`, `sip:192.0.2.7:5060;transport=udp`.
    var text: String {
        if let address { return address.uri }
        return "sip:\(host)" + (port.map { ":\($0)" } ?? "") + (transport.map { ";transport=\($0.rawValue)" } ?? "")
    }
}

extension SIPAddress.Transport {
    /// RFC 3261 §19.1.2.
    var defaultPort: UInt16 {
        switch self {
        case .udp, .tcp: 5060
        case .tls: 5061
        }
    }
}
