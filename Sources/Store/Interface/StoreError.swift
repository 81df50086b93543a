/// Why a store refused a change. Nothing has changed then.
public enum StoreError: Error, Equatable, Sendable {
    /// Another live entry of the same owner has this place: the same id, or the same device and number.
    case alreadyExists
    /// The device and number are registered live through the same client by another owner.
    case heldByAnother
    /// There is no such live entry.
    case notFound
    /// The store holds as many as it may.
    case limitReached(StoreLimit)
    /// The change could not be made durable. The API answers 503 UNAVAILABLE with Retry-After.
    case unavailable(StorageFailure)
}

/// The limit that was reached.
public enum StoreLimit: Equatable, Sendable {
    case registrations
    case registrationsPerNumber
    case registrationsPerOwner
    case subscriptions
    case subscriptionsPerOwner
    /// What registrations and subscriptions take together.
    case bytes
    /// What those of one owner take together.
    case bytesPerOwner
    /// What one client has, all its users together: no more than what is free for all others.
    case clientShare
}
