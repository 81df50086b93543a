/// Mid-call changes: what a ``Negotiation`` of the confirmed dialog decides, as the call's own state and actions.
extension OutboundCall {
    /// What the peer was sent last in the confirmed dialog: what a refresh by re-INVITE repeats (RFC 4028 §7.4).
    public var localDescription: SessionDescription? { negotiation?.local ?? session.offer }

    /// The dialog whose media may be negotiated now.
    public var negotiableDialog: DialogID? {
        guard case .connected(let dialog) = phase, negotiation != nil else { return nil }
        return dialog
    }

    mutating func beginNegotiation(answer: SessionDescription) {
        guard let offer = session.offer else { return }
        negotiation = Negotiation(own: offer, remote: answer, ownsCallID: true, limit: policy.exchange)
    }

    mutating func negotiate(_ event: Negotiation.Event, in dialog: DialogID, _ actions: inout [Action]) {
        guard phase == .connected(dialog), negotiation != nil else {
            switch event {
            case .change:
                let error = CAMARAError.incompatible("The session cannot be changed now.")
                actions.append(.negotiate(dialog, .reply(error)))
            case .invite, .update:
                // Our BYE is on its way: for us the dialog is over (RFC 3261 §15.1.1).
                actions.append(.negotiate(dialog, .respond(status: 481, nil)))
            default: break
            }
            return
        }
        carryOut(negotiation?.handle(event) ?? [], in: dialog, &actions)
    }

    private mutating func carryOut(
        _ decided: [Negotiation.Action], in dialog: DialogID, _ actions: inout [Action]
    ) {
        for action in decided {
            switch action {
            case .start(let timer, let duration): actions.append(.start(timer, duration))
            case .stop(let timer): actions.append(.stop(timer))
            case .tell(let status, let reason):
                session.offer = negotiation?.own ?? session.offer
                session.answer = negotiation?.remote ?? session.answer
                setStatus(status ?? session.status, reason: reason, &actions)
            case .lost: end(.sessionTimeout, &actions)
            case .reinvite, .cancel, .respond, .reply: actions.append(.negotiate(dialog, action))
            }
        }
    }

    /// The dialog is over: a PUT that waits is told so.
    mutating func settleNegotiation(_ actions: inout [Action]) {
        guard negotiation != nil, let dialog = attempts.lastConfirmedDialog else { return }
        if case .connected = phase { return }
        carryOut(negotiation?.handle(.over) ?? [], in: dialog, &actions)
        negotiation = nil
    }

    mutating func fireNegotiationTimer(_ event: Negotiation.Event, _ actions: inout [Action]) {
        guard case .connected(let dialog) = phase else { return }
        negotiate(event, in: dialog, &actions)
    }

    /// Whether a refresh of ours may go out now; one by re-INVITE waits for the exchange that is open.
    mutating func mayRefresh(usesUpdate: Bool) -> Bool {
        guard !usesUpdate else { return true }
        guard negotiation?.isIdle ?? true else { return false }
        negotiation?.refreshBegins()
        return true
    }

    mutating func refreshEnded(in dialog: DialogID, _ actions: inout [Action]) {
        guard negotiation?.isRefreshing ?? false, phase == .connected(dialog) else { return }
        carryOut(negotiation?.refreshEnds() ?? [], in: dialog, &actions)
    }

    /// What a PUT of Hold, Resume or a new offer means for an answered call.
    func decideNegotiation(_ change: SessionChange) -> ChangeDecision? {
        guard case .connected = phase, let negotiation else { return nil }
        let offer = change.offer == session.offer ? nil : change.offer
        var wanted = Negotiation.Change(offer: offer)
        switch change.status {
        case .hold?: wanted.hold = negotiation.isHeldByUs ? nil : true
        case .resume?:
            if negotiation.isHeldByUs {
                wanted.hold = false
            } else if session.status != .resume {
                return .refuse(
                    .incompatible(
                        negotiation.isHeldByPeer
                            ? "The network holds the call; only the network can resume it." : "The session is not held."
                    ))
            }
        default: guard change.status == nil || change.status == session.status else { return nil }
        }
        if let answer = change.answer, answer != session.answer { return nil }
        guard wanted != Negotiation.Change() else { return .echo }
        guard !negotiation.isChanging else {
            return .refuse(CAMARAError(409, .aborted, "Another change of the session is under way."))
        }
        return .negotiate(wanted)
    }
}

extension [OutboundCall.Attempt] {
    /// The dialog whose 2xx was acknowledged last.
    fileprivate var lastConfirmedDialog: OutboundCall.DialogID? {
        for attempt in indices.reversed() {
            if let index = self[attempt].dialogs.lastIndex(where: \.isConfirmed) {
                return .init(attempt: attempt, index: index)
            }
        }
        return nil
    }
}

extension SessionStatus {
    /// Whether both sides talk, or one of them holds.
    public var isAnswered: Bool {
        switch self {
        case .connected, .hold, .resume: true
        default: false
        }
    }
}
