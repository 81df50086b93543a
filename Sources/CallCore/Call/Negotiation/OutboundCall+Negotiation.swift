/// Offers after the first one: what a ``Negotiation`` of the call's dialog decides, as the call's own state and actions.
extension OutboundCall {
    /// What the peer was sent last in the confirmed dialog: what a refresh by re-INVITE repeats (RFC 4028 §7.4).
    public var localDescription: SessionDescription? { negotiation?.local ?? ownOffer }

    /// The interval of the session timer in seconds; 0 where there is none.
    public var sessionInterval: UInt32 { negotiation?.sessionInterval ?? 0 }

    /// The longest Min-SE that the network has asked for, seconds; 0: none (RFC 4028 §7.4).
    public var minSE: UInt32 { negotiation?.minSE ?? 0 }

    /// Whether we refresh the session, else the peer does.
    public var isRefresher: Bool { negotiation?.isRefresher ?? false }

    /// Whether no exchange is open in the dialog that is negotiated in.
    public var isIdle: Bool { negotiation?.isIdle ?? false }

    /// The dialog whose media may be negotiated now.
    public var negotiableDialog: DialogID? {
        guard negotiation != nil, let dialog = negotiationDialog, isNegotiable(dialog) else { return nil }
        return dialog
    }

    private func isNegotiable(_ dialog: DialogID) -> Bool {
        switch phase {
        case .connected(dialog): true
        case .calling:
            attempts.indices.last == dialog.attempt && attempts[dialog.attempt].dialogs[dialog.index].isOpen
        default: false
        }
    }

    // MARK: - Before the answer

    /// An early dialog whose first exchange is complete takes further offers by UPDATE (RFC 3311 §5.1). The one that was
    /// heard of last is negotiated in, unless another one is in the middle of it.
    mutating func negotiateEarly(in dialog: DialogID, _ actions: inout [Action]) {
        let early = attempts[dialog.attempt].dialogs[dialog.index]
        guard early.isAnswered, early.allowsUpdate, let answer = early.answer, negotiationDialog != dialog,
            negotiation?.isIdle ?? true, let offer = attempts[dialog.attempt].offer
        else { return }
        if let earlier = negotiation, earlier.wished != offer { queuedOffer = queuedOffer ?? earlier.wished }
        negotiation = Negotiation(
            own: offer, remote: answer, ownsCallID: true, limit: policy.value.exchange, isEarly: true)
        negotiationDialog = dialog
        sendQueuedOffer(&actions)
    }

    /// Another offer before the answer (mapping §3).
    mutating func queue(_ offer: SessionDescription, _ actions: inout [Action]) {
        queuedOffer = offer
        sendQueuedOffer(&actions)
    }

    private mutating func sendQueuedOffer(_ actions: inout [Action]) {
        guard let offer = queuedOffer, let dialog = negotiableDialog, let negotiation, !negotiation.isChanging,
            !negotiation.isAsking
        else { return }
        queuedOffer = nil
        // Its PUT was answered when it was queued.
        let decided = self.negotiation?.handle(.change(.init(offer: offer))) ?? []
        carryOut(decided.filter { $0 != .reply(nil) }, in: dialog, &actions)
    }

    // MARK: - The answer

    /// `dialog` has its 2xx. Where another dialog was negotiated in, what the application wants is still to be told to
    /// this one.
    mutating func beginNegotiation(in dialog: DialogID, answer: SessionDescription, _ actions: inout [Action]) {
        guard negotiation == nil || negotiationDialog != dialog else { return }
        let offer = attempts[dialog.attempt].offer ?? answer
        if let earlier = negotiation, let other = negotiationDialog {
            if earlier.wished != offer { queuedOffer = queuedOffer ?? earlier.wished }
            carryOut(negotiation?.handle(.over) ?? [], in: other, &actions)
        }
        negotiation = Negotiation(
            own: offer, remote: answer, ownsCallID: true, limit: policy.value.exchange, isEarly: true)
        negotiationDialog = dialog
    }

    /// Once its ACK is on the way.
    mutating func confirmNegotiation(by response: InviteResponse, _ actions: inout [Action]) {
        guard let dialog = negotiationDialog else { return }
        carryOut(negotiation?.confirm() ?? [], in: dialog, &actions)
        negotiation?.heed(minSE: attempts[dialog.attempt].minSE)
        if let interval = response.sessionExpires {
            let timer = Negotiation.SessionTimer(
                interval: interval, isOurs: response.refresherIsUAC, usesUpdate: response.allowsUpdate,
                least: response.leastInterval)
            carryOut(negotiation?.begin(timer) ?? [], in: dialog, &actions)
        }
        sendQueuedOffer(&actions)
    }

    // MARK: - Events

    mutating func negotiate(_ event: Negotiation.Event, in dialog: DialogID, _ actions: inout [Action]) {
        guard negotiableDialog == dialog else { return refuse(event, in: dialog, &actions) }
        carryOut(negotiation?.handle(event) ?? [], in: dialog, &actions)
        sendQueuedOffer(&actions)
    }

    /// What comes for a dialog that is not negotiated in.
    private func refuse(_ event: Negotiation.Event, in dialog: DialogID, _ actions: inout [Action]) {
        switch event {
        case .change(let change):
            let error = CAMARAError.incompatible("The session cannot be changed now.")
            actions.append(.negotiate(dialog, change.answer == nil ? .reply(error) : .replyToAnswer(error)))
        case .invite, .update:
            switch phase {
            // Our own INVITE is open (RFC 3261 §14.2), and offers in this dialog cannot be told from those in another.
            case .calling, .cancelling:
                let isInvite = if case .invite = event { true } else { false }
                actions.append(.negotiate(dialog, .respond(status: isInvite ? 491 : 488, nil)))
            // Our BYE is on its way: for us the dialog is over (RFC 3261 §15.1.1).
            default: actions.append(.negotiate(dialog, .respond(status: 481, nil)))
            }
        default: break
        }
    }

    private mutating func carryOut(
        _ decided: [Negotiation.Action], in dialog: DialogID, _ actions: inout [Action]
    ) {
        for action in decided {
            switch action {
            case .start(let timer, let duration): actions.append(.start(timer, duration))
            case .stop(let timer): actions.append(.stop(timer))
            case .tell(let status, let reason): tell(status, reason: reason, of: dialog, &actions)
            case .refresh(let usesUpdate): actions.append(.refresh(dialog, usesUpdate: usesUpdate))
            // An UPDATE in an early dialog decides nothing about the INVITE.
            case .lost: if phase == .connected(dialog) { end(.sessionTimeout, &actions) }
            case .reinvite, .update, .cancel, .respond, .ask, .settle, .reply, .replyToAnswer:
                actions.append(.negotiate(dialog, action))
            }
        }
    }

    private mutating func tell(
        _ status: SessionStatus?, reason: String?, of dialog: DialogID, _ actions: inout [Action]
    ) {
        guard let negotiation, negotiableDialog == dialog else { return }
        ownOffer = negotiation.own
        session.offer = negotiation.shownOffer
        session.answer = negotiation.shownAnswer
        let isConnected = phase == .connected(dialog)
        // What another response of the early dialog would bring up again.
        if !isConnected { attempts[dialog.attempt].dialogs[dialog.index].answer = negotiation.remote }
        setStatus(isConnected ? status ?? session.status : session.status, reason: reason, &actions)
    }

    /// The dialog is over: a PUT that waits is told so.
    mutating func settleNegotiation(_ actions: inout [Action]) {
        guard negotiation != nil, let dialog = negotiationDialog, !isNegotiable(dialog) else { return }
        if phase == .calling, let wished = negotiation?.wished, wished != attempts.last?.offer {
            queuedOffer = queuedOffer ?? wished
        }
        carryOut(negotiation?.handle(.over) ?? [], in: dialog, &actions)
        negotiation = nil
        negotiationDialog = nil
    }

    mutating func fireNegotiationTimer(_ event: Negotiation.Event, _ actions: inout [Action]) {
        guard let dialog = negotiableDialog else { return }
        negotiate(event, in: dialog, &actions)
    }

    /// What a PUT of Hold, Resume, a new offer or an answer means while a dialog is negotiated in.
    func decideNegotiation(_ change: SessionChange) -> ChangeDecision? {
        guard negotiableDialog != nil, let negotiation else { return nil }
        guard session.status.isAnswered || negotiation.isAsking else { return nil }
        return switch negotiation.decide(change, in: session) {
        case .echo?: .echo
        case .change(let wanted)?: .negotiate(wanted)
        case .refuse(let error)?: .refuse(error)
        case nil: nil
        }
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
