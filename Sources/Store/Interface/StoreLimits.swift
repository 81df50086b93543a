/// How much a store may hold. Memory and file are bounded by these together; docs/storage.md has the sizes.
public struct StoreLimits: Sendable, Equatable {
    /// All registrations, those included that have expired and were not yet taken out.
    public var registrations = 200_000
    /// Live ones of one number: `registrations.perNumber`.
    public var registrationsPerNumber = 10
    /// Of one client, or of one user with a client.
    public var registrationsPerOwner = 100_000

    /// The defaults.
    public init() {}
}
