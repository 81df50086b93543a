/// Why an event will never reach its sink. The raw values are the words of logs and metrics.
public enum DropCause: String, Sendable, CaseIterable {
    /// The sink answered 4xx, other than what has a meaning of its own.
    case rejected
    /// The sink answered 3xx: redirects are not followed.
    case redirected
    /// The sink's host has no address that may be connected to.
    case refusedAddress = "refused-address"
    /// The delivery's bound came before an answer that takes it.
    case expired
    /// No room: the oldest event of the sink with the most waiting goes first.
    case overflow
    /// The subscription had as many waiting as it may.
    case subscriptionOverflow = "subscription-overflow"
    /// The subscription has ended: 410, 401 to an expired credential, or cancelled.
    case subscriptionEnded = "subscription-ended"
    /// Its header values are no header values.
    case malformed
    /// Delivery has stopped. A store still has the event.
    case stopped
}
