import CallCore

/// How one published version of the events API differs from the others (camara-rules, "Paths"). Handlers ask the table; no
/// handler asks for a version.
public struct EventsDialect: Sendable, Equatable {
    /// The version that events are told in, and what follows from it alone.
    public var events: EventDialect
    /// The API's name in event types and scopes.
    public var namespace: EventType.Namespace
    /// Whose events `subscriptionDetail` asks for.
    public var detail: Detail
    /// PUT changes a subscription.
    public var hasUpdate: Bool
    /// Bytes of the longest `sink`.
    public var maximumSink: Int
    /// Subscriptions in one list; nil for all.
    public var maximumListed: Int?
    /// `accessTokenExpireUtc` stands for `accessTokenExpiresUtc`, as in r2.2's examples.
    public var acceptsAccessTokenExpireUtc: Bool
    /// A property no release ever had is 400 instead of ignored.
    public var refusesUnknownProperties: Bool
    /// The code of the 409 for a change that does not fit a state: CONFLICT until Commonalities r4.1.
    public var stateConflict: CAMARAError.Code

    /// What `subscriptionDetail` must name.
    public enum Detail: Sendable, Equatable {
        /// A `registrationId`; `deviceId` and `sessionId` may be there.
        case registration
        /// A `deviceId`, a UUID; nothing else counts.
        case device
    }

    /// CAMARA r2.2, events v0.2. It has no bound for `sink`, so the gateway's own holds.
    public static let v02 = EventsDialect(
        events: .v02, namespace: .webrtcEvents, detail: .registration, hasUpdate: false,
        maximumSink: SinkURL.maximumBytes, maximumListed: nil, acceptsAccessTokenExpireUtc: true,
        refusesUnknownProperties: false, stateConflict: .conflict)

    /// CAMARA towards r3, events v0.3.
    public static let v03 = EventsDialect(
        events: .v03, namespace: .webrtcEvents, detail: .device, hasUpdate: true, maximumSink: 1_024,
        maximumListed: 100, acceptsAccessTokenExpireUtc: false, refusesUnknownProperties: true,
        stateConflict: .incompatibleState)

    /// The same under the name that r3.1 gives the API.
    public static let subscriptionsV03 = {
        var dialect = v03
        dialect.namespace = .webrtcEventsSubscriptions
        return dialect
    }()
}
