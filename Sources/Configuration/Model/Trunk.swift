extension Configuration {
    /// One way into the network.
    public struct Trunk: Equatable, Sendable {
        /// Distinct among the trunks; letters, digits, `.`, `_`, `-`.
        public var name: String
        /// Where requests go, 1 to 16, distinct, with a transport `sip.listen` has.
        public var peers: [Peer]
        /// The host of Request-URI and To: `domain`, else the first peer's host.
        public var domain: Host
        /// The preloaded Route set, in order; requests go to the first entry.
        public var outboundProxy: [SIPURI]
        /// Whether the peer belongs to the trust domain of RFC 3325: only then is identity asserted or believed.
        public var isTrusted: Bool
        /// How numbers are written towards the peer.
        public var numberFormat: NumberFormat
        /// When the next peer, or the next trunk of the route, is tried.
        public var failover: Failover
        /// How the peers are probed.
        public var health: PeerHealth
        /// What the trunk carries.
        public var limits: TrunkLimits
        /// The networks inbound requests of this trunk come from: `inbound.from`, else the numeric addresses of the peers
        /// and the first proxy.
        public var inboundNetworks: [IPNetwork]
        /// `inbound.from` is left out: the addresses that the peers' names lead to belong to the networks too.
        public var inboundIncludesPeers: Bool
        /// What is said about reliable provisional responses (RFC 3262).
        public var reliable1xx: Reliable1xx
        /// What happens to the SDP.
        public var media: Media
        /// What digest challenges are answered with; nil: none is.
        public var credentials: TrunkCredentials?
        /// How it is registered with; nil: it is not.
        public var register: Register?
        /// With the format `national`, and only then: how it writes numbers.
        public var national: NationalNumbers?
        /// What a description in an 18x without P-Early-Media is for.
        public var earlyMedia = EarlyMedia.play
        /// RFC 4028.
        public var sessionTimer = SessionTimer(expires: .zero, minimum: .seconds(90))
        /// Headers that not every peer wants.
        public var headers = TrunkHeaders(passed: [], mmtel: false, location: false)
    }

    /// An account at a trunk (RFC 7616).
    public struct TrunkCredentials: Equatable, Sendable {
        /// The account's name.
        public var username: String
        /// Its password.
        public var password: Secret
        /// The only realm that may ask for them; nil only as long as their trunk is not known.
        public var realm: String?
    }

    /// Registration with a trunk (RFC 3261 §10).
    public struct Register: Equatable, Sendable {
        /// What is registered; never `none`.
        public var mode: RegisterMode
        /// The user of the trunk's own address of record; empty where numbers are registered.
        public var user: String
        /// What is asked for of the trunk's own.
        public var expires: Duration
        /// What the numbers with an account start with; empty: all.
        public var numbers: [String]
        /// Credentials of the numbers' own, by number; where there are any, no other number has an account.
        public var accounts: [String: TrunkCredentials]
        /// The longest pause after a first failure.
        public var retry: Duration
    }

    /// What is registered with a trunk.
    public enum RegisterMode: String, Equatable, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// The trunk.
        case trunk
        /// Each number that devices are registered for.
        case account
    }

    /// One address of a trunk (RFC 2782's terms).
    public struct Peer: Equatable, Sendable {
        /// Where requests go.
        public var uri: SIPURI
        /// The lowest value is used first; 0 to 65535.
        public var priority: Int
        /// The share among peers of equal priority; 0 to 65535.
        public var weight: Int
    }

    /// How a number becomes a Request-URI.
    public enum NumberFormat: String, Equatable, Sendable, CaseIterable {
        /// `sip:+number@domain;user=phone`
        case sipE164 = "sip-e164"
        /// `tel:+number` (RFC 3966)
        case tel
        /// `sip:number@domain`, as the peer dials at home; numbers of other countries as `sip-e164`.
        case national
    }

    /// When a call goes on to the next peer, or the next trunk of its route. Never after a callee has been rung.
    public struct Failover: Equatable, Sendable {
        /// Final responses that do it; 400 to 599 but 486 and 487.
        public var statuses: [Int]
        /// How long no response at all is waited for; at most Timer B.
        public var noResponse: Duration
        /// How long new calls leave a peer alone that has failed; zero: not at all.
        public var cooldown: Duration
    }

    /// Probing the peers with OPTIONS.
    public struct PeerHealth: Equatable, Sendable {
        /// From one probe of a peer to the next; zero: none is sent.
        public var interval: Duration
        /// How long an answer is waited for.
        public var timeout: Duration
        /// Failed probes in a row until a peer is down.
        public var down: Int
        /// Answered ones in a row until it is up again.
        public var up: Int
    }

    /// What a trunk carries; nil: any number.
    public struct TrunkLimits: Equatable, Sendable {
        /// Calls at once, in both directions.
        public var calls: Int?
        /// Calls that applications make by it in a second.
        public var callsPerSecond: Int?
    }

    /// RFC 3262.
    public enum Reliable1xx: String, Equatable, Sendable, CaseIterable {
        /// `Supported: 100rel`
        case supported
        /// `Require: 100rel`
        case required
        /// Not mentioned.
        case off
    }

    /// What happens to the SDP.
    public enum Media: String, Equatable, Sendable, CaseIterable {
        /// It goes through byte for byte.
        case passthrough
    }
}
