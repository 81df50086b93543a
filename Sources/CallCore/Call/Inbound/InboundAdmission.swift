/// Whether an initial INVITE becomes a call at all (mapping §3). The facts are gathered by whoever received it; the order
/// in which they count is decided here: a stranger learns nothing, and an overloaded gateway looks nothing up.
public struct InboundAdmission: Sendable, Equatable {
    /// The source is a configured trunk.
    public var isFromTrunk: Bool
    /// The gateway takes no further calls: it is full, or it is going down.
    public var isOverloaded: Bool
    /// There is no time for a call now; what does not last.
    public var isBusy: Bool
    /// The called number is one that the gateway serves.
    public var isServed: Bool
    /// A device is registered for it.
    public var hasDevices: Bool

    /// Takes every value as given.
    public init(isFromTrunk: Bool, isOverloaded: Bool, isBusy: Bool = false, isServed: Bool, hasDevices: Bool) {
        self.isFromTrunk = isFromTrunk
        self.isOverloaded = isOverloaded
        self.isBusy = isBusy
        self.isServed = isServed
        self.hasDevices = hasDevices
    }

    /// A final response that refuses an INVITE.
    public struct Refusal: Sendable, Equatable {
        /// 400…699.
        public var status: Int
        /// Seconds, where the caller may try again.
        public var retryAfter: Int?

        /// Takes every value as given.
        public init(_ status: Int, retryAfter: Int? = nil) {
            self.status = status
            self.retryAfter = retryAfter
        }
    }

    /// The response to an INVITE that becomes no call; nil where it becomes one.
    public var refusal: Refusal? {
        if !isFromTrunk { return Refusal(403) }
        if isOverloaded { return Refusal(503, retryAfter: FinalResponse.defaultRetryAfter) }
        // A peer sends nothing at all meanwhile (RFC 3261 §21.5.4), be it an emergency service that calls back.
        if isBusy { return Refusal(503, retryAfter: 1) }
        if !isServed { return Refusal(404) }
        if !hasDevices { return Refusal(480) }
        return nil
    }
}
