/// Where SIP is sent to or received at: a transport, a numeric host and a port.
public struct SIPAddress: Sendable, Hashable {
    /// The transports served.
    public enum Transport: String, Sendable { case udp, tcp, tls }

    /// UDP, TCP, or TLS over TCP.
    public var transport: Transport
    /// Numeric; an IPv6 address without brackets.
    public var host: String
    /// 0 as a listener asks for an ephemeral port.
    public var port: UInt16

    /// Takes every value as given.
    public init(transport: Transport, host: String, port: UInt16) {
        self.transport = transport
        self.host = host
        self.port = port
    }

    var hostInURI: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

    /// `sip:192.0.2.7:5060;transport=udp`
    public var uri: String { "sip:\(hostInURI):\(port);transport=\(transport.rawValue)" }

    /// The same under the name that its certificate must have (RFC 5922): the address is where it is sent to.
    func uri(named name: String) -> String { "sip:\(name):\(port);maddr=\(hostInURI);transport=\(transport.rawValue)" }
}
