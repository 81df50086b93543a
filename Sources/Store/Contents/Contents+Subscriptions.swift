import CallCore
import Foundation

/// The rules of subscriptions: limits and expiry. `now` is the store's clock.
extension Contents {
    /// Adds a subscription.
    mutating func add(_ subscription: Subscription) throws(StoreError) {
        guard subscriptions[subscription.id] == nil else { throw .alreadyExists }
        guard subscriptions.all.count < limits.subscriptions else { throw .limitReached(.subscriptions) }
        guard subscriptions.count(of: subscription.owner) < limits.subscriptionsPerOwner else {
            throw .limitReached(.subscriptionsPerOwner)
        }
        let row = Row.subscription(StoredSubscription(subscription: subscription))
        try checkRoom(for: row)
        let client = subscription.owner.client
        try checkShare(
            used: subscriptions.count(ofClient: client), total: subscriptions.all.count, limit: limits.subscriptions)
        try checkShareOfBytes(of: client)
        set(.subscription(subscription.id), to: row)
    }

    /// Changes what may change of a live subscription.
    /// - Returns: the subscription as it now is.
    mutating func updateSubscription(
        _ id: SubscriptionID, now: Date, _ change: (inout Subscription) -> Void
    ) throws(StoreError) -> Subscription {
        guard var stored = subscriptions[id], stored.subscription.isLive(at: now) else { throw .notFound }
        let before = Row.subscription(stored)
        change(&stored.subscription)
        let row = Row.subscription(stored)
        if Footprint.bytes(of: row) > Footprint.bytes(of: before) { try checkRoom(for: row, inPlaceOf: before) }
        set(.subscription(id), to: row)
        return stored.subscription
    }

    /// Counts one more event of a live subscription.
    /// - Returns: how many there are now.
    mutating func countEvent(of id: SubscriptionID, now: Date) -> Int? {
        guard var stored = subscriptions[id], stored.subscription.isLive(at: now) else { return nil }
        stored.eventsTold += 1
        set(.subscription(id), to: .subscription(stored))
        return stored.eventsTold
    }

    /// Takes a subscription out, live or not. Its undelivered events stay: they tell how it ended.
    mutating func removeSubscription(_ id: SubscriptionID) -> Subscription? {
        guard let stored = subscriptions[id] else { return nil }
        set(.subscription(id), to: nil)
        return stored.subscription
    }

    /// Takes out those that have expired, the longest expired first, at most `limit`.
    mutating func takeExpiredSubscriptions(limit: Int, now: Date) -> [Subscription] {
        var taken: [Subscription] = []
        while taken.count < limit, let (id, time) = subscriptions.expiry.earliest, time <= now {
            guard let subscription = removeSubscription(id) else { break }
            taken.append(subscription)
        }
        return taken
    }

    /// Takes out those whose token expires by `time`, at most `limit`.
    mutating func takeSubscriptions(credentialExpiringBy time: Date, limit: Int) -> [Subscription] {
        var taken: [Subscription] = []
        while taken.count < limit, let (id, end) = subscriptions.credentialExpiry.earliest, end <= time {
            guard let subscription = removeSubscription(id) else { break }
            taken.append(subscription)
        }
        return taken
    }
}

extension Subscription {
    /// Whether it still counts at `time`.
    func isLive(at time: Date) -> Bool { expiresAt.map { time < $0 } ?? true }
}
