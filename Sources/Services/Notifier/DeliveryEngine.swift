import CallCore
import EventSinks

/// What the notifier asks of the delivery of events: ``EventSinks/EventSinks``, or a list in a test.
///
/// Every function may be called on any thread, with the notifier's lock held, and returns at once.
public protocol DeliveryEngine: Sendable {
    /// Hands an event over; those of one ``CallCore/Delivery/Order`` arrive in the order of the calls.
    func deliver(_ delivery: Delivery)

    /// Events of the subscription that wait are sent with this credential.
    func replaceCredential(_ credential: SinkCredential?, of subscription: SubscriptionID)

    /// Events of the subscription that wait are dropped; one more may be handed over next.
    func cancel(_ subscription: SubscriptionID)
}

extension EventSinks: DeliveryEngine {}
