/// Responses to the INVITE: early dialogs, reliable responses, forks, the answer, failure and the next trunk.
extension OutboundCall {
    // MARK: - Provisional responses

    mutating func provisional(_ response: InviteResponse, of attempt: Int, _ actions: inout [Action]) {
        guard !attempts[attempt].hasFinal, !attempts[attempt].isAbandoned, phase == .calling || phase == .cancelling
        else { return }
        if !attempts[attempt].hasResponse {
            attempts[attempt].hasResponse = true
            actions.append(.stop(.noResponse))
            if phase == .calling {
                actions.append(.start(.ring, policy.value.ring))
                if isPostPending { actions.append(.start(.progress, waitForProgress)) }
            }
        }
        if response.status == 100 { return }
        if response.status == 199 {
            endEarlyDialog(tag: response.toTag, of: attempt, &actions)
            return
        }
        attempts[attempt].hasProgress = true
        if response.status == 180 { attempts[attempt].hasRung = true }
        var dialog: DialogID?
        if let tag = response.toTag {
            dialog =
                self.dialog(tagged: tag, of: attempt)
                ?? openDialog(tag, of: attempt, limit: OutboundCall.maximumEarlyDialogs, &actions)
            // What comes from a fork too many cannot be acknowledged, so it is not followed either.
            guard dialog != nil else { return }
            if let dialog, let rseq = response.rseq {
                guard isNext(rseq, in: dialog) else { return }
                actions.append(.prack(dialog, rseq: rseq, cseq: response.cseq))
            }
        }
        let hasMedia = dialog.map { note(response, in: $0) } ?? (response.sdp != nil)
        guard phase == .calling else { return }
        let early = dialog.flatMap { attempts[attempt].dialogs[$0.index].answer }
        if let dialog { negotiateEarly(in: dialog, &actions) }
        if isPlayed(response, of: dialog) {
            follow(response, hasMedia: hasMedia || response.earlyMedia != nil, answer: early ?? response.sdp, &actions)
        } else {
            follow(response, hasMedia: false, answer: nil, &actions)
        }
        if isPostPending {
            actions.append(.stop(.progress))
            answerPost(&actions)
        }
    }

    /// Mapping §1.3: an application that helps somebody wants to know more before it shows a call.
    private var waitForProgress: Duration {
        isEmergency ? max(policy.value.waitForProgress, .seconds(4)) : policy.value.waitForProgress
    }

    /// RFC 3262 §4: a repetition is not answered again, and one out of order waits for its predecessor.
    private mutating func isNext(_ rseq: UInt32, in dialog: DialogID) -> Bool {
        let last = attempts[dialog.attempt].dialogs[dialog.index].lastRSeq
        guard last == nil || last.map({ $0 &+ 1 }) == rseq else { return false }
        attempts[dialog.attempt].dialogs[dialog.index].lastRSeq = rseq
        return true
    }

    /// Whether the application is to play what the network sends before the answer (RFC 5009 §8).
    private func isPlayed(_ response: InviteResponse, of dialog: DialogID?) -> Bool {
        let said = dialog.flatMap { attempts[$0.attempt].dialogs[$0.index].earlyMedia }
        return (said ?? response.earlyMedia ?? response.usualEarlyMedia) == .played
    }

    /// Keeps the description of an early dialog; whether there was one to keep. Once a reliable response has brought the
    /// answer, what comes after it is none (RFC 3261 §13.2.1, RFC 3262 §5).
    private mutating func note(_ response: InviteResponse, in dialog: DialogID) -> Bool {
        if response.allowsUpdate { attempts[dialog.attempt].dialogs[dialog.index].allowsUpdate = true }
        // A response that does not speak of them leaves them what they were.
        let earlyMedia = response.earlyMedia ?? attempts[dialog.attempt].dialogs[dialog.index].earlyMedia
        attempts[dialog.attempt].dialogs[dialog.index].earlyMedia = earlyMedia ?? response.usualEarlyMedia
        guard let sdp = response.sdp, !attempts[dialog.attempt].dialogs[dialog.index].isAnswered else { return false }
        attempts[dialog.attempt].dialogs[dialog.index].answer = sdp
        attempts[dialog.attempt].dialogs[dialog.index].isAnswered = response.rseq != nil
        return true
    }

    /// Status and answer follow the newest early dialog that carries SDP or a later status (mapping §3).
    private mutating func follow(
        _ response: InviteResponse, hasMedia: Bool, answer early: SessionDescription?, _ actions: inout [Action]
    ) {
        let status = OutboundCall.status(ofProvisional: response.status)
        let isLater = OutboundCall.rank(status) >= OutboundCall.rank(session.status)
        guard isLater || hasMedia else { return }
        // While the application owes an answer, the session shows what it has to answer.
        let answer = negotiation?.isAsking ?? false ? session.answer : early ?? session.answer
        guard status != session.status || answer != session.answer else { return }
        session.answer = answer
        setStatus(status, reason: response.status == 181 ? "forwarded" : nil, &actions)
    }

    static func status(ofProvisional status: Int) -> SessionStatus {
        switch status {
        case 180: .ringing
        case 181: .proceeding
        case 182: .waiting
        default: .inProgress  // 183, and any other as 183 (RFC 3261 §8.1.3.2)
        }
    }

    private static func rank(_ status: SessionStatus) -> Int {
        switch status {
        case .initial: 0
        case .proceeding: 1
        case .inProgress, .waiting: 2
        case .ringing: 3
        default: 4
        }
    }

    /// 199 (RFC 6228): that early dialog ends, the call goes on. It changes no status; if the dialog's media were what the
    /// application hears, those of the newest one left are told.
    private mutating func endEarlyDialog(tag: String?, of attempt: Int, _ actions: inout [Action]) {
        guard let tag, let dialog = self.dialog(tagged: tag, of: attempt) else { return }
        let gone = attempts[attempt].dialogs[dialog.index].answer
        close(dialog, &actions)
        guard phase == .calling, gone != nil, session.answer == gone else { return }
        let answer = attempts[attempt].dialogs.last {
            $0.isOpen && $0.answer != nil && $0.earlyMedia != .silent
        }?.answer
        guard answer != gone else { return }
        session.answer = answer
        setStatus(session.status, reason: session.reason, &actions)
    }

    // MARK: - Dialogs

    /// The open dialog that a peer's tag names.
    public func dialog(tagged tag: String, of attempt: Int) -> DialogID? {
        attempts[attempt].dialogs.firstIndex { $0.isOpen && $0.tag == tag }
            .map { DialogID(attempt: attempt, index: $0) }
    }

    /// Nil where a network forks beyond every measure.
    private mutating func openDialog(
        _ tag: String, of attempt: Int, limit: Int, _ actions: inout [Action]
    ) -> DialogID? {
        guard attempts[attempt].dialogs.count < limit else { return nil }
        let dialog = DialogID(attempt: attempt, index: attempts[attempt].dialogs.count)
        attempts[attempt].dialogs.append(Dialog(tag: tag))
        attempts[attempt].dialogs[dialog.index].earlyBye = attempts[attempt].overtaken.removeValue(forKey: tag)
        actions.append(.openDialog(dialog, isFork: dialog.index > 0))
        return dialog
    }

    mutating func close(_ dialog: DialogID, _ actions: inout [Action]) {
        guard attempts[dialog.attempt].dialogs[dialog.index].isOpen else { return }
        attempts[dialog.attempt].dialogs[dialog.index].isOpen = false
        actions.append(.closeDialog(dialog))
    }

    private mutating func closeDialogs(of attempt: Int, except kept: Int? = nil, _ actions: inout [Action]) {
        for index in attempts[attempt].dialogs.indices where index != kept {
            close(DialogID(attempt: attempt, index: index), &actions)
        }
    }

    // MARK: - Final responses

    mutating func final(_ response: InviteResponse, of attempt: Int, _ actions: inout [Action]) {
        let isLate = attempts[attempt].hasFinal
        if (200..<300).contains(response.status) {
            success(response, of: attempt, isLate: isLate, &actions)
        } else if !isLate {
            failure(response, of: attempt, &actions)
        }
    }

    private mutating func success(
        _ response: InviteResponse, of attempt: Int, isLate: Bool, _ actions: inout [Action]
    ) {
        let known = response.toTag.flatMap { dialog(tagged: $0, of: attempt) }
        if let known, attempts[attempt].dialogs[known.index].isConfirmed {
            // The same 2xx again: our ACK was lost (RFC 3261 §13.2.2.4). The dialog stays what it is.
            actions.append(.ack(known, cseq: response.cseq))
            return
        }
        let limit = OutboundCall.maximumDialogs
        guard let dialog = known ?? openDialog(response.toTag ?? "", of: attempt, limit: limit, &actions)
        else { return }
        if known != nil { actions.append(.refreshDialog(dialog)) }
        if response.allowsUpdate { attempts[dialog.attempt].dialogs[dialog.index].allowsUpdate = true }
        let earlyBye = attempts[dialog.attempt].dialogs[dialog.index].earlyBye
        let wins = !isLate && phase == .calling && !attempts[attempt].isAbandoned && earlyBye == nil
        let answer = wins ? self.answer(in: response, of: dialog) : nil
        if let answer {
            // Told before the ACK goes out: whoever learns of the answer from the network finds it in the API.
            phase = .connected(dialog)
            beginNegotiation(in: dialog, answer: answer, &actions)
            session.offer = negotiation?.shownOffer
            session.answer = negotiation?.shownAnswer
            setStatus(.connected, reason: nil, &actions)
        }
        attempts[attempt].dialogs[dialog.index].isConfirmed = true
        actions.append(.ack(dialog, cseq: response.cseq))
        let isAbandoned = attempts[attempt].isAbandoned
        if !isLate {
            attempts[attempt].hasFinal = true
            // The timers are those of the attempt that has taken an abandoned one's place.
            if !isAbandoned { stopCallingTimers(&actions) }
            closeDialogs(of: attempt, except: dialog.index, &actions)
            actions.append(.releaseInvite(attempt: attempt))
        }
        if let earlyBye {
            // The callee has hung up already: its BYE has overtaken the 2xx.
            close(dialog, &actions)
            if !isLate, !isAbandoned { endOvertaken(earlyBye, &actions) }
            return
        }
        guard wins else {
            // The first 2xx wins. One that comes late, for an attempt given up or across our CANCEL is ended at once.
            let reason = isAbandoned ? OutboundCall.noResponseReason : OutboundCall.otherForkReason
            actions.append(.bye(dialog, reason: end?.reasonHeader ?? reason))
            if !isLate, !isAbandoned, phase == .cancelling { phase = .ending(dialog) }
            return
        }
        guard answer != nil else {
            end = .noAnswer
            phase = .ending(dialog)
            actions.append(.bye(dialog, reason: EndCause.noAnswer.reasonHeader))
            if isPostPending {
                isPostPending = false
                actions.append(
                    .answerPost(CAMARAError(502, .badGateway, "The network answered without a media description.")))
            }
            return
        }
        answerPost(&actions)
        actions.append(.start(.maxDuration, policy.value.maxDuration))
        confirmNegotiation(by: response, &actions)
    }

    /// RFC 3261 §13.2.1: an answer in a reliable response stands; else the 2xx carries it. A network that sent it in an
    /// unreliable response only is forgiven.
    private func answer(in response: InviteResponse, of dialog: DialogID) -> SessionDescription? {
        let early = attempts[dialog.attempt].dialogs[dialog.index]
        return early.isAnswered ? early.answer : response.sdp ?? early.answer
    }

    private mutating func failure(_ response: InviteResponse, of attempt: Int, _ actions: inout [Action]) {
        attempts[attempt].hasFinal = true
        closeDialogs(of: attempt, &actions)
        actions.append(.releaseInvite(attempt: attempt))
        guard !attempts[attempt].isAbandoned else { return }
        stopCallingTimers(&actions)
        switch phase {
        case .calling: proceed(after: response, of: attempt, &actions)
        case .cancelling: concludeCancelled(by: response, of: attempt, &actions)
        default: break
        }
    }

    private mutating func stopCallingTimers(_ actions: inout [Action]) {
        actions.append(.stop(.progress))
        actions.append(.stop(.noResponse))
        actions.append(.stop(.ring))
    }

    /// Another INVITE where the response or the route allows one, else the end.
    private mutating func proceed(after response: InviteResponse, of index: Int, _ actions: inout [Action]) {
        let attempt = attempts[index]
        let mayRetry = attempts.count < OutboundCall.maximumAttempts
        if response.status == 422, let minSE = response.minSE, attempt.minSE == nil, mayRetry {
            var again = Attempt(trunk: attempt.trunk, choice: attempt.choice)
            again.target = attempt.target
            again.omitsLocation = attempt.omitsLocation
            // Never below the smallest interval there is (RFC 4028 §5).
            again.minSE = max(minSE, 90)
            again.isRepeat = true
            invite(again, &actions)
            return
        }
        if response.isAnswerable, mayRetry {
            var again = Attempt(trunk: attempt.trunk, choice: attempt.choice)
            again.target = attempt.target
            again.omitsLocation = attempt.omitsLocation
            again.minSE = attempt.minSE
            again.isRepeat = true
            invite(again, &actions)
            return
        }
        if response.refusesLocation, !attempt.omitsLocation, mayRetry {
            // A location that is not wanted stops no call (emergency 6; mapping §2, 424).
            var again = Attempt(trunk: attempt.trunk, choice: attempt.choice)
            again.target = attempt.target
            again.minSE = attempt.minSE
            again.omitsLocation = true
            again.isRepeat = true
            invite(again, &actions)
            return
        }
        if isEmergency { return proceedWithEmergency(after: response, of: attempt, &actions) }
        if (300...302).contains(response.status), let redirect = response.redirect, mayRetry,
            redirects < OutboundCall.maximumRedirects
        {
            redirects += 1
            var choice = attempt.choice
            choice.trunk = redirect.trunk
            choice.peer = redirect.peer
            var again = Attempt(trunk: redirect.trunk, choice: choice)
            again.target = RedirectTarget(user: redirect.user, headers: redirect.headers)
            invite(again, &actions)
            return
        }
        if (300..<400).contains(response.status), response.asksForEmergency {
            return becomeEmergency(response, &actions)
        }
        let verdict = response.final
        // A connection lost after a 100: the network has the INVITE, and nothing can cancel it any more. Another one
        // might ring the phone twice.
        let isTaken = verdict == .transportFailure && attempt.hasResponse
        if hasChoice, !isTaken,
            verdict.mayFailOver(statuses: attempt.choice.failoverStatuses, hasProgress: attempt.hasProgress)
        {
            nextAttempt(&actions)
            return
        }
        settle(verdict, response, attempt, &actions)
    }

    /// No other trunk takes the call: once more if it was never sent, else the end.
    mutating func settle(
        _ verdict: FinalResponse, _ response: InviteResponse, _ attempt: Attempt, _ actions: inout [Action]
    ) {
        let mayRetry = attempts.count < OutboundCall.maximumAttempts
        // A full socket buffer comes back as a transport failure: the datagram is sent again before the call fails.
        if verdict == .transportFailure, !attempt.hasResponse, resends < OutboundCall.maximumResends, mayRetry {
            resends += 1
            actions.append(.start(.resend, .milliseconds(50 * resends)))
            return
        }
        let outcome = verdict.outcome(hasRung: attempt.hasRung, retryAfter: response.retryAfter)
        if outcome.isAlarm { actions.append(.alarm(outcome.error.message)) }
        fail(outcome, reason: response.reasonText, &actions)
    }

    mutating func fail(_ outcome: FinalOutcome, reason: String, _ actions: inout [Action]) {
        guard isPostPending else {
            conclude(outcome.status, reason: reason, &actions)
            return
        }
        if outcome.isCalleeOutcome, policy.value.calleeOutcome == .resource {
            conclude(outcome.status, reason: reason, &actions)
            answerPost(&actions)
        } else {
            isPostPending = false
            conclude(outcome.status, reason: reason, &actions)
            actions.append(.answerPost(outcome.error))
        }
    }

    /// `Reason` of the BYE to a fork that answered after another one had.
    static let otherForkReason = "SIP;cause=200;text=\"Call completed elsewhere\""
}
