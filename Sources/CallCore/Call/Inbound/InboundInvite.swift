/// What the decisions about an inbound call need of its INVITE.
public struct InboundInvite: Sendable, Hashable {
    /// The caller's offer; nil in an offerless INVITE, whose answer comes with PRACK or ACK (RFC 3261 §13.2.1).
    public var offer: SessionDescription?
    /// Whether the caller takes or asks for reliable provisional responses (RFC 3262).
    public var reliability: Reliability
    /// The session timer that our 200 agrees to (RFC 4028 §9); nil where the caller asks for none.
    public var timer: Negotiation.SessionTimer?
    /// The shortest session interval that the caller takes, seconds; 0: it has not said (RFC 4028 §5).
    public var minSE: UInt32

    /// What the INVITE says of the option tag `100rel`.
    public enum Reliability: Sendable, Hashable, CaseIterable {
        case unsupported
        case supported
        /// Every provisional response above 100 has to be reliable (RFC 3262 §3).
        case required
    }

    /// Takes every value as given.
    public init(
        offer: SessionDescription?, reliability: Reliability = .unsupported, timer: Negotiation.SessionTimer? = nil,
        minSE: UInt32 = 0
    ) {
        self.timer = timer
        self.minSE = minSE
        self.offer = offer
        self.reliability = reliability
    }
}

/// The limits and rules an inbound call is carried out by, from the configuration.
public struct InboundPolicy: Sendable, Hashable {
    /// From the invitation to our 480.
    public var ring: Duration
    /// From the answer to our BYE.
    public var maxDuration: Duration
    /// How a device that ends the call before its answer is told to the network.
    public var hangUp: HangUp
    /// How long a change in mid-call may take, and so a PUT of Hold or Resume wait.
    public var exchange: Duration

    /// The trunk's word for a callee that ended the call before answering it (mapping §3): 603 stops every fork of it,
    /// the others leave those of other networks alone.
    public enum HangUp: Int, Sendable, CaseIterable {
        case unavailable = 480
        case busy = 486
        case decline = 603
    }

    /// Takes every value as given.
    public init(
        ring: Duration = .seconds(180), maxDuration: Duration = .seconds(14_400), hangUp: HangUp = .decline,
        exchange: Duration = .seconds(10)
    ) {
        self.exchange = exchange
        self.ring = ring
        self.maxDuration = maxDuration
        self.hangUp = hangUp
    }
}
