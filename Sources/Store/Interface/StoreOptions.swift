import Foundation

/// How a store works, beyond where its data is.
public struct StoreOptions: Sendable {
    /// How much it may hold.
    public var limits = StoreLimits()
    /// How long a change that nobody waits for may stay unwritten while all is well.
    public var coalescing: Duration = .milliseconds(10)
    /// How long after a failed write the next attempt is made.
    public var retry: Duration = .seconds(1)
    /// How long another program's lock on the file is waited for.
    public var busyTimeout: Duration = .seconds(2)
    /// The time by which entries expire.
    public var clock: @Sendable () -> Date = { Date() }
    /// Told when writing begins to fail and when it works again. Called on the store's thread: keep it short.
    public var report: @Sendable (StoreReport) -> Void = { _ in }

    /// The defaults.
    public init() {}
}
