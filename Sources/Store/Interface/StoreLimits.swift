/// How much a store may hold. Memory and file are bounded by these together; docs/storage.md has the sizes.
///
/// However many users it has, a client may add only while it has less of anything than is free of it. So one client alone
/// gets half, the next one half of what is left, and there is always room for one that has nothing.
public struct StoreLimits: Sendable, Equatable {
    /// All registrations, those included that have expired and were not yet taken out.
    public var registrations = 200_000
    /// Live ones of one number: `registrations.perNumber`.
    public var registrationsPerNumber = 10
    /// Of one client, or of one user with a client.
    public var registrationsPerOwner = 10_000

    /// All subscriptions, those included that have expired and were not yet taken out.
    public var subscriptions = 200_000
    /// Of one client, or of one user with a client.
    public var subscriptionsPerOwner = 10_000
    /// What registrations and subscriptions may take in memory. A subscription's token alone may have 8 KiB.
    public var bytes = 512 << 20
    /// What those of one client, or of one user with a client, may take of it.
    public var bytesPerOwner = 64 << 20
    /// Events that have not reached their sink. More than the delivery queue's own limit, which comes first.
    public var undelivered = 20_000
    /// What those events may take in memory.
    public var undeliveredBytes = 128 << 20

    /// The defaults.
    public init() {}
}
