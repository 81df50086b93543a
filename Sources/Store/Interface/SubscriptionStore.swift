import CallCore
import Foundation

/// The subscriptions. Look-ups show live ones only; lists are oldest first.
public protocol SubscriptionStore: Sendable {
    /// The subscription with this id.
    func subscription(_ id: SubscriptionID) -> Subscription?

    /// The same if it is `owner`'s; somebody else's takes no longer than none.
    func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription?

    /// All there are, those included that have expired and were not yet taken out, with the number of events counted:
    /// what a run of the gateway starts from.
    func allSubscriptions() -> [(subscription: Subscription, eventsTold: Int)]

    /// All that `owner` made.
    func subscriptions(of owner: SessionOwner) -> [Subscription]

    /// Adds a subscription; durable when it returns.
    /// - Throws: `alreadyExists`, `limitReached` (subscriptions, subscriptionsPerOwner, bytes, bytesPerOwner,
    ///   clientShare) or `unavailable`.
    func add(_ subscription: Subscription) async throws(StoreError)

    /// Changes the credential or expiry of a live subscription; durable when it returns.
    /// - Parameter change: run under the store's lock: no more than assignments.
    /// - Throws: `notFound`, `limitReached` (bytes, bytesPerOwner) or `unavailable`.
    @discardableResult
    func updateSubscription(
        _ id: SubscriptionID, _ change: (inout Subscription) -> Void
    ) async throws(StoreError) -> Subscription

    /// Counts one more event of a live subscription, for one that ends after a number of them.
    /// - Returns: how many there are now, over all runs of the gateway; nil if there is no such subscription.
    func countEvent(of id: SubscriptionID) -> Int?

    /// Takes a subscription out at once; ``Store/flush()`` waits for the disk. Its undelivered events stay.
    /// - Returns: it, if there was one, expired or not.
    @discardableResult
    func removeSubscription(_ id: SubscriptionID) -> Subscription?

    /// Takes out those that have expired, longest expired first, so that their end can be told; call it regularly.
    /// - Parameter limit: the most that one call takes, so that it holds the lock for a bounded time.
    func takeExpiredSubscriptions(limit: Int) -> [Subscription]

    /// Takes out those whose token expires by `time`, which lies a little ahead: their end is told while the token
    /// still counts.
    func takeSubscriptions(credentialExpiringBy time: Date, limit: Int) -> [Subscription]

    /// When the next one expires, or a moment that has passed if some wait to be taken out; nil if none will.
    var nextSubscriptionExpiry: Date? { get }

    /// When the next token expires; nil if none will.
    var nextCredentialExpiry: Date? { get }
}
