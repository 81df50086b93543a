/// A store's counts, for metrics and readiness.
public struct StoreStatistics: Sendable, Equatable {
    /// Live and expired but not yet taken out.
    public var registrations = 0
    /// Live and expired but not yet taken out.
    public var subscriptions = 0
    /// Events that have not reached their sink.
    public var undelivered = 0
    /// Events that found no room and were not kept, since the start.
    public var undeliveredRefused = 0
    /// What registrations, subscriptions and undelivered events take in memory, nearly.
    public var bytes = 0
    /// Entries whose newest value is not yet on the disk.
    public var unwrittenEntries = 0
    /// Why nothing can be written at present; nil while all is well.
    public var failure: StorageFailure?

    /// All zero.
    public init() {}
}

/// A change in a store's health, to be logged. Each is told once, on the store's own thread.
public enum StoreReport: Sendable, Equatable {
    /// Changes are refused from now on; reading goes on, and so do the attempts to write.
    case degraded(StorageFailure)
    /// All that had waited is written.
    case recovered
}
