import CallCore
import EventSinks
import Foundation
import TestPeer
import TestSink
import TestTLS

/// A delivery engine with test settings, and what it told.
struct Rig: Sendable {
    static let authority = Result { try TestAuthority() }

    let sinks: EventSinks
    let outcomes: Mailbox<DeliveryOutcome>

    /// Makes an engine that trusts the test authority and may connect to loopback, with retries within milliseconds.
    /// - Parameter isStarted: false for a test that starts it itself.
    static func make(
        undelivered: any UndeliveredEvents = UndeliveredInMemory(), isStarted: Bool = true,
        _ change: (inout EventSinks.Options) throws -> Void = { _ in }
    ) async throws -> Rig {
        // Proxies of the environment must mean nothing; this one would swallow every delivery.
        setenv("https_proxy", "http://127.0.0.1:1", 1)
        setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
        var options = EventSinks.Options()
        options.allowList = try SinkAllowList(["127.0.0.0/8", "::1"])
        options.certificates = try authority.get().ca
        options.backoff = Backoff(initial: .milliseconds(10), maximum: .milliseconds(100))
        let outcomes = Mailbox<DeliveryOutcome>()
        options.onOutcome = { outcomes.put($0) }
        try change(&options)
        let sinks = EventSinks(options, undelivered: undelivered)
        if isStarted { try await sinks.start() }
        return Rig(sinks: sinks, outcomes: outcomes)
    }

    static func delivery(
        _ id: String, to url: String, subscription: String = "s1", session: String = "m1", sequenceNumber: Int = 1,
        credential: SinkCredential? = nil, correlator: String = "c-1", bound: TimeInterval = 60, isLast: Bool = false
    ) throws -> Delivery {
        Delivery(
            subscription: SubscriptionID(rawValue: subscription),
            session: isLast ? nil : SessionID(rawValue: session), sink: try SinkURL(url), credential: credential,
            event: isLast
                ? Samples.endedEvent(id: id, subscription: subscription)
                : Samples.statusEvent(
                    id: id, subscription: subscription, session: session, sequenceNumber: sequenceNumber),
            correlator: correlator, bound: Date.now.addingTimeInterval(bound))
    }

    func deliver(
        _ id: String, to url: String, subscription: String = "s1", session: String = "m1", sequenceNumber: Int = 1,
        credential: SinkCredential? = nil, correlator: String = "c-1", bound: TimeInterval = 60, isLast: Bool = false
    ) throws {
        sinks.deliver(
            try Rig.delivery(
                id, to: url, subscription: subscription, session: session, sequenceNumber: sequenceNumber,
                credential: credential, correlator: correlator, bound: bound, isLast: isLast))
    }

    /// What became of the event.
    func outcome(_ id: String) async throws -> DeliveryOutcome {
        guard let outcome = await outcomes.next(where: { $0.delivery.id == id }) else {
            let others = outcomes.values.map { "\($0.delivery.id) \($0.result)" }
            throw PatienceLost("outcome of \(id)", ladder: others.joined(separator: "\n") + "\n\(sinks.statistics)")
        }
        return outcome
    }
}
