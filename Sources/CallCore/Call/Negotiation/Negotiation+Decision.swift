/// What a PUT means in mid-call.
extension Negotiation {
    /// What is to be done for it.
    enum Decision: Sendable, Equatable {
        /// Nothing: 200 with the session.
        case echo
        case change(Change)
        case refuse(CAMARAError)
    }

    /// Says what `change` means for a session in this state; nil where it is no matter of offers and answers.
    func decide(_ change: SessionChange, in session: Session) -> Decision? {
        if isAsking { return decideAnswer(change, in: session) }
        // CAMARA's v0.3 messages send both descriptions back with every PUT.
        let isKnown = change.offer == session.offer || change.offer == own
        var wanted = Change(offer: isKnown ? nil : change.offer)
        switch change.status {
        case .hold?: wanted.hold = isHeldByUs ? nil : true
        case .resume?:
            if isHeldByUs {
                wanted.hold = false
            } else if session.status != .resume {
                return .refuse(
                    .incompatible(
                        isHeldByPeer
                            ? "The network holds the call; only the network can resume it." : "The session is not held."
                    ))
            }
        default: guard change.status == nil || change.status == session.status else { return nil }
        }
        if let answer = change.answer, answer != session.answer {
            return .refuse(.incompatible("answer: there is no offer of the network to answer."))
        }
        guard wanted != Change() else { return .echo }
        guard !isChanging else {
            return .refuse(CAMARAError(409, .aborted, "Another change of the session is under way."))
        }
        return .change(wanted)
    }

    /// While the network's offer is open, the application can only answer it.
    private func decideAnswer(_ change: SessionChange, in session: Session) -> Decision? {
        let isNewOffer = change.offer != nil && change.offer != session.offer && change.offer != own
        switch change.status {
        case .hold?, .resume?: break
        case nil, .connected?, session.status?:
            guard !isNewOffer else { break }
            return change.answer.map { .change(Change(answer: $0)) } ?? .echo
        default: return nil
        }
        return .refuse(CAMARAError(409, .aborted, "The network's offer of other media has to be answered first."))
    }

    /// The application's last description, agreed upon or on its way.
    var wished: SessionDescription {
        switch ours {
        case .idle: own
        case .queued(let proposal), .waiting(let proposal), .sent(let proposal, _): proposal.change.offer ?? own
        }
    }
}
