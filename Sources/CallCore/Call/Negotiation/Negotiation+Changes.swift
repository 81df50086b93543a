/// What the application changes, and what becomes of it.
extension Negotiation {
    mutating func begin(_ change: Change, _ actions: inout [Action]) {
        if let answer = change.answer { return answered(by: answer, &actions) }
        guard ours == .idle, !isAsking else {
            actions.append(.reply(CAMARAError(409, .aborted, "Another change of the session is under way.")))
            return
        }
        actions.append(.start(.exchange, limit))
        var proposal = Proposal(change: change)
        if change.hold == nil {
            // 204 at once: the answer to a new offer is told by an event (mapping §3).
            proposal.isReplied = true
            actions.append(.reply(nil))
        }
        ours = .queued(proposal)
        sendQueued(&actions)
    }

    mutating func sendQueued(_ actions: inout [Action]) {
        guard case .queued(let proposal) = ours, theirs == .idle, !isRefreshing else { return }
        let offer = description(for: proposal.change)
        ours = .sent(proposal, offer)
        actions.append(isEarly ? .update(offer) : .reinvite(offer))
    }

    /// The dialog has its 2xx.
    mutating func confirm() -> [Action] {
        isEarly = false
        var actions: [Action] = []
        sendQueued(&actions)
        return actions
    }

    /// The application's description as an offer: who holds takes away a direction (mapping §3).
    func description(for change: Change) -> SessionDescription {
        let hold = change.hold ?? isHeldByUs
        let held = isHeldByPeer
        let base = (change.offer ?? own)
            .limited { _, base in base.limited(to: MediaDirection(sends: !held, receives: !hold)) }
        // Only a new offer of the application's own may ask again for what the peer has rejected.
        return (change.offer == nil ? base.rejecting(asIn: remote) : base).numbered(after: local)
    }

    mutating func answered(
        _ status: Int, reason: String, answer: SessionDescription?, draw: UInt64, _ actions: inout [Action]
    ) {
        guard case .sent(var proposal, let offer) = ours else { return }
        if status == 491, !proposal.isRetry, !proposal.isCancelled {
            proposal.isRetry = true
            ours = .waiting(proposal)
            actions.append(.start(.glare, glareWait(draw)))
            return
        }
        ours = .idle
        actions.append(.stop(.exchange))
        if (200..<300).contains(status), let answer {
            if let offer = proposal.change.offer { (own, offerer) = (offer, .application) }
            isHeldByUs = proposal.change.hold ?? isHeldByUs
            local = offer
            let status = proposal.change.hold.map { $0 ? SessionStatus.hold : .resume }
            take(answer, status: status, reason: nil, &actions)
            if !proposal.isReplied { actions.append(.reply(nil)) }
            return
        }
        let text = (200..<300).contains(status) ? "answer without a media description" : reason
        if !proposal.isCancelled { refuse(proposal, text, &actions) }
        // RFC 3261 §12.2.1.2, §14.1.
        if status == 408 || status == 481 { actions.append(.lost) }
    }

    /// The old session stays (RFC 3261 §14.1).
    private func refuse(_ proposal: Proposal, _ reason: String, _ actions: inout [Action]) {
        if proposal.change.hold == nil { actions.append(.tell(nil, reason: "offer refused: \(reason)")) }
        guard !proposal.isReplied else { return }
        actions.append(
            .reply(
                CAMARAError(
                    409, .incompatibleState, "The network refused the change (\(reason)); the session stays as it was.")
            ))
    }

    /// RFC 3261 §14.1: who owns the Call-ID waits 2.1 to 4 s, the other side up to 2 s, in steps of 10 ms.
    func glareWait(_ draw: UInt64) -> Duration {
        ownsCallID ? .milliseconds(2_100 + 10 * Int(draw % 191)) : .milliseconds(10 + 10 * Int(draw % 200))
    }

    mutating func retry(_ actions: inout [Action]) {
        guard case .waiting(let proposal) = ours else { return }
        ours = .queued(proposal)
        sendQueued(&actions)
    }

    mutating func expire(_ actions: inout [Action]) {
        switch ours {
        case .idle: return
        case .queued(let proposal), .waiting(let proposal):
            ours = .idle
            actions.append(.stop(.glare))
            refuse(proposal, "no chance to send it", &actions)
        case .sent(var proposal, let offer):
            // The final response is still to come; a 2xx that crosses the CANCEL counts, and is told by an event.
            refuse(proposal, "no answer", &actions)
            proposal.isReplied = true
            proposal.isCancelled = true
            ours = .sent(proposal, offer)
            actions.append(.cancel)
        }
    }
}
