import CallCore

/// Which kinds of event an exploration uses; few at a time keep the depth.
struct Alphabet: OptionSet, Sendable {
    let rawValue: Int

    static let forks = Alphabet(rawValue: 1)
    static let reliable = Alphabet(rawValue: 2)
    static let refusals = Alphabet(rawValue: 4)
    static let sessionTimers = Alphabet(rawValue: 8)
    static let brokenByes = Alphabet(rawValue: 16)
    /// Changes of the media, in an early dialog and after the answer.
    static let midCall = Alphabet(rawValue: 32)
}

/// What the network, the application and the clock may do next.
extension World {
    var moves: [Event] {
        var events: [Event] = []
        if isFinished { return events }
        if call.phase == .new { return [.start] }
        if call.phase == .waitingForOffer { events.append(.offer(.offer)) }
        for attempt in invites.indices { events += responses(to: attempt) }
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
        if alphabet.contains(.midCall) { events += midCall }
        events.append(.end(.abandoned))
        if shown != nil { events.append(.end(.owner)) }
        events += CallTimer.allCases.filter(running.contains).map { .timer($0) }
        return events
    }

    /// Changes of the media, from both sides.
    private var midCall: [Event] {
        var events: [Event] = []
        for change in Dialogue.changes where shown != nil {
            switch call.decide(change) {
            case .negotiate(let wanted):
                if let dialog = call.negotiableDialog { events.append(.negotiation(dialog, .change(wanted))) }
            case .offer(let offer) where call.phase == .calling: events.append(.offer(offer))
            default: break
            }
        }
        for (dialog, state) in orderedDialogs where state.isOpen {
            events += (talks[dialog]?.events ?? []).map { .negotiation(dialog, $0) }
        }
        return events
    }

    private func responses(to attempt: Int) -> [Event] {
        let invite = invites[attempt]
        let tags = alphabet.contains(.forks) ? ["a", "b"] : ["a"]
        var responses: [InviteResponse] = []
        if invite.hasFinal {
            // Another fork's 2xx, or the same one's again (RFC 3261 §13.2.2.4).
            if !invite.answered.isEmpty { responses += tags.map { answer($0) } }
            return responses.map { .response(attempt: attempt, $0) }
        }
        if !invite.hasProvisional { responses.append(InviteResponse(status: 100)) }
        for tag in tags {
            responses.append(InviteResponse(status: 180, toTag: tag))
            responses.append(answer(tag))
            if alphabet.contains(.reliable) {
                let next = (invite.rseq[tag] ?? 0) + 1
                responses.append(
                    InviteResponse(
                        status: 183, toTag: tag, rseq: next, sdp: .made("\(tag)\(attempt)"),
                        allowsUpdate: alphabet.contains(.midCall)))
                // Our PRACK was lost, and one that overtook its predecessor.
                if next > 1 {
                    responses.append(
                        InviteResponse(status: 183, toTag: tag, rseq: next - 1, sdp: .made("\(tag)\(attempt)")))
                    responses.append(
                        InviteResponse(status: 183, toTag: tag, rseq: next + 1, sdp: .made("\(tag)\(attempt)")))
                }
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

    private func answer(_ tag: String) -> InviteResponse {
        let hasTimer = alphabet.contains(.sessionTimers)
        return InviteResponse(
            status: 200, toTag: tag, sdp: .made("\(tag)\(alphabet.contains(.midCall) ? "0" : "")"),
            sessionExpires: hasTimer ? 1800 : nil,
            refresherIsUAC: tag == "a", allowsUpdate: true)
    }

    func step(_ way: WayOut) -> Event? {
        switch way {
        case .cooperation: return settling
        case .silence: return silence
        case .shutdown:
            switch call.phase {
            case .waitingForOffer, .calling, .connected: return .end(.shutdown)
            case .new, .cancelling, .ending, .ended: return settling
            }
        }
    }

    /// What still happens when neither the network nor the application does anything: transactions run out in the stack
    /// (RFC 3261 §17.1, Timers B and F; after a CANCEL without effect, §9.1), and the call's own timers fire.
    private var silence: Event? {
        for attempt in invites.indices where !invites[attempt].hasFinal {
            if invites[attempt].isCancelled || !invites[attempt].hasProvisional {
                return .response(attempt: attempt, InviteResponse(status: 408, isInternal: true))
            }
        }
        for (dialog, state) in orderedDialogs where state.isOpen {
            if state.awaitsBye { return .byeAnswered(dialog, status: 408, isInternal: true) }
            if state.awaitsRefresh { return .refreshAnswered(dialog, status: 408, sessionExpires: nil) }
            if let event = talks[dialog]?.silence { return .negotiation(dialog, event) }
        }
        return CallTimer.allCases.first(where: running.contains).map { .timer($0) }
    }

    /// Something that brings the call nearer to its end, as a network that answers everything would.
    private var settling: Event? {
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

// MARK: - For the trace

extension World {
    static func text(_ event: Event) -> String {
        switch event {
        case .response(let attempt, let response):
            var text = response.isInternal ? "the stack makes \(response.status)" : "\(response.status)"
            if response.status > 100, let tag = response.toTag { text += " from \(tag)" }
            if let rseq = response.rseq { text += " RSeq \(rseq)" }
            if response.sdp != nil { text += " with SDP" }
            return "INVITE \(attempt): \(text)"
        case .byeAnswered(let dialog, let status, let isInternal):
            return "our BYE in \(dialog.text): \(isInternal ? "the stack makes " : "")\(status)"
        case .refreshAnswered(let dialog, let status, _, _): return "our refresh in \(dialog.text): \(status)"
        case .refreshed(let dialog, _, let isOurs):
            return "the peer refreshes \(dialog.text), \(isOurs ? "we are" : "it is") the next refresher"
        case .bye(let dialog, _): return "the peer's BYE in \(dialog.text)"
        case .end(let cause): return "end: \(cause)"
        case .timer(let timer): return "timer \(timer)"
        case .offer: return "PUT offer"
        case .negotiation(let dialog, let event): return "\(dialog.text): \(event.text)"
        default: return "\(event)"
        }
    }

    static func text(_ action: Action) -> String { action.text }
}

extension DialogID {
    /// `0.1`: the second dialog of the first INVITE.
    var text: String { "\(attempt).\(index)" }
}

extension Action {
    var text: String {
        switch self {
        case .invite(let attempt, let trunk, _, _): "INVITE \(attempt) to trunk \(trunk)"
        case .openDialog(let dialog, _): "open \(dialog.text)"
        case .refreshDialog(let dialog): "follow \(dialog.text)"
        case .closeDialog(let dialog): "close \(dialog.text)"
        case .prack(let dialog, let rseq, _): "PRACK \(rseq) in \(dialog.text)"
        case .ack(let dialog, _): "ACK in \(dialog.text)"
        case .bye(let dialog, _): "BYE in \(dialog.text)"
        case .refresh(let dialog, _): "refresh \(dialog.text)"
        case .cancel(let attempt, _): "CANCEL \(attempt)"
        case .releaseInvite(let attempt): "release INVITE \(attempt)"
        case .start(let timer, let duration): "start \(timer) \(duration)"
        case .stop(let timer): "stop \(timer)"
        case .negotiate(let dialog, let step): "\(step.text) in \(dialog.text)"
        case .answerPost(let error): error.map { "answer POST \($0.status)" } ?? "answer POST 201"
        default: "\(self)"
        }
    }
}
