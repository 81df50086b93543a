/// What the peer changes, and how it is answered.
extension Negotiation {
    /// RFC 3261 §14.2. While an INVITE of ours is open: glare, 491. While an offer of ours waits for the ACK that answers
    /// it, we could not tell whose description counts: 491 as well (RFC 5407 §3.1.5). Where only the ACK itself is
    /// missing, the exchange is complete, and the peer has sent it (RFC 5407 §3.1.4).
    mutating func invited(_ offer: SessionDescription?, _ actions: inout [Action]) {
        if let status = refusal() {
            actions.append(.respond(status: status, nil))
            return
        }
        guard let offer else {
            // Our present description, as an offer; the ACK brings the answer (RFC 3264 §4, RFC 6337 §2.1).
            let mine = description(for: Change())
            theirs = .offered(mine)
            actions.append(.respond(status: 200, mine))
            return
        }
        guard let answer = answer(to: offer) else { return ask(Question(offer: offer, isUpdate: false), &actions) }
        theirs = .answered
        agree(offer, answer, responding: .respond(status: 200, answer), &actions)
    }

    /// RFC 3311 §5.2: an offer of ours is open → 491, one of the peer's → 500. An UPDATE between our 200 and its ACK is
    /// taken, because that exchange is complete.
    mutating func updated(_ offer: SessionDescription, _ actions: inout [Action]) {
        if let status = refusal() {
            actions.append(.respond(status: status, nil))
            return
        }
        guard let answer = answer(to: offer) else { return ask(Question(offer: offer, isUpdate: true), &actions) }
        agree(offer, answer, responding: .respond(status: 200, answer), &actions)
    }

    /// Why no offer can be taken now; nil where one can. 500 goes out with a Retry-After (RFC 3261 §14.2).
    private func refusal() -> Int? {
        if hasInviteOpen { return 491 }
        switch theirs {
        case .offered: return 491
        case .asking: return 500
        case .idle, .answered: return nil
        }
    }

    /// Whether an INVITE of ours has no final response yet.
    private var hasInviteOpen: Bool {
        if case .sent = ours { return true }
        return isRefreshing
    }

    /// Our answer to an offer that changes nothing but who sends: our description with the truth about directions, never
    /// more than the offer allows (RFC 3264 §6.1, §8.4). Nil where more has changed.
    private func answer(to offer: SessionDescription) -> SessionDescription? {
        let theirs = offer.streams
        guard baseline.describesSameMedia(as: offer), theirs.count == own.streams.count else { return nil }
        let mayReceive = !isHeldByUs
        return
            own
            .limited { index, base in
                base.limited(to: theirs[index].direction.mirrored)
                    .limited(to: MediaDirection(sends: true, receives: mayReceive))
            }
            .rejecting(asIn: offer)
            .answering(baseline)?
            .numbered(after: local)
    }

    mutating func agree(
        _ offer: SessionDescription, _ answer: SessionDescription, responding response: Action,
        _ actions: inout [Action]
    ) {
        // Told before the 200 goes out: whoever learns of it from the network finds it in the API.
        defer { actions.append(response) }
        let wasHeld = isHeldByPeer
        let active = offer.streams.filter(\.isActive)
        isHeldByPeer = !active.isEmpty && active.allSatisfy { !$0.direction.receives }
        let isChanged = offer != remote
        local = answer
        remote = offer
        if !offer.hasNullAddress, !offer.text.contains("a=setup:actpass") { baseline = offer }
        switch (wasHeld, isHeldByPeer) {
        case (false, true): actions.append(.tell(.hold, reason: "the network holds the call"))
        case (true, false): actions.append(.tell(isHeldByUs ? .hold : .resume, reason: nil))
        default: if isChanged { actions.append(.tell(nil, reason: isHeldByPeer ? "the network holds the call" : nil)) }
        }
    }

    mutating func acknowledged(_ answer: SessionDescription?, _ actions: inout [Action]) {
        if case .offered(let mine) = theirs, let answer {
            local = mine
            if answer != remote { take(answer, status: nil, reason: nil, &actions) }
        }
        if case .asking(var question) = theirs {
            question.awaitsACK = false
            theirs = .asking(question)
        } else {
            theirs = .idle
        }
        sendQueued(&actions)
    }

    mutating func notAcknowledged(_ actions: inout [Action]) {
        switch theirs {
        case .answered, .offered:
            theirs = .idle
            actions.append(.lost)
        case .asking(let question): if question.awaitsACK { actions.append(.lost) }
        case .idle: break
        }
    }
}
