/// The `data` of `registration-ends`. CAMARA's schema leaves `subscriptionId` out, its example has it; it is sent.
public struct RegistrationEndsData: Hashable, Sendable, Decodable {
    /// CAMARA's `RegistrationTerminationReason`.
    public enum Reason: String, Sendable, CaseIterable, Decodable {
        case networkTerminated = "NETWORK_TERMINATED"
        case registrationExpired = "REGISTRATION_EXPIRED"
    }

    /// The subscription it is told to.
    public var subscriptionID: SubscriptionID
    /// The `registrationId` of the API.
    public var registrationID: String
    /// Why it ended.
    public var terminationReason: Reason
    /// The same for people, with more detail.
    public var terminationDescription: String?

    /// The end of a registration, told to `subscription`.
    public init(
        subscription: SubscriptionID, registration: String, reason: Reason, description: String? = nil
    ) {
        subscriptionID = subscription
        registrationID = registration
        terminationReason = reason
        terminationDescription = description
    }

    private enum CodingKeys: String, CodingKey {
        case subscriptionID = "subscriptionId"
        case registrationID = "registrationId"
        case terminationReason, terminationDescription
    }
}

/// The `data` of `subscription-ended`.
public struct SubscriptionEndedData: Hashable, Sendable, Decodable {
    /// CAMARA's `TerminationReason`.
    public enum Reason: String, Sendable, CaseIterable, Decodable {
        case maximumEventsReached = "MAX_EVENTS_REACHED"
        case networkTerminated = "NETWORK_TERMINATED"
        case subscriptionExpired = "SUBSCRIPTION_EXPIRED"
        case accessTokenExpired = "ACCESS_TOKEN_EXPIRED"
        case subscriptionDeleted = "SUBSCRIPTION_DELETED"
    }

    /// The subscription it is told to.
    public var subscriptionID: SubscriptionID
    /// Why it ended.
    public var terminationReason: Reason
    /// The same for people, with more detail.
    public var terminationDescription: String?

    /// The end of `subscription`.
    public init(subscription: SubscriptionID, reason: Reason, description: String? = nil) {
        subscriptionID = subscription
        terminationReason = reason
        terminationDescription = description
    }

    private enum CodingKeys: String, CodingKey {
        case subscriptionID = "subscriptionId"
        case terminationReason, terminationDescription
    }
}

extension RegistrationEndsData: JSONWritable {
    /// Writes the event's `data`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("subscriptionId", subscriptionID.rawValue)
            json.member("registrationId", registrationID)
            json.member("terminationReason", terminationReason.rawValue)
            json.member("terminationDescription", terminationDescription)
        }
    }
}

extension SubscriptionEndedData: JSONWritable {
    /// Writes the event's `data`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("subscriptionId", subscriptionID.rawValue)
            json.member("terminationReason", terminationReason.rawValue)
            json.member("terminationDescription", terminationDescription)
        }
    }
}
