import CallCore
import Foundation

/// A subscription with what the store adds to it.
struct StoredSubscription: Hashable, Sendable {
    var subscription: Subscription
    /// Events counted so far, for subscriptions that end after some.
    var eventsTold = 0
}

/// The subscriptions in memory. Whom a change concerns is the notifier's to know; here they are found by id and by owner.
struct SubscriptionTable: Sendable {
    private(set) var all: [SubscriptionID: StoredSubscription] = [:]
    /// Whose each is. Apart from the rest: a whole entry is copied to look at any of it, and that takes a stranger's time.
    private var owners: [SubscriptionID: SessionOwner] = [:]
    /// Those that end.
    private(set) var expiry = ExpiryQueue<SubscriptionID>()
    /// Those whose token ends.
    private(set) var credentialExpiry = ExpiryQueue<SubscriptionID>()
    private var byOwner = Index<SessionOwner, SubscriptionID>()
    private var clients = Tally<String>()

    subscript(id: SubscriptionID) -> StoredSubscription? { all[id] }

    /// Of somebody else's nothing but the owner is looked at, and where there is none one is compared all the same: both take
    /// the same time.
    func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription? {
        guard owners[id] ?? .nobody == owner else { return nil }
        return all[id]?.subscription
    }

    /// In no order: a client's may be many, and the caller holds the lock that every look-up needs.
    func subscriptions(of owner: SessionOwner) -> [Subscription] { byOwner[owner].compactMap { all[$0]?.subscription } }

    func count(of owner: SessionOwner) -> Int { byOwner.count(owner) }

    /// Of all its users together.
    func count(ofClient client: String) -> Int { clients[client] }

    /// Makes `value` the entry of `id`; nil takes it out.
    mutating func set(_ id: SubscriptionID, to value: StoredSubscription?) {
        let old = all.removeValue(forKey: id)?.subscription
        let new = value?.subscription
        all[id] = value
        owners[id] = new?.owner
        if old?.owner != new?.owner {
            if let old {
                byOwner.remove(id, under: old.owner)
                clients.add(-1, to: old.owner.client)
            }
            if let new {
                byOwner.insert(id, under: new.owner)
                clients.add(1, to: new.owner.client)
            }
        }
        schedule(id, at: new?.expiresAt, in: &expiry)
        schedule(id, at: new?.credential?.expiresAt, in: &credentialExpiry)
    }

    private func schedule(_ id: SubscriptionID, at time: Date?, in queue: inout ExpiryQueue<SubscriptionID>) {
        if let time { queue.set(id, to: time) } else { queue.remove(id) }
    }
}
