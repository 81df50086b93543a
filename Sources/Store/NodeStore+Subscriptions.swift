import CallCore
import Foundation

extension NodeStore {
    func subscription(_ id: SubscriptionID) -> Subscription? {
        let now = clock()
        guard let stored = shared.read({ $0.subscriptions[id] }), stored.subscription.isLive(at: now) else {
            return nil
        }
        return stored.subscription
    }

    func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription? {
        guard let subscription = shared.read({ $0.subscriptions.subscription(id, of: owner) }),
            subscription.isLive(at: clock())
        else { return nil }
        return subscription
    }

    func allSubscriptions() -> [(subscription: Subscription, eventsTold: Int)] {
        let all = shared.read { Array($0.subscriptions.all.values) }
        return all.map { ($0.subscription, $0.eventsTold) }.sorted {
            ($0.subscription.createdAt, $0.subscription.id.rawValue)
                < ($1.subscription.createdAt, $1.subscription.id.rawValue)
        }
    }

    func subscriptions(of owner: SessionOwner) -> [Subscription] {
        let now = clock()
        return shared.read { $0.subscriptions.subscriptions(of: owner) }
            .filter { $0.isLive(at: now) }
            .sorted { ($0.createdAt, $0.id.rawValue) < ($1.createdAt, $1.id.rawValue) }
    }

    func add(_ subscription: Subscription) async throws(StoreError) {
        try await shared.commit { contents throws(StoreError) in try contents.add(subscription) }
    }

    @discardableResult
    func updateSubscription(
        _ id: SubscriptionID, _ change: (inout Subscription) -> Void
    ) async throws(StoreError) -> Subscription {
        let now = clock()
        return try await shared.commit { contents throws(StoreError) in
            try contents.updateSubscription(id, now: now, change)
        }
    }

    func countEvent(of id: SubscriptionID) -> Int? {
        let now = clock()
        return shared.change { $0.countEvent(of: id, now: now) }
    }

    @discardableResult
    func removeSubscription(_ id: SubscriptionID) -> Subscription? {
        shared.change { $0.removeSubscription(id) }
    }

    func takeExpiredSubscriptions(limit: Int) -> [Subscription] {
        let now = clock()
        return shared.change { $0.takeExpiredSubscriptions(limit: limit, now: now) }
    }

    func takeSubscriptions(credentialExpiringBy time: Date, limit: Int) -> [Subscription] {
        shared.change { $0.takeSubscriptions(credentialExpiringBy: time, limit: limit) }
    }

    var nextSubscriptionExpiry: Date? {
        shared.read { $0.subscriptions.expiry.earliest?.time }
    }

    var nextCredentialExpiry: Date? {
        shared.read { $0.subscriptions.credentialExpiry.earliest?.time }
    }
}
