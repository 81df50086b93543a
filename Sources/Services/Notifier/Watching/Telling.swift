import CallCore
import Foundation

/// One event for one subscription, without what makes it a message: id, source and time.
struct Telling: Sendable, Equatable {
    /// Who is told; where, and with which credential.
    var subscription: Subscription
    /// The API's name in the event's type.
    var namespace: EventType.Namespace
    /// What is told.
    var body: CloudEvent.Body
    /// The session it is about, if it is about one.
    var session: SessionID?
    /// The x-correlator of what caused it, if that had one.
    var correlator: String?
    /// When retrying ends.
    var bound: Date

    /// Whether it has to be stored together with what becomes of its subscription: that ends, or has its count stored.
    var isStoredAtOnce: Bool {
        if case .subscriptionEnded = body { return true }
        return subscription.maximumEvents != nil
    }
}
