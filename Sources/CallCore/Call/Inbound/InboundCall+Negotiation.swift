/// Changes in mid-call: what a ``Negotiation`` of the dialog decides, as the call's own state and actions.
extension InboundCall {
    /// What the peer was sent last: what a refresh by re-INVITE repeats (RFC 4028 §7.4).
    public var localDescription: SessionDescription? { negotiation?.local ?? sentDescription }

    /// The interval of the session timer in seconds; 0 where there is none.
    public var sessionInterval: UInt32 { negotiation?.sessionInterval ?? 0 }

    /// The longest Min-SE that the network has asked for, seconds; 0: none (RFC 4028 §7.4).
    public var minSE: UInt32 { negotiation?.minSE ?? 0 }

    /// Whether we refresh the session, else the peer does.
    public var isRefresher: Bool { negotiation?.isRefresher ?? false }

    /// The 200 has gone out; where it carried an offer, its ACK has brought the answer.
    mutating func beginNegotiation(of device: Int, _ actions: inout [Action]) {
        guard case .connected(device) = phase, negotiation == nil, let own = sentDescription,
            let remote = invite.offer ?? devices[device].session.answer
        else { return }
        var talk = Negotiation(
            own: own, remote: remote, ownsCallID: false, limit: policy.exchange,
            offerer: invite.offer == nil ? .application : .peer)
        // Nothing of ours goes out before the ACK of the 200 is here.
        if !isAcknowledged { talk.theirs = .answered }
        talk.heed(minSE: invite.minSE)
        negotiation = talk
        guard let timer = invite.timer else { return }
        carryOut(negotiation?.begin(timer) ?? [], isWaiting: true, &actions)
    }

    // MARK: - PUT

    /// A PUT that is a matter of offers and answers; whether it was.
    mutating func takeInMidCall(_ change: SessionChange, of device: Int, _ actions: inout [Action]) -> Bool {
        guard case .connected(device) = phase, let decision = negotiation?.decide(change, in: devices[device].session)
        else { return false }
        switch decision {
        case .echo: actions.append(.reply(device: device, .session))
        case .refuse(let error): actions.append(.reply(device: device, .refused(error)))
        case .change(let wanted):
            if wanted.answer == nil { waiting = Waiting(device: device, showsSession: wanted.hold != nil) }
            carryOut(negotiation?.handle(.change(wanted)) ?? [], isWaiting: false, &actions)
        }
        return true
    }

    // MARK: - Events

    mutating func negotiate(_ event: Negotiation.Event, _ actions: inout [Action]) {
        guard case .connected = phase, negotiation != nil else { return refuse(event, &actions) }
        let decided = negotiation?.handle(event) ?? []
        // The caller has our 200: it sends no other INVITE before the ACK (RFC 5407 §3.1.4).
        if case .invite = event, decided.contains(where: \.isTaking) { isAcknowledged = true }
        carryOut(decided, isWaiting: true, &actions)
    }

    /// What comes while nothing can be negotiated.
    private func refuse(_ event: Negotiation.Event, _ actions: inout [Action]) {
        let isInvite = if case .invite = event { true } else { false }
        switch event {
        case .invite, .update: break
        default: return
        }
        switch phase {
        // The INVITE has no final response, or its offer no answer (RFC 3261 §14.2, RFC 3311 §5.2).
        case .new, .ringing, .answering:
            actions.append(.negotiate(.respond(status: isInvite || !isDescriptionSettled ? 500 : 488, nil)))
        // The ACK that is to come answers our offer (RFC 5407 §3.1.5).
        case .connected: actions.append(.negotiate(.respond(status: 491, nil)))
        case .ending, .ended: actions.append(.negotiate(.respond(status: 481, nil)))
        }
    }

    /// - Parameter isWaiting: the PUT that an answer would be for is not the one being carried out.
    private mutating func carryOut(
        _ decided: [Negotiation.Action], isWaiting: Bool, _ actions: inout [Action]
    ) {
        for action in decided {
            switch action {
            case .start(let timer, let duration): actions.append(.start(timer, duration))
            case .stop(let timer): actions.append(.stop(timer))
            case .tell(let status, let reason): tell(status, reason: reason, &actions)
            case .lost: end(.sessionTimeout, &actions)
            case .reply(let error): reply(error, isWaiting: isWaiting, &actions)
            case .replyToAnswer(let error):
                guard case .connected(let device) = phase else { break }
                actions.append(.reply(device: device, error.map(Reply.refused) ?? .session))
            case .reinvite, .update, .cancel, .respond, .ask, .settle, .refresh: actions.append(.negotiate(action))
            }
        }
    }

    private mutating func reply(_ error: CAMARAError?, isWaiting: Bool, _ actions: inout [Action]) {
        guard let (device, granted) = waiting.map({ ($0.device, $0.showsSession ? Reply.session : .accepted) }) else {
            return
        }
        waiting = nil
        let reply = error.map(Reply.refused) ?? granted
        actions.append(isWaiting ? .replyWaiting(device: device, reply) : .reply(device: device, reply))
    }

    private mutating func tell(_ status: SessionStatus?, reason: String?, _ actions: inout [Action]) {
        guard case .connected(let device) = phase, let negotiation else { return }
        devices[device].session.offer = negotiation.shownOffer
        devices[device].session.answer = negotiation.shownAnswer
        devices[device].description = negotiation.own
        setStatus(status ?? devices[device].session.status, reason: reason, of: device, &actions)
    }

    /// The dialog is over: a PUT that waits is told so.
    mutating func settleNegotiation(_ actions: inout [Action]) {
        guard negotiation != nil else { return }
        if case .connected = phase { return }
        carryOut(negotiation?.handle(.over) ?? [], isWaiting: true, &actions)
        negotiation = nil
    }
}

extension Negotiation.Action {
    /// The peer's request is taken, or may be.
    fileprivate var isTaking: Bool {
        switch self {
        case .ask, .respond(status: 200, _): true
        default: false
        }
    }
}
