import Foundation

/// The id of an event subscription: 160 random bits, as unguessable as a ``SessionID``.
public struct SubscriptionID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in the API.
    public let rawValue: String

    /// Takes an id as an API path carries it. Any text is an id; whether a subscription has it is another question.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A new id from `generator`: 40 hexadecimal digits.
    public static func random(using generator: inout some RandomNumberGenerator) -> SubscriptionID {
        SubscriptionID(rawValue: RandomText.hex(digits: 40, using: &generator))
    }

    /// The id as it stands in the API.
    public var description: String { rawValue }
}

extension SubscriptionID: Decodable {
    /// Reads the id as text.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }
}

/// A client's wish to be told events at a sink (CAMARA events API), in no dialect's words.
public struct Subscription: Hashable, Sendable, Identifiable {
    /// CAMARA's `subscriptionDetail`: whose events. v0.2 asks for a registration, v0.3 for a device.
    public struct Detail: Hashable, Sendable {
        /// The application's name for the device.
        public var deviceID: String?
        /// The `registrationId` of the API.
        public var registrationID: String?
        /// One session's events; nil for those of every session of the device.
        public var sessionID: SessionID?

        /// Whose events; which of the three a dialect asks for is the API's to check.
        public init(deviceID: String? = nil, registrationID: String? = nil, sessionID: SessionID? = nil) {
            self.deviceID = deviceID
            self.registrationID = registrationID
            self.sessionID = sessionID
        }
    }

    /// The id that the API shows.
    public let id: SubscriptionID
    /// Who made it and alone may see it.
    public let owner: SessionOwner
    /// What is told; at least one, in the order of the request.
    public let types: [EventType]
    /// Whose events.
    public let detail: Detail
    /// Where events go.
    public let sink: SinkURL
    /// What the sink wants to see. Never part of a response.
    public var credential: SinkCredential?
    /// When it ends; nil for never.
    public var expiresAt: Date?
    /// After how many events it ends, `subscription-ended` not counted; nil for no maximum.
    public let maximumEvents: Int?
    /// Whether the current state is told at once.
    public let initialEvent: Bool
    /// When it was made.
    public let createdAt: Date
    /// The version it was made with and is told in.
    public let dialect: EventDialect

    /// A subscription; see the properties.
    public init(
        id: SubscriptionID, owner: SessionOwner, types: [EventType], detail: Detail, sink: SinkURL,
        credential: SinkCredential? = nil, expiresAt: Date? = nil, maximumEvents: Int? = nil,
        initialEvent: Bool = false,
        createdAt: Date, dialect: EventDialect
    ) {
        self.id = id
        self.owner = owner
        self.types = types
        self.detail = detail
        self.sink = sink
        self.credential = credential
        self.expiresAt = expiresAt
        self.maximumEvents = maximumEvents
        self.initialEvent = initialEvent
        self.createdAt = createdAt
        self.dialect = dialect
    }
}
