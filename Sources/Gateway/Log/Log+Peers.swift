import SIPBridge

extension Log {
    /// What has become of a trunk's peer.
    func tell(_ report: PeerReport) {
        let fields: [LogField] = [.trunk(report.trunk), LogField("peer", .text(report.peer))]
        switch report.news {
        case .up(let roundTrip): info("peer is up", fields + [LogField("roundTrip", .duration(roundTrip))])
        case .down:
            warning("peer is down", fields + [.reason("OPTIONS are not answered, or with 503: no call goes there")])
        case .leftAlone(let reason, let time):
            warning(
                "peer is left alone", fields + [.reason(Log.words(for: reason)), LogField("time", .duration(time))])
        case .back: info("peer takes calls again", fields)
        case .resolved(let addresses):
            info("peer's name leads to", fields + [LogField("addresses", .text(addresses.joined(separator: " ")))])
        case .unresolved(let reason, let known):
            warning(
                "peer's name cannot be looked up",
                fields + [.reason(reason), LogField("knownAddresses", .integer(known))])
        }
    }

    private static func words(for reason: String) -> String {
        switch reason {
        case "asked": "503 with Retry-After"
        case "unavailable": "503 to several calls in a row"
        case "unreachable": "requests could not be sent several times in a row"
        default: "no response to a call"
        }
    }
}
