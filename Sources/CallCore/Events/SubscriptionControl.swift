import Foundation

/// What the API asks of the notifier. RESTFront calls it; neither knows what is behind the other.
///
/// Every function may be called from any thread and returns at once. `reply` is called exactly once, on any thread: hand
/// the value over and return.
public protocol SubscriptionControl: AnyObject, Sendable {
    /// Subscribes; replies when the subscription is durable. Errors: 400 INVALID_SINK (an address no sink may have), 429
    /// QUOTA_EXCEEDED, 503.
    func subscribe(
        _ request: SubscriptionRequest, reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void)

    /// The subscription, if it is live and `owner`'s. One that is not takes the same time as none: nobody may learn from it
    /// whether a subscription exists.
    func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription?

    /// All live subscriptions of `owner`, oldest first.
    func subscriptions(of owner: SessionOwner) -> [Subscription]

    /// Changes what is not nil. Errors: 404, 503.
    func update(
        _ id: SubscriptionID, credential: SinkCredential?, expiresAt: Date?,
        reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void)

    /// Ends a subscription as its owner; its sink is told by `subscription-ended`. Replies when that is durable. One that
    /// is gone already is 404.
    func unsubscribe(_ id: SubscriptionID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void)
}

/// A wish to be told events: authenticated and validated.
public struct SubscriptionRequest: Sendable, Equatable {
    /// Who will own the subscription.
    public var owner: SessionOwner
    /// What is to be told; at least one.
    public var types: [EventType]
    /// Whose events.
    public var detail: Subscription.Detail
    /// Where events go.
    public var sink: SinkURL
    /// What the sink wants to see.
    public var credential: SinkCredential?
    /// When it ends; nil for never.
    public var expiresAt: Date?
    /// After how many events it ends; nil for no maximum.
    public var maximumEvents: Int?
    /// Whether the current state is told at once.
    public var initialEvent: Bool
    /// The version it was made with and is told in.
    public var dialect: EventDialect
    /// The request's x-correlator, sent with the events it causes.
    public var correlator: String

    /// Takes every value as given.
    public init(
        owner: SessionOwner, types: [EventType], detail: Subscription.Detail, sink: SinkURL,
        credential: SinkCredential? = nil, expiresAt: Date? = nil, maximumEvents: Int? = nil,
        initialEvent: Bool = false,
        dialect: EventDialect, correlator: String
    ) {
        self.owner = owner
        self.types = types
        self.detail = detail
        self.sink = sink
        self.credential = credential
        self.expiresAt = expiresAt
        self.maximumEvents = maximumEvents
        self.initialEvent = initialEvent
        self.dialect = dialect
        self.correlator = correlator
    }
}
