import CallCore
import Foundation

/// A subscription with what the store adds to it.
struct StoredSubscription: Hashable, Sendable {
    var subscription: Subscription
    /// Events counted so far, for subscriptions that end after some.
    var eventsTold = 0
}

/// The subscriptions in memory with every way they are looked up.
struct SubscriptionTable: Sendable {
    private(set) var all: [SubscriptionID: StoredSubscription] = [:]
    /// Those that end.
    private(set) var expiry = ExpiryQueue<SubscriptionID>()
    /// Those whose token ends.
    private(set) var credentialExpiry = ExpiryQueue<SubscriptionID>()
    private var byOwner = Index<SessionOwner, SubscriptionID>()
    private var byDevice = Index<String, SubscriptionID>()
    private var byRegistration = Index<String, SubscriptionID>()
    private var bySession = Index<SessionID, SubscriptionID>()

    subscript(id: SubscriptionID) -> StoredSubscription? { all[id] }

    /// Oldest first.
    func subscriptions(of owner: SessionOwner) -> [Subscription] { entries(byOwner[owner]) }
    func subscriptions(deviceID: String) -> [Subscription] { entries(byDevice[deviceID]) }
    func subscriptions(registrationID: String) -> [Subscription] { entries(byRegistration[registrationID]) }
    func subscriptions(sessionID: SessionID) -> [Subscription] { entries(bySession[sessionID]) }

    func count(of owner: SessionOwner) -> Int { byOwner.count(owner) }

    /// Makes `value` the entry of `id`; nil takes it out.
    mutating func set(_ id: SubscriptionID, to value: StoredSubscription?) {
        let old = all.removeValue(forKey: id)?.subscription
        let new = value?.subscription
        all[id] = value
        if old?.owner != new?.owner || old?.detail != new?.detail {
            if let old { unlink(old) }
            if let new { link(new) }
        }
        schedule(id, at: new?.expiresAt, in: &expiry)
        schedule(id, at: new?.credential?.expiresAt, in: &credentialExpiry)
    }

    private func schedule(_ id: SubscriptionID, at time: Date?, in queue: inout ExpiryQueue<SubscriptionID>) {
        if let time { queue.set(id, to: time) } else { queue.remove(id) }
    }

    private mutating func link(_ subscription: Subscription) {
        let id = subscription.id
        byOwner.insert(id, under: subscription.owner)
        if let device = subscription.detail.deviceID { byDevice.insert(id, under: device) }
        if let registration = subscription.detail.registrationID { byRegistration.insert(id, under: registration) }
        if let session = subscription.detail.sessionID { bySession.insert(id, under: session) }
    }

    private mutating func unlink(_ subscription: Subscription) {
        let id = subscription.id
        byOwner.remove(id, under: subscription.owner)
        if let device = subscription.detail.deviceID { byDevice.remove(id, under: device) }
        if let registration = subscription.detail.registrationID { byRegistration.remove(id, under: registration) }
        if let session = subscription.detail.sessionID { bySession.remove(id, under: session) }
    }

    private func entries(_ ids: [SubscriptionID]) -> [Subscription] {
        ids.compactMap { all[$0]?.subscription }.sorted {
            $0.createdAt == $1.createdAt ? $0.id.rawValue < $1.id.rawValue : $0.createdAt < $1.createdAt
        }
    }
}
