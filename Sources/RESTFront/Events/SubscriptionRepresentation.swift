import CallCore

/// A subscription as JSON, in the words of a dialect: CAMARA's `Subscription`. It has no member for the credential.
///
/// `protocolSettings` is left out: all that a request can have there is what holds without it.
struct SubscriptionRepresentation: JSONWritable, Sendable {
    let subscription: Subscription
    let dialect: EventsDialect

    func write(to json: inout JSONWriter) {
        let expiry = subscription.expiresAt.map(RFC3339.text)
        json.object { json in
            json.member("id", subscription.id.rawValue)
            json.member("sink", subscription.sink.text)
            json.member("protocol", "HTTP")
            json.member("types", subscription.types.map(\.text))
            json.member("config") { json in
                json.member("subscriptionDetail", writeDetail)
                json.member("subscriptionExpireTime", expiry)
                json.member("subscriptionMaxEvents", subscription.maximumEvents)
                // Where it means nothing, false is not worth a word.
                if subscription.initialEvent || dialect.events.honoursMaximumAndInitialEvent {
                    json.member("initialEvent", subscription.initialEvent)
                }
            }
            json.member("startsAt", RFC3339.text(subscription.createdAt))
            json.member("expiresAt", expiry)
            // Those that have ended are no longer there, and none waits to begin.
            json.member("status", "ACTIVE")
        }
    }

    private func writeDetail(_ json: inout JSONWriter) {
        let detail = subscription.detail
        json.member("deviceId", detail.deviceID)
        guard dialect.detail == .registration else { return }
        json.member("registrationId", detail.registrationID)
        json.member("sessionId", detail.sessionID?.rawValue)
    }
}
