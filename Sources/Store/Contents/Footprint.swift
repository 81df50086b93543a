import CallCore

/// What an entry takes in memory, nearly: its texts, and an allowance for the value, its keys and its places in indexes.
enum Footprint {
    static func bytes(of row: Row) -> Int {
        switch row {
        case .registration(let registration): bytes(of: registration)
        case .subscription(let stored): bytes(of: stored.subscription)
        case .undelivered(let delivery): bytes(of: delivery)
        // Not kept here: what memory has of a call is the call.
        case .call: 0
        }
    }

    static func bytes(of registration: Registration) -> Int {
        1_024 + sum(registration.id.rawValue, registration.owner.client, registration.deviceID)
    }

    static func bytes(of subscription: Subscription) -> Int {
        1_536
            + sum(
                subscription.id.rawValue, subscription.owner.client, subscription.detail.deviceID,
                subscription.detail.registrationID, subscription.detail.sessionID?.rawValue, subscription.sink.text,
                subscription.credential?.accessToken)
    }

    static func bytes(of delivery: Delivery) -> Int {
        let base = sum(
            delivery.id, delivery.sink.text, delivery.credential?.accessToken, delivery.correlator,
            delivery.event.source)
        return 1_536 + base + bytes(of: delivery.event.body)
    }

    private static func bytes(of body: CloudEvent.Body) -> Int {
        switch body {
        case .sessionInvitation(let data), .sessionStatus(let data):
            sum(
                data.originatorAddress, data.originatorName, data.receiverAddress, data.receiverName, data.offer?.sdp,
                data.answer?.sdp, data.clientCorrelator, data.mediaSessionID.rawValue, data.reason)
        case .registrationEnds(let data): sum(data.registrationID, data.terminationDescription)
        case .subscriptionEnded(let data): sum(data.terminationDescription)
        }
    }

    private static func sum(_ texts: String?...) -> Int {
        texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
    }
}
