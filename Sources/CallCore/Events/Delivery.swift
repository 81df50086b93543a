import Foundation

/// One event on its way to one subscription's sink.
///
/// Deliveries of the same ``order`` are sent one after the other, each once the one before was taken or given up; different
/// orders do not wait for each other. `subscription-ended` waits for everything before it.
public struct Delivery: Hashable, Sendable, Identifiable {
    /// What must arrive in order: the events of one session for one subscription; without a session, the others of it.
    public struct Order: Hashable, Sendable {
        /// The subscription whose events they are.
        public let subscription: SubscriptionID
        /// The session they are about, if they are about one.
        public let session: SessionID?

        /// The order of a subscription's events about `session`.
        public init(subscription: SubscriptionID, session: SessionID?) {
            self.subscription = subscription
            self.session = session
        }
    }

    /// The subscription that asked for it.
    public let subscription: SubscriptionID
    /// The session that the event is about, if it is about one.
    public let session: SessionID?
    /// Where it goes.
    public let sink: SinkURL
    /// Sent as `Authorization: Bearer`; never for a response or log.
    public var credential: SinkCredential?
    /// What is told.
    public let event: CloudEvent
    /// The value of `x-correlator`, checked against CAMARA's pattern when it came in.
    public let correlator: String
    /// When retrying ends: the session's life and 60 s (camara-rules, "Events"). The newest delivery's bound holds for all
    /// of its order, so a live session's events may have a distant one and the last event sets it. No event of a
    /// subscription is retried beyond the bound of its `subscription-ended`.
    public let bound: Date

    /// A delivery of `event`; see the properties.
    public init(
        subscription: SubscriptionID, session: SessionID?, sink: SinkURL, credential: SinkCredential?,
        event: CloudEvent, correlator: String, bound: Date
    ) {
        self.subscription = subscription
        self.session = session
        self.sink = sink
        self.credential = credential
        self.event = event
        self.correlator = correlator
        self.bound = bound
    }

    /// The event's: each subscription's event is an event of its own.
    public var id: String { event.id }

    /// What it must arrive in order with.
    public var order: Order { Order(subscription: subscription, session: session) }
}
