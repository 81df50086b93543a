import CallCore
import Foundation

/// The body of PUT …/subscriptions/{subscriptionId} as it came: CAMARA's `SubscriptionUpdateRequest`, which has no room for
/// anything else.
struct SubscriptionUpdateBody: Decodable, Sendable {
    var sinkCredential = Property<SinkCredentialBody>.absent
    var config = Property<SubscriptionUpdateConfigBody>.absent
    /// What PUT does not change, sorted.
    var others: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "sinkCredential": sinkCredential = container.property(key)
            case "config": config = container.property(key)
            default: others.append(key.stringValue)
            }
        }
        others.sort()
    }

    /// What a PUT asks for; at least one of the two.
    func change(_ dialect: EventsDialect, now: Date) throws(CAMARAError) -> (
        credential: SinkCredential?, expiresAt: Date?
    ) {
        let config = try PropertyCheck.optional(config, "config", type: "an object")
        if let other = others.first ?? config?.others.first.map({ "config.\($0)" }) {
            throw .invalidArgument(
                "\(PropertyCheck.quoted(other)) cannot be changed: only sinkCredential and config.subscriptionExpireTime can."
            )
        }
        let credential = try PropertyCheck.optional(sinkCredential, "sinkCredential", type: "an object")?
            .credential(dialect, now: now)
        var expiresAt: Date?
        if let config {
            expiresAt = try SubscriptionBody.future(
                config.subscriptionExpireTime, "config.subscriptionExpireTime", now: now)
        }
        guard credential != nil || expiresAt != nil else {
            throw .invalidArgument(
                "The body must have at least one of sinkCredential and config.subscriptionExpireTime.")
        }
        return (credential, expiresAt)
    }
}

/// CAMARA's `SubscriptionUpdateConfig`.
struct SubscriptionUpdateConfigBody: Decodable, Sendable {
    var subscriptionExpireTime = Property<String>.absent
    var others: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            if key.stringValue == "subscriptionExpireTime" {
                subscriptionExpireTime = container.property(key)
            } else {
                others.append(key.stringValue)
            }
        }
        others.sort()
    }
}
