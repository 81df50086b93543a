extension Report {
    static func text(_ events: EventsResult) -> String {
        func row(_ name: String, _ value: String, _ remark: String = "") -> String {
            "  " + column(name, 34) + right(value, 10) + (remark.isEmpty ? "" : "  " + remark)
        }
        func micro(_ value: Double?) -> String { decimal(value, 1) }
        let counts = events.counts
        return [
            row("without subscriptions", micro(events.plainMicroseconds), "µs a call, median of \(events.plain.count)"),
            row(
                "with one for each caller", micro(events.subscribedMicroseconds),
                "µs a call, median of \(events.subscribed.count), to the last event's delivery"),
            row("events per call", decimal(events.eventsPerCall, 2)),
            row("cost per event", micro(events.microsecondsPerEvent), "µs, all that a subscription adds"),
            row("the sink's own", micro(events.sinkMicroseconds), "µs an event, counted nowhere"),
            row("events delivered", "\(counts.events)", "of \(counts.sessions) sessions"),
            row("lost", "\(counts.missing + events.unfinished)", lost(events)),
            row("doubled", "\(counts.doubled)"),
            row("out of order", "\(counts.disordered)"),
            row("misdirected or unreadable", "\(counts.misdirected + counts.unreadable)"),
            row("subscription-ended", "\(counts.subscriptionsEnded)", "of \(events.subscriptions)"),
        ].joined(separator: "\n")
    }

    private static func lost(_ events: EventsResult) -> String {
        guard events.counts.missing + events.unfinished > 0 else { return "" }
        return "\(events.counts.missing) gaps, \(events.unfinished) calls without their last event"
    }
}
