import CallCore

/// What the network, the application and the clock may do next.
extension World {
    /// Which kinds of event an exploration uses; few at a time keep the depth.
    struct Alphabet: OptionSet, Sendable {
        let rawValue: Int

        static let forks = Alphabet(rawValue: 1)
        static let reliable = Alphabet(rawValue: 2)
        static let refusals = Alphabet(rawValue: 4)
        static let sessionTimers = Alphabet(rawValue: 8)
        static let brokenByes = Alphabet(rawValue: 16)
    }

    /// The call as it is after the gateway was told to end it.
    func shutDown() throws(Violation) -> World {
        var world = self
        try world.take(.end(.shutdown))
        return world
    }

    func events(_ alphabet: Alphabet) -> [Event] {
        var events: [Event] = []
        if isFinished { return events }
        if call.phase == .new { return [.start] }
        if call.phase == .waitingForOffer { events.append(.offer(.offer)) }
        for attempt in invites.indices { events += responses(to: attempt, alphabet) }
        for (dialog, state) in orderedDialogs where state.isOpen {
            if state.isAcked, !state.peerBye { events.append(.bye(dialog, reason: nil)) }
            if state.awaitsBye {
                events.append(.byeAnswered(dialog, status: 200, isInternal: false))
                if alphabet.contains(.brokenByes) {
                    events.append(.byeAnswered(dialog, status: 503, isInternal: true))
                    events.append(.byeAnswered(dialog, status: 408, isInternal: true))
                }
            }
            if state.awaitsRefresh {
                for status in [200, 481, 491] {
                    events.append(.refreshAnswered(dialog, status: status, sessionExpires: nil))
                }
            }
        }
        if alphabet.contains(.sessionTimers), case .connected(let dialog) = call.phase {
            events.append(.refreshed(dialog, sessionExpires: 600, refresherIsUs: true))
            events.append(.refreshed(dialog, sessionExpires: 600, refresherIsUs: false))
        }
        events.append(.end(.abandoned))
        if shown != nil { events.append(.end(.owner)) }
        events += CallTimer.allCases.filter(running.contains).map { .timer($0) }
        return events
    }

    private func responses(to attempt: Int, _ alphabet: Alphabet) -> [Event] {
        let invite = invites[attempt]
        let tags = alphabet.contains(.forks) ? ["a", "b"] : ["a"]
        var responses: [InviteResponse] = []
        if invite.hasFinal {
            // Another fork's 2xx, or the same one's again (RFC 3261 §13.2.2.4).
            if !invite.answered.isEmpty { responses += tags.map { answer($0, alphabet) } }
            return responses.map { .response(attempt: attempt, $0) }
        }
        if !invite.hasProvisional { responses.append(InviteResponse(status: 100)) }
        for tag in tags {
            responses.append(InviteResponse(status: 180, toTag: tag))
            responses.append(answer(tag, alphabet))
            if alphabet.contains(.reliable) {
                let next = (invite.rseq[tag] ?? 0) + 1
                responses.append(
                    InviteResponse(status: 183, toTag: tag, rseq: next, sdp: .made("\(tag)\(attempt)")))
                responses.append(InviteResponse(status: 199, toTag: tag))
            }
        }
        if alphabet.contains(.refusals) { responses.append(InviteResponse(status: 200, toTag: "c")) }
        responses.append(InviteResponse(status: 486, toTag: "x"))
        responses.append(InviteResponse(status: 503, toTag: "x"))
        if alphabet.contains(.refusals) {
            responses.append(InviteResponse(status: 422, toTag: "x", minSE: 120))
            responses.append(InviteResponse(status: 302, toTag: "x", redirect: Redirect(trunk: 0, user: "bob")))
        }
        if invite.isCancelled { responses.append(InviteResponse(status: 487, toTag: "x")) }
        if invite.isCancelled || !invite.hasProvisional {
            responses.append(InviteResponse(status: 408, isInternal: true))
        }
        if !invite.hasProvisional { responses.append(InviteResponse(status: 503, isInternal: true)) }
        return responses.map { .response(attempt: attempt, $0) }
    }

    private func answer(_ tag: String, _ alphabet: Alphabet) -> InviteResponse {
        let hasTimer = alphabet.contains(.sessionTimers)
        return InviteResponse(
            status: 200, toTag: tag, sdp: .made(tag), sessionExpires: hasTimer ? 1800 : nil,
            refresherIsUAC: tag == "a", allowsUpdate: true)
    }

    /// Something that brings the call nearer to its end, as a network that answers everything would.
    var settling: Event? {
        for attempt in invites.indices where !invites[attempt].hasFinal {
            return .response(
                attempt: attempt, InviteResponse(status: invites[attempt].isCancelled ? 487 : 486, toTag: "x"))
        }
        for (dialog, state) in orderedDialogs where state.isOpen {
            if state.awaitsBye { return .byeAnswered(dialog, status: 200, isInternal: false) }
            if call.phase == .connected(dialog) { return .bye(dialog, reason: nil) }
        }
        return CallTimer.allCases.first(where: running.contains).map { .timer($0) }
    }

    /// In the order they were opened, so that a walk is the same every time.
    private var orderedDialogs: [(DialogID, Dialog)] {
        dialogs.sorted { ($0.key.attempt, $0.key.index) < ($1.key.attempt, $1.key.index) }.map { ($0.key, $0.value) }
    }
}
