/// The timers of a call; each runs at most once at a time.
public enum CallTimer: UInt8, Sendable, CaseIterable {
    /// A 100 came: answer the POST with `Initial` if nothing more does (mapping §1.3).
    case progress
    /// Nothing came: next trunk, or give up (mapping §1.4).
    case noResponse
    /// It rang too long.
    case ring
    /// The application owes its offer.
    case offer
    /// The call is up too long.
    case maxDuration
    /// Our refresh of the session is due (RFC 4028 §10).
    case refresh
    /// The peer's refresh did not come (RFC 4028 §10).
    case sessionExpiry
    /// A request could not be sent: again.
    case resend
    /// A change of ours in mid-call takes too long.
    case exchange
    /// The wait after two re-INVITEs crossed is over (RFC 3261 §14.1).
    case glare
    /// The application owes an answer to the network's offer in mid-call.
    case answer
}
