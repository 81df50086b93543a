import CallCore

/// A way into the telephone network: a peer, and how calls are written for it (configuration `trunks`).
public struct Trunk: Sendable {
    /// How a global number is written (`numbers.format`).
    public enum NumberFormat: String, Sendable {
        /// `sip:+49…@domain;user=phone`
        case sipE164
        /// `tel:+49…`
        case tel
    }

    /// What an INVITE says about reliable responses (RFC 3262, `reliable1xx`).
    public enum Reliable1xx: String, Sendable {
        case supported
        case required
        case off
    }

    /// As in the configuration; for logs.
    public var name: String
    /// Where requests go.
    public var peer: SIPAddress
    /// Host of Request-URI and To.
    public var domain: String
    /// Preloaded Route set, complete URIs; the first one's host is where requests go.
    public var outboundProxy: [String]
    /// A trust domain of RFC 3325: identities are asserted towards it and believed from it.
    public var isTrusted: Bool
    /// How Request-URI and To are written.
    public var numberFormat: NumberFormat
    /// Final responses after which the next trunk is tried (`failover.statuses`).
    public var failoverStatuses: Set<Int>
    /// Without any response, when the next trunk is tried (`failover.noResponse`).
    public var noResponse: Duration
    /// Whether reliable responses are offered or demanded.
    public var reliable1xx: Reliable1xx
    /// Sources of inbound requests.
    public var inbound: [IPNetwork]
    /// What challenges are answered with; nil: none is answered.
    public var credentials: DigestCredentials?
    /// Set where numbers of one plan are written as its telephones dial them, whatever ``numberFormat`` says of the others.
    public var national: NationalNumbers?
    /// Session timers.
    public var sessionTimer = SessionTimerPolicy()
    /// Optional headers.
    public var headers = TrunkHeaders()
    /// How it is registered with; nil: it is not.
    public var registration: TrunkRegistration?

    /// Takes every value as given.
    public init(
        name: String, peer: SIPAddress, domain: String, outboundProxy: [String] = [], isTrusted: Bool = false,
        numberFormat: NumberFormat = .sipE164, failoverStatuses: Set<Int> = [408, 491, 500, 502, 503, 504],
        noResponse: Duration = .seconds(4), reliable1xx: Reliable1xx = .supported, inbound: [IPNetwork] = [],
        credentials: DigestCredentials? = nil, registration: TrunkRegistration? = nil
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
        self.credentials = credentials
        self.registration = registration
    }

    /// Where requests outside a dialog are sent. Over TLS with the name that the peer's certificate must have: its domain's,
    /// where there is one; the address otherwise.
    var nextHop: String {
        if let proxy = outboundProxy.first { return proxy }
        guard peer.transport == .tls, IPNetwork.plainBytes(of: domain) == nil, !domain.hasPrefix("[") else {
            return peer.uri
        }
        return peer.uri(named: domain)
    }
}
