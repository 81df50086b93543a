/// Calls from the network and calls to it, in turns on one gateway and at one rate.
struct InboundResult {
    /// What calls a turn has.
    enum Turn: String {
        /// Calls to the network of which nobody is told.
        case outbound = "to the network"
        /// Calls from the network; each has one event, its invitation.
        case inbound = "from the network"
        /// Calls to the network with a subscription to their statuses: ``eventsPerCall`` each.
        case told = "to it, with events"
    }

    /// Ringing, Connected, Terminated.
    static let eventsPerCall = 3.0

    var phases: [Turn: [PhaseResult]] = [:]
    /// The sink's ledger at the end.
    var counts = EventLedger.Counts()

    /// The median over the turns.
    func microseconds(_ turn: Turn) -> Double? { (phases[turn] ?? []).compactMap(\.gatewayMicroseconds).median }

    /// What telling an event costs, everything included.
    var eventMicroseconds: Double? {
        guard let plain = microseconds(.outbound), let told = microseconds(.told) else { return nil }
        return (told - plain) / InboundResult.eventsPerCall
    }

    /// What a call that comes in costs, its event included, as a multiple of one that goes out.
    var ratio: Double? { multiple(of: microseconds(.outbound)) }

    /// The same as a multiple of one that goes out and has one event as well.
    var ratioBesideEvent: Double? {
        guard let plain = microseconds(.outbound), let event = eventMicroseconds else { return nil }
        return multiple(of: plain + event)
    }

    private func multiple(of cost: Double?) -> Double? {
        guard let cost, cost > 0, let inbound = microseconds(.inbound) else { return nil }
        return inbound / cost
    }
}

extension Report {
    static func text(_ result: InboundResult) -> String {
        func row(_ name: String, _ value: String, _ remark: String = "") -> String {
            "  " + column(name, 34) + right(value, 10) + (remark.isEmpty ? "" : "  " + remark)
        }
        func micro(_ value: Double?) -> String { decimal(value, 1) }
        let inbound = result.phases[.inbound] ?? []
        let failed = inbound.reduce(0) { $0 + $1.tally.failureCount }
        let rate = inbound.map(\.tally.callsPerSecond).median
        let plain = result.microseconds(.outbound)
        return [
            row("calls that come in", decimal(rate, 0), "a second, \(failed) failed"),
            row("CPU of one", micro(result.microseconds(.inbound)), "µs, its invitation's delivery included"),
            row("CPU of a call that goes out", micro(plain), "µs, without events"),
            row("cost per event", micro(result.eventMicroseconds), "µs, from the calls that have three"),
            row("ratio", decimal(result.ratio, 2), "of a call in to a call out"),
            row("", decimal(result.ratioBesideEvent, 2), "of a call in to a call out and one event"),
            row("invitations delivered", "\(result.counts.invitations)"),
        ].joined(separator: "\n")
    }
}
