/// What the queue of deliveries may hold and do at once. Everything has a bound.
struct QueueLimits: Sendable, Equatable {
    /// Events accepted and not settled.
    var pending = 10_000
    /// Their bodies.
    var pendingBytes = 64 << 20
    /// Events of one subscription.
    var pendingPerSubscription = 1_000
    /// Attempts under way.
    var inFlight = 512
    /// Attempts under way to one host and port, whatever the path; other hosts' attempts lower it (``DeliveryQueue``).
    var inFlightPerHost = 192
    /// Probes of sinks whose breaker was open: many dead ones must not take the room of the living.
    var probes = 64
    /// How long a sink without events is remembered, with what is known of its health, and how many are.
    var idleTime: UInt64 = 60_000_000_000
    var idleSinks = 4_096
    var health = SinkHealth.Limits(initialWindow: 8, maximumWindow: 128, threshold: 5, backoff: Backoff())
    /// Of one event's retries.
    var backoff = Backoff()
}
