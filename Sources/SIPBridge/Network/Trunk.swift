import CallCore

/// A way into the telephone network: a peer, and how calls are written for it (configuration `trunks`).
public struct Trunk: Sendable, Equatable {
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
    /// Where requests go: 1 or more.
    public var peers: [TrunkPeer]
    /// Host of Request-URI and To.
    public var domain: String
    /// Preloaded Route set, complete URIs.
    public var outboundProxy: [String]
    /// The first of ``outboundProxy``, where all requests go then; nil: to the peers.
    public var proxy: TrunkPeer?
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
    /// How long a peer that fails is left alone by new calls (`failover.cooldown`); zero: never.
    public var cooldown = Duration.seconds(30)
    /// How the peers are probed.
    var health = PeerHealth.Rules(interval: 0, timeout: 4_000_000_000, down: 3, up: 1)
    /// Calls at once, in both directions (`limits.calls`); nil: any number.
    public var maximumCalls: Int?
    /// Calls a second that applications make by it (`limits.callsPerSecond`); nil: any number.
    public var callsPerSecond: Int?
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
    /// The addresses that the peers' names lead to are sources too.
    public var inboundIncludesPeers = false

    /// Challenges of the peer are answered, for the trunk or for some number.
    var hasCredentials: Bool { credentials != nil || registration?.accounts.isEmpty == false }

    /// Takes every value as given.
    /// - Parameter peer: in place of `peers`, one with a numeric host.
    public init(
        name: String, peer: SIPAddress? = nil, peers: [TrunkPeer] = [], domain: String, outboundProxy: [String] = [],
        isTrusted: Bool = false,
        numberFormat: NumberFormat = .sipE164, failoverStatuses: Set<Int> = [408, 491, 500, 502, 503, 504],
        noResponse: Duration = .seconds(4), reliable1xx: Reliable1xx = .supported, inbound: [IPNetwork] = [],
        credentials: DigestCredentials? = nil, registration: TrunkRegistration? = nil
    ) {
        self.name = name
        self.peers = peer.map { [TrunkPeer($0)] } ?? peers
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

    /// How the peers are probed with OPTIONS (`health`). Off unless this is called.
    /// - Parameters:
    ///   - interval: from one probe to the next; zero: none is sent.
    ///   - timeout: how long an answer is waited for.
    ///   - down: failed probes in a row until a peer is down.
    ///   - up: answered ones until it is up again.
    public mutating func probe(every interval: Duration, timeout: Duration, down: Int, up: Int) {
        health = PeerHealth.Rules(
            interval: interval.nanoseconds, timeout: timeout.nanoseconds, down: max(1, down), up: max(1, up))
    }
}
