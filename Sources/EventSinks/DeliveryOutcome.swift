import CallCore

/// What became of an event.
public struct DeliveryOutcome: Sendable, Equatable {
    /// How it ended.
    public enum Result: Sendable, Equatable {
        /// The sink took it.
        case delivered
        /// It will never arrive.
        case dropped(DropCause)
        /// The sink answered 410: the subscription is over, and its other events are dropped.
        case subscriptionGone
        /// The sink answered 401 and the credential has expired: the subscription is over, and its other events are dropped.
        case credentialExpired
    }

    /// The event, with the credential it was sent with last.
    public let delivery: Delivery
    /// How it ended.
    public let result: Result
    /// How often it was sent.
    public let attempts: Int
    /// Since it was handed over.
    public let latency: Duration
    /// The status of the last answer; nil if the last attempt brought none.
    public let lastStatus: Int?
    /// Why the last attempt brought no answer.
    public let lastFailure: TransportFailure?

    /// An outcome; the engine makes them, a test of what listens to it may.
    public init(
        delivery: Delivery, result: Result, attempts: Int, latency: Duration, lastStatus: Int?,
        lastFailure: TransportFailure?
    ) {
        self.delivery = delivery
        self.result = result
        self.attempts = attempts
        self.latency = latency
        self.lastStatus = lastStatus
        self.lastFailure = lastFailure
    }
}
