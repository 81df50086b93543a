import CallCore
import Configuration
import EventSinks
import Services

extension Configuration.Events {
    /// Memory for events that wait: 64 MiB for the default of 10,000, and as much for each in larger numbers.
    var maxPendingBytes: Int { max(64 << 20, maxPending * 6_711) }
}

extension EventSinks.Options {
    /// The delivery of events as the checked configuration describes it.
    /// - Throws: ``CallCore/SinkAllowList/InvalidEntry``.
    init(_ configuration: Configuration, log: Log) throws {
        self.init()
        allowList = try SinkAllowList(configuration.events.allowSinks)
        certificates = configuration.events.certificatesPath
        timeout = configuration.events.timeout
        maximumPending = configuration.events.maxPending
        maximumPendingBytes = configuration.events.maxPendingBytes
        userAgent = "\(Product.name)/\(Product.version)"
        onSinkChange = { host, isDown in
            let field = LogField("sink", .text(host))
            if isDown { log.warning("sink is down", [field]) } else { log.info("sink is back", [field]) }
        }
    }
}

extension Notifier.Options {
    /// What is told to sinks, as the checked configuration describes it.
    /// - Throws: ``CallCore/SinkAllowList/InvalidEntry``.
    init(_ configuration: Configuration) throws {
        self.init(source: "/gateways/\(configuration.node.name)")
        allowList = try SinkAllowList(configuration.events.allowSinks)
        sessionLife = configuration.sessions.maxDuration
        invitationLife = configuration.sip.timers.ring
    }
}

extension Registrar.Options {
    /// Registrations as the checked configuration describes them.
    init(_ configuration: Configuration) {
        self.init()
        range = RegistrationRange(
            minimum: configuration.registrations.minimum, standard: configuration.registrations.standard,
            maximum: configuration.registrations.maximum)
        let clients = configuration.registrations.clients
        let believesEverybody = configuration.api.authentication == .insecure
        permits = { owner, number in
            // A three-legged token has proved its number, and the API has compared it; a client by itself has not.
            if owner.user != nil || believesEverybody { return true }
            return clients[owner.client]?.contains { number.text.hasPrefix($0) } ?? false
        }
    }
}

extension Log {
    /// What became of an event, where an operator may have to look: never a sink's path, a token or a number.
    func tell(_ outcome: DeliveryOutcome) {
        let fields: () -> [LogField] = {
            [
                LogField("sink", .text(outcome.delivery.sink.origin)),
                LogField("subscriptionId", .text(outcome.delivery.subscription.rawValue)),
                LogField("type", .text(outcome.delivery.event.type.text)),
                LogField("attempts", .integer(outcome.attempts)),
                LogField("lastStatus", .integer(outcome.lastStatus ?? 0)),
                .correlator(outcome.delivery.correlator),
                .mediaSessionID(outcome.delivery.session?.rawValue ?? ""),
            ]
        }
        switch outcome.result {
        case .delivered: debug("event delivered", fields())
        // What a subscription had waiting when it ended is told by the end itself; what waits at the program's end is kept.
        case .dropped(.subscriptionEnded), .dropped(.stopped): debug("event dropped", fields() + [cause(outcome)])
        case .dropped: warning("event dropped", fields() + [cause(outcome)])
        case .subscriptionGone: info("subscription ended by its sink", fields())
        case .credentialExpired: info("subscription ended: its access token has expired", fields())
        }
    }

    private func cause(_ outcome: DeliveryOutcome) -> LogField {
        guard case .dropped(let cause) = outcome.result else { return .reason("") }
        return .reason(outcome.lastFailure.map { "\(cause.rawValue): \($0.rawValue)" } ?? cause.rawValue)
    }
}
