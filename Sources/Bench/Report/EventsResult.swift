/// Complete calls with and without subscriptions, in turns.
struct EventsResult {
    /// One turn with subscriptions.
    struct Subscribed {
        let phase: PhaseResult
        let events: Int
        let sinkCPU: Nanoseconds

        var eventsPerCall: Double? {
            phase.tally.completed > 0 ? Double(events) / Double(phase.tally.completed) : nil
        }
    }

    var plain: [PhaseResult] = []
    var subscribed: [Subscribed] = []
    /// The sink's ledger at the end, and what should be in it.
    var counts = EventLedger.Counts()
    var subscriptions = 0

    var phases: [PhaseResult] { plain + subscribed.map(\.phase) }

    /// Medians over the turns.
    var plainMicroseconds: Double? { plain.compactMap(\.gatewayMicroseconds).median }
    var subscribedMicroseconds: Double? { subscribed.compactMap(\.phase.gatewayMicroseconds).median }
    var eventsPerCall: Double? { subscribed.compactMap(\.eventsPerCall).median }

    /// What an event adds to the gateway's CPU time, everything included.
    var microsecondsPerEvent: Double? {
        guard let plain = plainMicroseconds, let subscribed = subscribedMicroseconds, let events = eventsPerCall,
            events > 0
        else { return nil }
        return (subscribed - plain) / events
    }

    /// What a call with a subscription may cost: docs/benchmark.md.
    var limitMicroseconds: Double? {
        guard let plain = plainMicroseconds, let events = eventsPerCall, events > 0 else { return nil }
        return Bound.subscribedShare * plain + Bound.eventMicroseconds * events
    }

    /// The sink's CPU time for an event.
    var sinkMicroseconds: Double? {
        let events = subscribed.reduce(0) { $0 + $1.events }
        return events > 0 ? Double(subscribed.reduce(0) { $0 + $1.sinkCPU }) / 1e3 / Double(events) : nil
    }

    /// Complete calls of which the last event never came.
    var unfinished: Int { max(subscribed.reduce(0) { $0 + $1.phase.tally.completed } - counts.ended, 0) }
    /// Ended subscriptions of which nobody was told.
    var untold: Int { max(subscriptions - counts.subscriptionsEnded, 0) }

    /// Events that did not come, came twice, in the wrong order, to the wrong subscription or as something else.
    var faults: Int { counts.faults + unfinished + untold }
}

extension [Double] {
    /// The middle value, or the mean of the middle two; nil of none.
    var median: Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let middle = ordered.count / 2
        return ordered.count.isMultiple(of: 2) ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }
}
