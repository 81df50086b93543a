import CallCore
import Testing

/// An inbound call whose driver carries nothing out but writes everything down.
struct RecordedInbound {
    private(set) var call: InboundCall
    private(set) var all: [InboundCall.Action] = []
    private(set) var running: [CallTimer: Duration] = [:]

    init(
        devices: Int = 1, offer: SessionDescription? = .offer,
        reliability: InboundInvite.Reliability = .unsupported, policy: InboundPolicy = InboundPolicy(),
        timer: Negotiation.SessionTimer? = nil
    ) {
        call = InboundCall(
            invite: InboundInvite(offer: offer, reliability: reliability, timer: timer),
            sessions: (0..<devices).map { .invited($0, offer: offer) }, policy: policy)
        handle(.start)
    }

    /// A call that its only device answered, before the ACK.
    static func answered(offer: SessionDescription? = .offer) -> RecordedInbound {
        var call = RecordedInbound(offer: offer)
        call.put(.connected, offer: offer == nil ? .other : nil, answer: offer == nil ? nil : .answer)
        return call
    }

    /// The same, after the ACK.
    static func connected() -> RecordedInbound {
        var call = RecordedInbound.answered()
        call.handle(.ack(nil))
        return call
    }

    var provisionals: [InboundCall.Provisional] {
        all.compactMap { if case .provisional(let response) = $0 { response } else { nil } }
    }
    /// Final responses to the INVITE: their status.
    var finals: [Int] {
        all.compactMap { action in
            switch action {
            case .answer: 200
            case .refuse(let status, _): status
            default: nil
            }
        }
    }
    var byes: [String] { all.compactMap { if case .bye(let reason) = $0 { reason } else { nil } } }
    var isFinished: Bool { all.contains(.finish) }

    func session(_ device: Int = 0) -> Session { call.devices[device].session }
    func status(_ device: Int = 0) -> SessionStatus { session(device).status }

    @discardableResult
    mutating func handle(_ event: InboundCall.Event) -> [InboundCall.Action] {
        let actions = call.handle(event)
        all += actions
        for action in actions {
            switch action {
            case .start(let timer, let duration): running[timer] = duration
            case .stop(let timer): running[timer] = nil
            default: break
            }
        }
        return actions
    }

    /// A PUT; returns how it was answered.
    @discardableResult
    mutating func put(
        _ status: SessionStatus?, device: Int = 0, offer: SessionDescription? = nil,
        answer: SessionDescription? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> InboundCall.Reply? {
        let actions = handle(
            .change(device: device, SessionChange(status: status, offer: offer, answer: answer)))
        let replies = actions.compactMap { action -> InboundCall.Reply? in
            if case .reply(device, let reply) = action { reply } else { nil }
        }
        #expect(replies.count == 1, "a PUT is answered once", sourceLocation: sourceLocation)
        return replies.first
    }

    /// Fires `timer`, which has to be running.
    mutating func fire(_ timer: CallTimer, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(running[timer] != nil, "\(timer) is not running", sourceLocation: sourceLocation)
        running[timer] = nil
        handle(.timer(timer))
    }
}

extension InboundCall.Reply {
    /// The HTTP status it comes to.
    var http: Int {
        switch self {
        case .session: 200
        case .accepted: 204
        case .refused(let error): error.status
        }
    }
}

extension Session {
    /// The session of a device that a call has not been told to yet.
    static func invited(_ device: Int, offer: SessionDescription?) -> Session {
        Session(
            id: SessionID(rawValue: "DEVICE\(device)"), owner: SessionOwner(client: "app"),
            originatorAddress: "tel:+17085854000", receiverAddress: "tel:+17085852753", offer: offer)
    }
}
