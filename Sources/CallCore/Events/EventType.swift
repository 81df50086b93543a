/// The `type` of an event: what happened, and under which API's name it was subscribed.
public struct EventType: Hashable, Sendable {
    /// What happened; the raw value is the last part of the type's text.
    public enum Kind: String, Sendable, CaseIterable {
        /// A call comes in.
        case sessionInvitation = "session-invitation"
        /// A session has changed.
        case sessionStatus = "session-status"
        /// A registration is no longer live.
        case registrationEnds = "registration-ends"
        /// The last event of a subscription; it needs no subscription of its own and cannot be subscribed.
        case subscriptionEnded = "subscription-ended"
    }

    /// The API whose name stands in the type: events are told under the name they were subscribed with (camara-rules,
    /// "Paths").
    public enum Namespace: String, Sendable, CaseIterable {
        case webrtcEvents = "webrtc-events"
        case webrtcEventsSubscriptions = "webrtc-events-subscriptions"
    }

    /// What happened.
    public let kind: Kind
    /// Under which API's name it is told.
    public let namespace: Namespace

    /// The type of that kind in that API's name.
    public init(_ kind: Kind, in namespace: Namespace = .webrtcEvents) {
        self.kind = kind
        self.namespace = namespace
    }

    /// Takes a type as a subscription or an event carries it; nil for any other text.
    public init?(_ text: String) {
        guard let known = EventType.byText[text] else { return nil }
        self = known
    }

    /// `org.camaraproject.webrtc-events.v0.session-status`
    public var text: String { EventType.texts[self] ?? EventType.compose(self) }

    /// Whether a client can subscribe to it.
    public var isSubscribable: Bool { kind != .subscriptionEnded }

    private static func compose(_ type: EventType) -> String {
        "org.camaraproject.\(type.namespace.rawValue).v0.\(type.kind.rawValue)"
    }

    private static let all = Namespace.allCases.flatMap { namespace in
        Kind.allCases.map { EventType($0, in: namespace) }
    }
    private static let texts = Dictionary(uniqueKeysWithValues: all.map { ($0, compose($0)) })
    private static let byText = Dictionary(uniqueKeysWithValues: all.map { (compose($0), $0) })
}

extension EventType: Decodable {
    /// Reads the type's text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = EventType(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an event type of this API")
        }
        self = type
    }
}
