/// The peer's offers that change more than directions: the application answers them.
extension Negotiation {
    /// An offer of the peer that waits for the application.
    struct Question: Sendable, Hashable {
        var offer: SessionDescription
        /// It came by UPDATE, else by re-INVITE.
        var isUpdate: Bool
        /// Our 2xx to a re-INVITE before it still waits for its ACK.
        var awaitsACK = false

        /// What is left once the question is gone.
        var rest: Theirs { awaitsACK ? .answered : .idle }
    }

    /// Whether the application owes an answer to the peer's offer.
    public var isAsking: Bool {
        if case .asking = theirs { true } else { false }
    }

    /// What the session shows as `offer`: that of the side which offered last (mapping §3).
    public var shownOffer: SessionDescription {
        if case .asking(let question) = theirs { return question.offer }
        return offerer == .application ? own : remote
    }

    /// What the session shows as `answer`; nil while the application owes it.
    public var shownAnswer: SessionDescription? {
        if isAsking { return nil }
        return offerer == .application ? remote : own
    }

    /// Shows the offer to the application, which has a while to answer it.
    mutating func ask(_ question: Question, _ actions: inout [Action]) {
        var question = question
        question.awaitsACK = question.isUpdate && theirs == .answered
        theirs = .asking(question)
        actions.append(.ask)
        actions.append(.start(.answer, limit))
        actions.append(.tell(nil, reason: "the network offers other media"))
    }

    /// The application's answer: sent as given, except for directions that would not be true while it holds the call or
    /// that the offer does not allow (RFC 3264 §6.1).
    mutating func answered(by answer: SessionDescription, _ actions: inout [Action]) {
        guard case .asking(let question) = theirs else {
            actions.append(.replyToAnswer(.incompatible("There is no offer of the network to answer.")))
            return
        }
        let offered = question.offer.streams
        guard answer.streams.count == offered.count else {
            let message = "answer.sdp must have as many m= lines as the network's offer: \(offered.count)."
            actions.append(.replyToAnswer(.invalidArgument(message)))
            return
        }
        let mayReceive = !isHeldByUs
        let sent =
            answer
            .limited { index, base in
                base.limited(to: offered[index].direction.mirrored)
                    .limited(to: MediaDirection(sends: true, receives: mayReceive))
            }
            .rejecting(asIn: question.offer)
            .numbered(after: local)
        (own, offerer) = (answer, .peer)
        theirs = question.isUpdate ? question.rest : .answered
        actions.append(.stop(.answer))
        agree(question.offer, sent, responding: .settle(status: 200, sent), &actions)
        baseline = question.offer
        actions.append(.replyToAnswer(nil))
        sendQueued(&actions)
    }

    /// Nobody answered: 488; to an UPDATE, 504 (RFC 3311 §5.2). The session stays what it was.
    mutating func unanswered(_ actions: inout [Action]) {
        guard case .asking(let question) = theirs else { return }
        withdraw(by: question.isUpdate ? 504 : 488, reason: "the network's offer was not answered", &actions)
    }

    /// The offer is gone, and what was agreed before is shown again.
    mutating func withdraw(by status: Int, reason: String, _ actions: inout [Action]) {
        guard case .asking(let question) = theirs else { return }
        theirs = question.rest
        actions.append(.stop(.answer))
        actions.append(.tell(nil, reason: reason))
        actions.append(.settle(status: status, nil))
        sendQueued(&actions)
    }
}
