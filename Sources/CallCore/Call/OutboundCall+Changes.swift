/// What PUT …/status may ask of a call that its originator made (mapping §3).
extension OutboundCall {
    /// What is to be done for a change, or why not.
    public enum ChangeDecision: Sendable, Equatable {
        /// Nothing to do: 200 with the session.
        case echo
        /// Accepted without a word: 204.
        case noContent
        /// End the call; 204 where it was answered, else 200 with the session as it then is.
        case end
        /// The first offer, or another one before the answer: 204, its answer is told by event.
        case offer(SessionDescription)
        /// A change of the media in mid-call; the negotiation says when the PUT is answered.
        case negotiate(Negotiation.Change)
        case refuse(CAMARAError)
    }

    /// Says what a PUT means in the present state; changes nothing.
    public func decide(_ change: SessionChange) -> ChangeDecision {
        if phase == .ended { return .refuse(.incompatible("The session has ended.")) }
        switch change.status {
        case .initial?: return .refuse(.invalidArgument("status Initial is set by the network only."))
        case .terminated?, .sessionCancelled?:
            if case .ending = phase { return .refuse(.incompatible("The session is ending.")) }
            return .end
        default: break
        }
        if let decision = decideNegotiation(change) { return decision }
        if let offer = change.offer, offer != session.offer { return decide(offer, change.status) }
        if let answer = change.answer, answer != session.answer {
            return .refuse(.incompatible("answer comes from the network on a session you originated."))
        }
        switch change.status {
        case nil: return .echo
        case .proceeding?: return .noContent
        case session.status?: return .echo
        case let status?:
            return .refuse(
                .incompatible("status \(status.rawValue) does not fit a session that is \(session.status.rawValue)."))
        }
    }

    /// An offer that the session does not have: the first one, or one that goes out when the network can take it.
    private func decide(_ offer: SessionDescription, _ status: SessionStatus?) -> ChangeDecision {
        switch phase {
        case .waitingForOffer: return .offer(offer)
        case .calling where status == nil || status == session.status:
            guard queuedOffer == nil, negotiation?.isChanging != true else {
                return .refuse(CAMARAError(409, .aborted, "Another change of the session is under way."))
            }
            return .offer(offer)
        case .calling:
            return .refuse(
                .incompatible(OutboundCall.unfit(status, session.status)))
        default: return .refuse(.incompatible("offer cannot be changed now."))
        }
    }
}

extension CAMARAError {
    static func incompatible(_ message: String) -> CAMARAError {
        CAMARAError(409, .incompatibleState, message)
    }
}
