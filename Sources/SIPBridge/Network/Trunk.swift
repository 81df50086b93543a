/// A way into the telephone network: a peer, and how calls are written for it (configuration `trunks`).
public struct Trunk: Sendable {
    public enum NumberFormat: String, Sendable {
        /// `sip:+49…@domain;user=phone`
        case sipE164
        /// `tel:+49…`
        case tel
    }

    public enum Reliable1xx: String, Sendable {
        case supported
        case required
        case off
    }

    public var name: String
    public var peer: SIPAddress
    /// Host of Request-URI and To.
    public var domain: String
    /// Preloaded Route set, complete URIs; the first one's host is where requests go.
    public var outboundProxy: [String]
    /// A trust domain of RFC 3325: identities are asserted towards it and believed from it.
    public var isTrusted: Bool
    public var numberFormat: NumberFormat
    public var failoverStatuses: Set<Int>
    public var noResponse: Duration
    public var reliable1xx: Reliable1xx
    /// Sources of inbound requests.
    public var inbound: [IPNetwork]

    public init(
        name: String, peer: SIPAddress, domain: String, outboundProxy: [String] = [], isTrusted: Bool = false,
        numberFormat: NumberFormat = .sipE164, failoverStatuses: Set<Int> = [408, 491, 500, 502, 503, 504],
        noResponse: Duration = .seconds(4), reliable1xx: Reliable1xx = .supported, inbound: [IPNetwork] = []
    ) {
        self.name = name
        self.peer = peer
        self.domain = domain
        self.outboundProxy = outboundProxy
        self.isTrusted = isTrusted
        self.numberFormat = numberFormat
        self.failoverStatuses = failoverStatuses
        self.noResponse = noResponse
        self.reliable1xx = reliable1xx
        self.inbound = inbound
    }

    /// Where requests outside a dialog are sent.
    var nextHop: String { outboundProxy.first ?? peer.uri }
}
