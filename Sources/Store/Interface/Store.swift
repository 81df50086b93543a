import CallCore

/// What a gateway must still know after a restart.
///
/// Every call answers from memory and never waits for a disk or a network, so the SIP thread and the HTTP threads may
/// call it. Only the functions that are `async` wait, and what they wait for is that their change is durable: when one
/// returns, the change outlives the process; when it throws, nothing has changed.
///
/// A change that is not `async` is in memory at once and reaches the disk soon after, in order with the others.
///
/// The functions of `UndeliveredEvents` are for the delivery of events: its `all` answers at once as well.
public protocol Store: RegistrationStore, SubscriptionStore, UndeliveredEvents, StoredCalls {
    /// Waits until every change made before this call is durable.
    /// - Throws: ``StoreError/unavailable(_:)`` if the disk refuses. The changes stay in memory, and are written as
    ///   soon as it accepts them.
    func flush() async throws(StoreError)

    /// What it holds and how it is. Any thread.
    func statistics() -> StoreStatistics

    /// Writes what is left and lets go of the file. Later changes are refused, those that are not `async` are lost.
    /// - Throws: what kept the last changes from being written.
    func close() async throws(StorageFailure)
}
