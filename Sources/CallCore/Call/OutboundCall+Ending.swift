/// How a call ends: by its owner, by the network, by a timer.
extension OutboundCall {
    mutating func end(_ cause: EndCause, _ actions: inout [Action]) {
        switch phase {
        case .new, .ended, .ending: return
        case .waitingForOffer:
            conclude(.sessionCancelled, reason: cause.text, &actions)
        case .calling:
            end = cause
            if isPostPending {
                isPostPending = false
                // Nobody waits any more, or the gateway is going down: either way the id is never told.
                actions.append(.answerPost(cause.refusal))
            }
            guard let current = attempts.indices.last, !attempts[current].hasFinal else {
                // Between two tries: nothing is on the wire, but a BYE may wait for the same timer.
                if !owesBye { actions.append(.stop(.resend)) }
                conclude(cause.finalStatus, reason: cause.text, &actions)
                return
            }
            phase = .cancelling
            for timer in [CallTimer.progress, .noResponse, .ring] { actions.append(.stop(timer)) }
            actions.append(.cancel(attempt: current, reason: cause.reasonHeader))
        case .cancelling: return
        case .connected(let dialog):
            end = cause
            phase = .ending(dialog)
            for timer in [CallTimer.maxDuration, .refresh, .sessionExpiry] { actions.append(.stop(timer)) }
            actions.append(.bye(dialog, reason: cause.reasonHeader))
        }
    }

    /// The final response to an INVITE that we cancelled: 487 as asked for, or what the network had decided before.
    mutating func concludeCancelled(by response: InviteResponse, of attempt: Int, _ actions: inout [Action]) {
        let cause = end ?? .owner
        // Nobody has spoken yet where the network asked for credentials first.
        if response.isInternal || response.status == 487 || response.isAnswerable {
            let text = response.isInternal ? cause.text : "\(cause.text); \(response.reasonText)"
            conclude(cause.finalStatus, reason: text, &actions)
        } else {
            let outcome = response.final.outcome(hasRung: attempts[attempt].hasRung)
            conclude(outcome.status, reason: response.reasonText, &actions)
        }
    }

    mutating func byeAnswered(
        _ dialog: DialogID, status: Int, isInternal: Bool, _ actions: inout [Action]
    ) {
        guard isKnown(dialog) else { return }
        let resends = attempts[dialog.attempt].dialogs[dialog.index].byeResends
        if isInternal, status == 503, resends < OutboundCall.maximumResends {
            attempts[dialog.attempt].dialogs[dialog.index].byeResends += 1
            attempts[dialog.attempt].dialogs[dialog.index].owesBye = true
            actions.append(.start(.resend, .milliseconds(500 * (resends + 1))))
            return
        }
        close(dialog, &actions)
        if phase == .ending(dialog) {
            let cause = end ?? .owner
            conclude(cause.finalStatus(afterAnswer: session.status.isAnswered), reason: cause.text, &actions)
        }
    }

    mutating func byeReceived(_ dialog: DialogID, reason: String?, _ actions: inout [Action]) {
        guard isKnown(dialog) else { return }
        let text = OutboundCall.byeText(reason)
        guard phase == .connected(dialog) || phase == .ending(dialog) else {
            // A callee sends none in an early dialog (RFC 3261 §15): its 2xx is still to come.
            attempts[dialog.attempt].dialogs[dialog.index].earlyBye = text
            return
        }
        if phase == .connected(dialog) {
            close(dialog, &actions)
            conclude(.terminated, reason: text, &actions)
        } else {
            // Both sides hang up: the session has ended; the dialog goes when our own BYE is answered.
            let cause = end ?? .owner
            conclude(cause.finalStatus(afterAnswer: session.status.isAnswered), reason: cause.text, &actions)
        }
    }

    /// No callee may send one before its 2xx (RFC 3261 §15): that is on its way, or lost, and will come again.
    mutating func byeOvertakes(_ attempt: Int, tag: String, reason: String?) {
        guard attempts.indices.contains(attempt), !attempts[attempt].hasFinal,
            attempts[attempt].overtaken.count < OutboundCall.maximumEarlyDialogs
        else { return }
        attempts[attempt].overtaken[tag] = OutboundCall.byeText(reason)
    }

    private static func byeText(_ reason: String?) -> String { reason.map { "SIP BYE; \($0)" } ?? "SIP BYE" }

    /// The call was answered and ended before we knew of either.
    mutating func endOvertaken(_ reason: String, _ actions: inout [Action]) {
        if phase == .cancelling, let cause = end {
            conclude(cause.finalStatus, reason: cause.text, &actions)
        } else {
            conclude(.terminated, reason: reason, &actions)
        }
        answerPost(&actions)
    }

    // MARK: - Timers

    mutating func fire(_ timer: CallTimer, _ actions: inout [Action]) {
        switch timer {
        case .progress: answerPost(&actions)
        case .noResponse: noResponse(&actions)
        case .ring: ringTimeout(&actions)
        case .offer:
            if phase == .waitingForOffer { conclude(.failed, reason: "no offer", &actions) }
        case .maxDuration: end(.maxDuration, &actions)
        case .sessionExpiry: end(.sessionTimeout, &actions)
        case .refresh:
            if case .connected = phase { fireNegotiationTimer(.refreshDue, &actions) }
        case .resend: resend(&actions)
        case .exchange: fireNegotiationTimer(.limit, &actions)
        case .glare: fireNegotiationTimer(.retry, &actions)
        case .answer: fireNegotiationTimer(.unanswered, &actions)
        }
    }

    /// Mapping §1.4: the next trunk, or 504 and the INVITE given up.
    private mutating func noResponse(_ actions: inout [Action]) {
        guard phase == .calling, let current = attempts.indices.last, !attempts[current].hasResponse,
            !attempts[current].hasFinal
        else { return }
        guard hasChoice || isPostPending else { return }
        attempts[current].isAbandoned = true
        actions.append(.cancel(attempt: current, reason: OutboundCall.noResponseReason))
        if hasChoice {
            nextAttempt(&actions)
        } else {
            isPostPending = false
            let outcome = FinalResponse.noResponse.outcome(hasRung: false)
            conclude(outcome.status, reason: "no response", &actions)
            actions.append(.answerPost(outcome.error))
        }
    }

    /// It rang too long: CANCEL, whose outcome decides; a POST that still waits is answered at once, as for a 408.
    private mutating func ringTimeout(_ actions: inout [Action]) {
        guard phase == .calling, let current = attempts.indices.last, !attempts[current].hasFinal else { return }
        guard isPostPending else { return end(.ringTimeout, &actions) }
        attempts[current].isAbandoned = true
        actions.append(.cancel(attempt: current, reason: EndCause.ringTimeout.reasonHeader))
        let outcome = FinalResponse.sip(status: 408, q850: nil).outcome(hasRung: attempts[current].hasRung)
        fail(outcome, reason: EndCause.ringTimeout.text, &actions)
    }

    private mutating func resend(_ actions: inout [Action]) {
        for attempt in attempts.indices {
            for index in attempts[attempt].dialogs.indices where attempts[attempt].dialogs[index].owesBye {
                attempts[attempt].dialogs[index].owesBye = false
                let dialog = DialogID(attempt: attempt, index: index)
                actions.append(.bye(dialog, reason: end?.reasonHeader ?? OutboundCall.otherForkReason))
            }
        }
        guard phase == .calling, let last = attempts.last, last.hasFinal else { return }
        var again = Attempt(trunk: last.trunk, choice: last.choice)
        again.target = last.target
        again.omitsLocation = last.omitsLocation
        again.minSE = last.minSE
        invite(again, &actions)
    }

    /// `Reason` of a CANCEL because nothing came in time (RFC 3326; Q.850 §2.2).
    public static let noResponseReason = "Q.850;cause=102;text=\"Recovery on timer expiry\""

    private var owesBye: Bool {
        attempts.contains { $0.dialogs.contains(where: \.owesBye) }
    }

    private func isKnown(_ dialog: DialogID) -> Bool {
        attempts.indices.contains(dialog.attempt) && attempts[dialog.attempt].dialogs.indices.contains(dialog.index)
            && attempts[dialog.attempt].dialogs[dialog.index].isOpen
    }
}

extension OutboundCall.EndCause {
    /// What the session's `reason` says.
    var text: String {
        switch self {
        case .owner: "ended by the application"
        case .abandoned: "the application went away"
        case .ringTimeout: "no answer"
        case .maxDuration: "maximum duration reached"
        case .sessionTimeout: "session timeout"
        case .noAnswer: "answer without a media description"
        case .shutdown: "gateway shutting down"
        }
    }

    /// The Reason header of our CANCEL or BYE (RFC 3326; causes of Q.850 §2.2).
    var reasonHeader: String {
        switch self {
        case .owner, .abandoned: "Q.850;cause=16;text=\"Normal call clearing\""
        case .ringTimeout: "Q.850;cause=19;text=\"No answer from user\""
        case .maxDuration: "Q.850;cause=31;text=\"Maximum duration reached\""
        case .sessionTimeout: "Q.850;cause=102;text=\"Session timeout\""
        case .noAnswer: "Q.850;cause=88;text=\"No media description\""
        case .shutdown: "Q.850;cause=42;text=\"Shutting down\""
        }
    }

    /// What a POST that still waits is answered with.
    var refusal: CAMARAError {
        switch self {
        case .shutdown:
            CAMARAError(
                503, .unavailable, "The gateway is shutting down.", retryAfter: FinalResponse.defaultRetryAfter)
        default: CAMARAError(409, .aborted, "The call was cancelled: \(text).")
        }
    }

    /// The status of a session that ends before it was answered.
    var finalStatus: SessionStatus {
        switch self {
        case .ringTimeout: .noAnswer
        case .noAnswer: .failed
        default: .sessionCancelled
        }
    }

    /// The status of a session whose BYE was answered. A 200 that crossed our CANCEL was never told as `Connected`.
    func finalStatus(afterAnswer wasConnected: Bool) -> SessionStatus {
        wasConnected ? .terminated : finalStatus
    }
}
