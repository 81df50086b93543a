/// What the gateway promises (docs/benchmark.md). A full run fails when one is broken.
struct Bound {
    let text: String
    let value: Double?
    let limit: Double

    /// A negative figure is a failed measurement, and none at all is one too.
    var holds: Bool { value.map { (0...limit).contains($0) } ?? false }

    static let cpuMicroseconds = 330.0
    static let inviteMilliseconds = 2.0
    static let heldBytes = 12.0 * 1_024
    /// What a subscription may add to a call's CPU beside its events, and what each event delivered may.
    static let subscribedShare = 1.05
    static let eventMicroseconds = 60.0
    /// What a call from the network, its event included, may cost beside one to it.
    static let inboundShare = 1.2

    /// What of the capacity may be lost at three times of it, how long a refusal may take, and how long it may take after that
    /// until half the capacity is carried as ever.
    static let overloadPercent = 10.0
    static let refusalMilliseconds = 100.0
    static let recoverySeconds = 5.0

    /// What a hundred reloads may leave of memory, in percent of it before: what it goes up and down by itself.
    static let reloadMemoryPercent = 5.0

    /// The bounds on what `results` measured.
    static func all(_ results: Results, rate: Double) -> [Bound] {
        var bounds: [Bound] = []
        if let headline = results.headline {
            bounds.append(
                Bound(text: "CPU µs per complete call", value: headline.gatewayMicroseconds, limit: cpuMicroseconds))
        }
        if let half = results.half {
            bounds.append(
                Bound(
                    text: "POST → INVITE p99 in ms at half load", value: half.tally.postToInvite.percentile(0.99),
                    limit: inviteMilliseconds))
        }
        if let phase = results.rate {
            bounds.append(
                Bound(text: "failed calls at \(Int(rate))/s", value: Double(phase.tally.failureCount), limit: 0))
        }
        if let held = results.held {
            bounds.append(Bound(text: "bytes per held call beyond SDP", value: held.bytesPerCall, limit: heldBytes))
        }
        if let events = results.events {
            bounds.append(
                Bound(
                    text: "CPU µs per call with a subscription", value: events.subscribedMicroseconds,
                    limit: events.limitMicroseconds ?? 0))
            bounds.append(Bound(text: "events lost, doubled or wrong", value: Double(events.faults), limit: 0))
        }
        if let inbound = results.inbound {
            bounds.append(
                Bound(text: "CPU of a call in, to that of one out", value: inbound.ratio, limit: inboundShare))
            bounds.append(
                Bound(text: "invitations doubled or unreadable", value: Double(inbound.counts.faults), limit: 0))
        }
        if let overload = results.overload {
            bounds.append(
                Bound(
                    text: "% of the capacity lost at 3 times of it", value: overload.lostPercent,
                    limit: overloadPercent))
            bounds.append(
                Bound(
                    text: "503 with Retry-After, p99 in ms", value: overload.refusalMilliseconds(0.99),
                    limit: refusalMilliseconds))
            bounds.append(
                Bound(
                    text: "s to recover at half the capacity", value: overload.recoverySeconds, limit: recoverySeconds))
            bounds.append(
                Bound(text: "emergency calls not made", value: Double(overload.emergenciesMissed), limit: 0))
        }
        if let reload = results.reload {
            bounds.append(
                Bound(text: "reloads that were not taken", value: Double(reload.reloads - reload.taken), limit: 0))
            bounds.append(
                Bound(
                    text: "failed calls while reloading", value: Double(reload.phase.tally.failureCount), limit: 0))
            bounds.append(
                Bound(text: "descriptors that reloads leave", value: Double(reload.descriptorsLeft), limit: 0))
            bounds.append(
                Bound(
                    text: "% of memory that reloads leave", value: reload.memoryPercent, limit: reloadMemoryPercent))
        }
        bounds.append(Bound(text: "failed calls in all", value: Double(results.failures), limit: 0))
        return bounds
    }
}

/// Other open-source ways to let an HTTP request make a SIP call, measured on the same kind of machine: two cores,
/// Debian 12, the load driver beside the server. See docs/benchmark.md.
enum Comparison {
    /// Kamailio's click-to-dial by JSON-RPC: it keeps no call and checks no token.
    static let kamailioMicroseconds = 394.0
    /// Janus, its SIP plugin behind its HTTP interface.
    static let janusMicroseconds = 1_344.0
    static let janusHeldBytes = 326_000.0
}
