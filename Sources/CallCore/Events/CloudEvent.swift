import Foundation

/// An event as it is told to a sink: CloudEvents 1.0, structured mode, JSON. Its JSON form is exactly the body that is
/// sent, so it can be stored as it stands.
public struct CloudEvent: Hashable, Sendable, Identifiable {
    /// What the event says; its case decides the event's kind.
    public enum Body: Hashable, Sendable {
        case sessionInvitation(SessionEventData)
        case sessionStatus(SessionEventData)
        case registrationEnds(RegistrationEndsData)
        case subscriptionEnded(SubscriptionEndedData)
    }

    /// Unique within ``source``; a retry repeats it, by which a sink knows an event it already has.
    public let id: String
    /// A URI reference that names the gateway (CloudEvents 1.0 §3.1.1).
    public let source: String
    /// The name under which it was subscribed.
    public let namespace: EventType.Namespace
    /// When it happened.
    public let time: Date
    /// What it says.
    public let body: Body

    /// An event; see the properties.
    public init(
        id: String, source: String, namespace: EventType.Namespace = .webrtcEvents, time: Date, body: Body
    ) {
        self.id = id
        self.source = source
        self.namespace = namespace
        self.time = time
        self.body = body
    }

    /// The type told with it.
    public var type: EventType {
        let kind: EventType.Kind =
            switch body {
            case .sessionInvitation: .sessionInvitation
            case .sessionStatus: .sessionStatus
            case .registrationEnds: .registrationEnds
            case .subscriptionEnded: .subscriptionEnded
            }
        return EventType(kind, in: namespace)
    }
}

extension CloudEvent: JSONWritable {
    /// Writes the body that is sent.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("source", source)
            json.member("specversion", "1.0")
            json.member("type", type.text)
            json.member("time", RFC3339.text(time))
            json.member("datacontenttype", "application/json")
            switch body {
            case .sessionInvitation(let data), .sessionStatus(let data): json.member("data", data)
            case .registrationEnds(let data): json.member("data", data)
            case .subscriptionEnded(let data): json.member("data", data)
            }
        }
    }
}

extension CloudEvent: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, source, type, time, data
    }

    /// Reads what ``write(to:)`` has written.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(EventType.self, forKey: .type)
        id = try container.decode(String.self, forKey: .id)
        source = try container.decode(String.self, forKey: .source)
        namespace = type.namespace
        guard let time = RFC3339.date(try container.decode(String.self, forKey: .time)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: container, debugDescription: "not a date-time of RFC 3339")
        }
        self.time = time
        body =
            switch type.kind {
            case .sessionInvitation: .sessionInvitation(try container.decode(SessionEventData.self, forKey: .data))
            case .sessionStatus: .sessionStatus(try container.decode(SessionEventData.self, forKey: .data))
            case .registrationEnds: .registrationEnds(try container.decode(RegistrationEndsData.self, forKey: .data))
            case .subscriptionEnded: .subscriptionEnded(try container.decode(SubscriptionEndedData.self, forKey: .data))
            }
    }
}
