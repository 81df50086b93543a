/// What the peer changes, and how it is answered.
extension Negotiation {
    /// RFC 3261 §14.2. While an INVITE of ours is open: glare, 491. Before the ACK of the one before we could not tell
    /// whose description counts: 491 as well (RFC 5407 §3.1.4).
    mutating func invited(_ offer: SessionDescription?, _ actions: inout [Action]) {
        guard theirs == .idle, !hasInviteOpen else {
            actions.append(.respond(status: 491, nil))
            return
        }
        guard let offer else {
            // Our present description, as an offer; the ACK brings the answer (RFC 3264 §4, RFC 6337 §2.1).
            let mine = description(for: Change())
            theirs = .offered(mine)
            actions.append(.respond(status: 200, mine))
            return
        }
        guard let answer = answer(to: offer) else {
            actions.append(.respond(status: 488, nil))
            return
        }
        theirs = .answered
        agree(offer, answer, &actions)
    }

    /// RFC 3311 §5.2: an offer of ours is open → 491. Ours never wait for anybody, so the 500 of that section has no case;
    /// an UPDATE between our 200 and its ACK is taken, because that exchange is complete.
    mutating func updated(_ offer: SessionDescription, _ actions: inout [Action]) {
        var hasOffered = false
        if case .offered = theirs { hasOffered = true }
        guard !hasOffered, !hasInviteOpen else {
            actions.append(.respond(status: 491, nil))
            return
        }
        guard let answer = answer(to: offer) else {
            actions.append(.respond(status: 488, nil))
            return
        }
        agree(offer, answer, &actions)
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

    private mutating func agree(_ offer: SessionDescription, _ answer: SessionDescription, _ actions: inout [Action]) {
        // Told before the 200 goes out: whoever learns of it from the network finds it in the API.
        defer { actions.append(.respond(status: 200, answer)) }
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
        theirs = .idle
        sendQueued(&actions)
    }
}
