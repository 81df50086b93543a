import Endpoint
import TestPeer

/// What the mix has done, as a table.
struct MixReport {
    let options: MixOptions
    let ledger: MixLedger
    let relay: LossyRelay
    let gateway: [String: Int]
    let peer: EndpointStatistics
    let memory: [Int]

    var text: String {
        var lines = [
            "",
            "\(options.users) users at once for \(options.length), seed \(options.seed), T1 \(options.t1)",
            "",
            "calls and what the application asked for".padded(52) + "outcome (how often)",
        ]
        for (what, outcomes) in ledger.outcomes.sorted(by: { $0.key < $1.key }) {
            let sum = outcomes.values.reduce(0, +)
            let parts = outcomes.sorted { $0.value > $1.value }.map { $0.key.isEmpty ? "" : "\($0.key) \($0.value)" }
            lines.append("  \(what)".padded(52) + "\(sum)".padded(8) + parts.joined(separator: ", "))
        }
        lines += ["", "final statuses of \(ledger.sessions) sessions, told by \(ledger.events) events"]
        for (status, count) in ledger.ends.sorted(by: { $0.value > $1.value }) {
            lines.append("  \(status)".padded(52) + "\(count)")
        }
        lines += ["", "datagrams".padded(52) + "all     lost    repeated  late"]
        for (way, counts) in [("gateway to network", relay.toSecond), ("network to gateway", relay.toFirst)] {
            lines.append(
                "  \(way)".padded(52) + "\(counts.all)".padded(8) + "\(counts.lost)".padded(8)
                    + "\(counts.repeated)".padded(10) + "\(counts.late)")
        }
        lines += [
            "", "at the end".padded(52) + "gateway network",
            row("calls alive", gateway["liveCalls"], peer.liveCalls), row("dialogs", gateway["dialogs"], peer.dialogs),
            row("client transactions", gateway["clientTransactions"], peer.clientTransactions),
            row("server transactions", gateway["serverTransactions"], peer.serverTransactions),
            row("requests sent again", gateway["retransmittedRequests"], peer.retransmittedRequests),
            row("unreadable messages", gateway["badMessages"], nil),
            "  sessions without a final status".padded(52) + "\(ledger.unfinished.count)",
            "  faults".padded(52) + "\(ledger.faults.count)",
            "  memory in the three thirds of the run (MiB)".padded(52)
                + memory.map { "\($0 / 1_024).\($0 % 1_024 * 10 / 1_024)" }.joined(separator: "  "),
            "",
        ]
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ gateway: Int?, _ peer: Int?) -> String {
        "  \(name)".padded(52) + (gateway.map(String.init) ?? "?").padded(8) + (peer.map(String.init) ?? "")
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
