import CallCore

/// What names an entry, whatever its kind.
enum RowKey: Hashable, Sendable {
    case registration(RegistrationID)
    case subscription(SubscriptionID)
    /// By its place in the order of saving.
    case undelivered(Int64)
    case call(SessionID)
}

/// An entry of any kind, as it is written.
enum Row: Sendable {
    case registration(Registration)
    case subscription(StoredSubscription)
    case undelivered(Delivery)
    case call(StoredCall)
}

extension Row {
    /// Whose share of the store it takes; nil for what has a bound of its own.
    var owner: SessionOwner? {
        switch self {
        case .registration(let registration): registration.owner
        case .subscription(let stored): stored.subscription.owner
        case .undelivered, .call: nil
        }
    }
}
