/// Calls from the network and calls to it, in turns on one gateway and at one rate.
struct InboundResult {
    var outbound: [PhaseResult] = []
    var inbound: [PhaseResult] = []
    /// The sink's ledger at the end.
    var counts = EventLedger.Counts()

    var phases: [PhaseResult] { outbound + inbound }

    /// Medians over the turns.
    var outboundMicroseconds: Double? { outbound.compactMap(\.gatewayMicroseconds).median }
    var inboundMicroseconds: Double? { inbound.compactMap(\.gatewayMicroseconds).median }

    /// What a call that comes in costs, as a multiple of one that goes out.
    var ratio: Double? {
        guard let outbound = outboundMicroseconds, let inbound = inboundMicroseconds, outbound > 0 else { return nil }
        return inbound / outbound
    }
}

extension Report {
    static func text(_ result: InboundResult) -> String {
        func row(_ name: String, _ value: String, _ remark: String = "") -> String {
            "  " + column(name, 34) + right(value, 10) + (remark.isEmpty ? "" : "  " + remark)
        }
        let failed = result.inbound.reduce(0) { $0 + $1.tally.failureCount }
        let rate = result.inbound.map(\.tally.callsPerSecond).median
        return [
            row("calls that come in", decimal(rate, 0), "a second, \(failed) failed"),
            row("CPU of one", decimal(result.inboundMicroseconds, 1), "µs, its invitation's delivery included"),
            row("CPU of a call that goes out", decimal(result.outboundMicroseconds, 1), "µs, without events"),
            row("ratio", decimal(result.ratio, 2)),
            row("invitations delivered", "\(result.counts.invitations)"),
        ].joined(separator: "\n")
    }
}
