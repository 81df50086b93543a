import CallCore
import Foundation

/// A subscription as JSON, in the words of a dialect: CAMARA's `Subscription`. It has no member for the credential.
///
/// `protocolSettings` is left out: all that a request can have there is what holds without it.
struct SubscriptionRepresentation: Encodable, Sendable {
    let subscription: Subscription
    let dialect: EventsDialect

    private enum Key: String, CodingKey {
        case id, sink, `protocol`, types, config, startsAt, expiresAt, status
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(subscription.id.rawValue, forKey: .id)
        try container.encode(subscription.sink.text, forKey: .sink)
        try container.encode("HTTP", forKey: .protocol)
        try container.encode(subscription.types.map(\.text), forKey: .types)
        try container.encode(Config(subscription: subscription, dialect: dialect), forKey: .config)
        try container.encode(RFC3339.text(subscription.createdAt), forKey: .startsAt)
        try container.encodeIfPresent(subscription.expiresAt.map(RFC3339.text), forKey: .expiresAt)
        // Those that have ended are no longer there, and none waits to begin.
        try container.encode("ACTIVE", forKey: .status)
    }

    private struct Config: Encodable {
        let subscription: Subscription
        let dialect: EventsDialect

        private enum Key: String, CodingKey {
            case subscriptionDetail, subscriptionExpireTime, subscriptionMaxEvents, initialEvent
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(
                Detail(detail: subscription.detail, dialect: dialect), forKey: .subscriptionDetail)
            try container.encodeIfPresent(subscription.expiresAt.map(RFC3339.text), forKey: .subscriptionExpireTime)
            try container.encodeIfPresent(subscription.maximumEvents, forKey: .subscriptionMaxEvents)
            // Where it means nothing, false is not worth a word.
            if subscription.initialEvent || dialect.events.honoursMaximumAndInitialEvent {
                try container.encode(subscription.initialEvent, forKey: .initialEvent)
            }
        }
    }

    private struct Detail: Encodable {
        let detail: Subscription.Detail
        let dialect: EventsDialect

        private enum Key: String, CodingKey {
            case registrationId, deviceId, sessionId
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(detail.deviceID, forKey: .deviceId)
            guard dialect.detail == .registration else { return }
            try container.encodeIfPresent(detail.registrationID, forKey: .registrationId)
            try container.encodeIfPresent(detail.sessionID?.rawValue, forKey: .sessionId)
        }
    }
}
