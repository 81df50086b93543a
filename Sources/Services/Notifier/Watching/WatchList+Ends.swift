import CallCore
import Foundation

/// How subscriptions end.
extension WatchList {
    /// Ends a subscription and tells its sink. Nothing happens to one that has ended.
    mutating func end(_ id: SubscriptionID, _ reason: SubscriptionEndedData.Reason, now: Date) -> [Action] {
        guard let watch = leave(id) else { return [] }
        return [.tell(last(of: watch.subscription, reason, correlator: watch.correlator, now: now)), .remove(id)]
    }

    /// The store has taken out a subscription whose time, or whose token's time, has come. It may have been on its way in.
    mutating func expired(
        _ subscription: Subscription, _ reason: SubscriptionEndedData.Reason, now: Date
    ) -> [Action] {
        let correlator = leave(subscription.id)?.correlator
        return [.tell(last(of: subscription, reason, correlator: correlator, now: now))]
    }

    /// The sink answered 410: it wants nothing more, not even the end.
    mutating func sinkGone(_ id: SubscriptionID) -> [Action] {
        guard leave(id) != nil else { return [] }
        return [.cancel(id), .remove(id)]
    }

    /// The sink refused a token that has expired: what waits would be refused as well, the end is tried.
    mutating func credentialRefused(_ id: SubscriptionID, now: Date) -> [Action] {
        let end = end(id, .accessTokenExpired, now: now)
        return end.isEmpty ? [] : [.cancel(id)] + end
    }

    private func last(
        of subscription: Subscription, _ reason: SubscriptionEndedData.Reason, correlator: String?, now: Date
    ) -> Telling {
        let data = SubscriptionEndedData(
            subscription: subscription.id, reason: reason, description: WatchList.words(for: reason))
        return Telling(
            subscription: subscription, namespace: subscription.types.first?.namespace ?? .webrtcEvents,
            body: .subscriptionEnded(data), session: nil, correlator: correlator, bound: now + limits.grace)
    }

    private static func words(for reason: SubscriptionEndedData.Reason) -> String {
        switch reason {
        case .maximumEventsReached: "As many events were sent as the subscription asked for."
        case .networkTerminated: "The operator has ended the subscription."
        case .subscriptionExpired: "The subscription's time is over."
        case .accessTokenExpired: "The sink's access token has expired or is about to."
        case .subscriptionDeleted: "The subscription was deleted."
        }
    }
}
