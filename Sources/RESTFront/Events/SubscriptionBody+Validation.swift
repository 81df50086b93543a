import CallCore
import Foundation

extension SubscriptionBody {
    /// The event types asked for: known, of this API's name, and such as can be subscribed. How many there may be is for
    /// ``request(_:of:dialect:correlator:now:)``: whether the caller may subscribe to them comes between.
    func eventTypes(_ dialect: EventsDialect) throws(CAMARAError) -> [EventType] {
        let texts = try PropertyCheck.required(types, "types", type: "an array of strings")
        guard !texts.isEmpty else { throw .property("types", "must not be empty") }
        var found: [EventType] = []
        for text in texts {
            guard let type = EventType(text), type.namespace == dialect.namespace else {
                throw .property("types", "holds \(PropertyCheck.quoted(text)), which is no event type of this API")
            }
            guard type.isSubscribable else {
                throw .property("types", "must not hold \(type.text): it is sent without being subscribed to")
            }
            found.append(type)
        }
        return found
    }

    /// What a POST asks for, as the dialect reads it.
    func request(
        _ types: [EventType], of owner: SessionOwner, dialect: EventsDialect, correlator: String, now: Date
    ) throws(CAMARAError) -> SubscriptionRequest {
        try SubscriptionBody.check(types, dialect)
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown) }
        guard try PropertyCheck.required(`protocol`, "protocol", type: "a string") == "HTTP" else {
            throw CAMARAError(400, .invalidProtocol, "protocol must be HTTP.")
        }
        try PropertyCheck.optional(protocolSettings, "protocolSettings", type: "an object")?.validate(dialect)
        let sink = try sinkURL(dialect)
        let credential = try PropertyCheck.optional(sinkCredential, "sinkCredential", type: "an object")?
            .credential(dialect, now: now)
        let config = try PropertyCheck.required(config, "config", type: "an object")
        let detail = try config.detail(dialect)
        let (maximumEvents, initialEvent) = try config.bounds()
        return SubscriptionRequest(
            owner: owner, types: types, detail: detail, sink: sink, credential: credential,
            expiresAt: try SubscriptionBody.future(
                config.subscriptionExpireTime, "config.subscriptionExpireTime", now: now),
            maximumEvents: maximumEvents, initialEvent: initialEvent, dialect: dialect.events, correlator: correlator)
    }

    /// A moment that is still to come.
    static func future(_ property: Property<String>, _ name: String, now: Date) throws(CAMARAError) -> Date? {
        guard let text = try PropertyCheck.optional(property, name, type: "a string") else { return nil }
        guard let date = RFC3339.date(text) else {
            throw .property(name, "must be a date and time of RFC 3339 with its time zone")
        }
        guard date > now else { throw .property(name, "must be in the future") }
        return date
    }

    private static func check(_ types: [EventType], _ dialect: EventsDialect) throws(CAMARAError) {
        let maximum = dialect.events.maximumTypes
        if maximum == 1, types.count > 1 {
            throw CAMARAError(
                422, .multieventNotSupported, "types must hold one event type: subscribe to each on its own.")
        }
        guard types.count <= maximum else { throw .property("types", "must hold at most \(maximum) event types") }
        guard Set(types).count == types.count else { throw .property("types", "must not hold an event type twice") }
    }

    private func sinkURL(_ dialect: EventsDialect) throws(CAMARAError) -> SinkURL {
        let text = try PropertyCheck.required(sink, "sink", type: "a string")
        guard text.utf8.count <= dialect.maximumSink else {
            throw CAMARAError(400, .invalidSink, "sink must not be longer than \(dialect.maximumSink) bytes.")
        }
        do throws(InvalidSink) {
            return try SinkURL(text)
        } catch {
            throw CAMARAError(400, .invalidSink, "sink \(error).")
        }
    }
}

extension SubscriptionConfigBody {
    /// Whose events are asked for.
    func detail(_ dialect: EventsDialect) throws(CAMARAError) -> Subscription.Detail {
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown, in: "config") }
        let body = try PropertyCheck.required(
            subscriptionDetail, "config.subscriptionDetail", type: "an object")
        return try body.detail(dialect)
    }

    /// `subscriptionMaxEvents` and `initialEvent`. Every dialect checks and keeps them, so that they come back as given;
    /// whether they are used, the subscription's ``EventDialect`` tells the notifier.
    func bounds() throws(CAMARAError) -> (maximumEvents: Int?, initialEvent: Bool) {
        let maximum = try PropertyCheck.optional(
            subscriptionMaxEvents, "config.subscriptionMaxEvents", type: "an integer")
        if let maximum, !(1...1_000_000).contains(maximum) {
            throw CAMARAError(400, .outOfRange, "config.subscriptionMaxEvents must be between 1 and 1000000.")
        }
        let initial = try PropertyCheck.optional(initialEvent, "config.initialEvent", type: "a boolean")
        return (maximum, initial ?? false)
    }
}

extension SubscriptionDetailBody {
    /// Whose events, by what the dialect knows them by. The words of the other release are checked for their type and then
    /// count for nothing (camara-rules, "Paths").
    func detail(_ dialect: EventsDialect) throws(CAMARAError) -> Subscription.Detail {
        let parent = "config.subscriptionDetail"
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown, in: parent) }
        let registration = try identifier(registrationId, "\(parent).registrationId")
        let device = try identifier(deviceId, "\(parent).deviceId")
        let session = try identifier(sessionId, "\(parent).sessionId")
        let mediaSession = try identifier(mediaSessionId, "\(parent).mediaSessionId")
        switch dialect.detail {
        case .registration:
            guard let registration else { throw .property("\(parent).registrationId", "is required") }
            if let session, let mediaSession, session != mediaSession {
                throw .property("\(parent).mediaSessionId", "must be the same as sessionId where both are there")
            }
            return Subscription.Detail(
                deviceID: device, registrationID: registration,
                sessionID: (session ?? mediaSession).map(SessionID.init(rawValue:)))
        case .device:
            guard let device else { throw .property("\(parent).deviceId", "is required") }
            try RegistrationDialect.DeviceIDForm.uuid.check(device, named: "\(parent).deviceId")
            return Subscription.Detail(deviceID: device)
        }
    }

    private func identifier(_ property: Property<String>, _ name: String) throws(CAMARAError) -> String? {
        guard let text = try PropertyCheck.text(property, name) else { return nil }
        guard !text.isEmpty else { throw .property(name, "must not be empty") }
        return text
    }
}

extension ProtocolSettingsBody {
    /// Events are POSTed with the gateway's own headers. Headers of the client's making are refused rather than dropped in
    /// silence: they would put text of its choice, `Authorization` and `Host` among it, into requests from inside the
    /// operator's network, and CAMARA itself leaves their use open.
    func validate(_ dialect: EventsDialect) throws(CAMARAError) {
        let parent = "protocolSettings"
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown, in: parent) }
        if let method = try PropertyCheck.optional(method, "\(parent).method", type: "a string"), method != "POST" {
            throw .property("\(parent).method", "must be POST")
        }
        let headers = try PropertyCheck.optional(headers, "\(parent).headers", type: "an object of strings")
        guard headers?.isEmpty ?? true else {
            throw .property(
                "\(parent).headers", "must be empty: custom headers are not supported; use sinkCredential for a token")
        }
    }
}
