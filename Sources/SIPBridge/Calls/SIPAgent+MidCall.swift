import CSofiaSIP
import CallCore

/// Changes of the media in mid-call that we ask for: what the ``Negotiation`` decides, on the wire.
extension SIPAgent {
    /// Carries a PUT of Hold, Resume, a new offer or an answer to the negotiation, which says when it is answered.
    func change(
        _ change: Negotiation.Change, in call: ActiveCall,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
    ) {
        let isAnswer = change.answer != nil
        guard let dialog = call.state.negotiableDialog, isAnswer || call.midCall.reply == nil else {
            reply(.failure(CAMARAError(409, .aborted, "Another change of the session is under way.")))
            return
        }
        if let refusal = refusal(of: change.offer ?? change.answer, towards: call.state.choices) {
            reply(.failure(refusal))
            return
        }
        if isAnswer {
            call.midCall.answerReply = reply
        } else {
            call.midCall.reply = reply
            call.midCall.repliesWithSession = change.hold != nil
        }
        handle(.negotiation(dialog, .change(change)), in: call)
    }

    func perform(_ action: Negotiation.Action, in dialog: OutboundCall.DialogID, of call: ActiveCall) {
        switch action {
        case .reply(let error):
            let granted: SessionChangeResult =
                call.midCall.repliesWithSession ? .session(call.state.session) : .accepted
            call.midCall.reply.take()?(SIPAgent.result(error, else: granted))
        case .replyToAnswer(let error):
            call.midCall.answerReply.take()?(SIPAgent.result(error, else: .session(call.state.session)))
        default: carryOut(action, in: dialog, of: call)
        }
    }

    private static func result(
        _ error: CAMARAError?, else granted: SessionChangeResult
    ) -> Result<SessionChangeResult, CAMARAError> {
        if let error { .failure(error) } else { .success(granted) }
    }

    func carryOut(
        _ action: Negotiation.Action, in dialog: OutboundCall.DialogID, of call: any NegotiatingCall
    ) {
        switch action {
        case .reinvite(let offer): sendOffer(offer, by: .invite, in: dialog, of: call)
        case .update(let offer): sendOffer(offer, by: .update, in: dialog, of: call)
        case .cancel: cancelReinvite(of: call)
        case .refresh(let usesUpdate): sendRefresh(dialog, usesUpdate: usesUpdate, in: call)
        case .respond(let status, let description): respond(status, description, in: dialog, of: call)
        case .ask: keepAsked(dialog, of: call)
        case .settle(let status, let description): settle(status, description, in: dialog, of: call)
        case .start, .stop, .tell, .lost, .reply, .replyToAnswer: break
        }
    }

    /// Tells a call something that an action has come upon, but not from within the action.
    func later(
        _ event: Negotiation.Event, in dialog: OutboundCall.DialogID, of call: any NegotiatingCall
    ) {
        let number = call.number
        thread.post { [weak self] in
            self?.assumeIsolated { agent in agent.negotiating(number)?.negotiate(event, in: dialog, by: agent) }
        }
    }

    // MARK: - Our re-INVITE, or an UPDATE in its place

    private func sendOffer(
        _ offer: SessionDescription, by method: DialogRequest.Method, in dialog: OutboundCall.DialogID,
        of call: any NegotiatingCall
    ) {
        let id = TransactionID(call: call.number, kind: .reinvite, dialog: dialog)
        // Another fork has answered while an UPDATE was open in its early dialog: nobody waits for that any more.
        if let earlier = call.midCall.client {
            call.challengeable[earlier] = nil
            csip_client_destroy(earlier)
        }
        call.midCall.owesCancel = false
        call.midCall.isInvite = method == .invite
        let lines = timerLines(in: dialog, of: call, isRefresher: call.isRefresher)
        let request = DialogRequest(method: method, headers: lines, body: offer.text)
        call.midCall.client = send(request, id, of: call)
        guard call.midCall.client == nil else { return }
        // Told like any transport failure.
        later(.answered(status: 503, reason: "transport failure", answer: nil, draw: 0), in: dialog, of: call)
    }

    /// What a re-INVITE or UPDATE says of the session timer, which one without it would end; nil where there is none. The
    /// interval is not below the least that anybody takes (RFC 4028 §7.4).
    func timerLines(
        in dialog: OutboundCall.DialogID, of call: any NegotiatingCall, isRefresher: Bool
    ) -> String? {
        let interval = call.sessionInterval
        guard interval > 0 else { return nil }
        let policy = options.trunks[call.trunk(of: dialog)].sessionTimer
        let least = policy.asking(atLeast: call.minSE > 0 ? call.minSE : nil).minimum
        let line = "Session-Expires: \(max(interval, least));refresher=\(isRefresher ? "uac" : "uas")"
        return least > 0 ? "\(line)\nMin-SE: \(least)" : line
    }

    private func cancelReinvite(of call: any NegotiatingCall) {
        guard call.midCall.isInvite, let client = call.midCall.client else { return }
        if csip_client_has_response(client) {
            SIPAgent.cancel(client, of: call)
        } else {
            call.midCall.owesCancel = true
        }
        // Given up: not sent again.
        call.challengeable[client]?.isGivenUp = true
    }

    /// Cancels our re-INVITE, whose time is up (RFC 3326; Q.850 §2.2), with the headers that it has itself.
    private static func cancel(_ client: OpaquePointer, of call: any NegotiatingCall) {
        let credentials = call.challengeable[client]?.credentials
        call.midCall.session.withLines("Reason: \(OutboundCall.noResponseReason)", credentials) {
            _ = csip_client_cancel(client, $0)
        }
    }

    /// A response to our re-INVITE or UPDATE. A 2xx to an INVITE is acknowledged whatever has become of the call meanwhile.
    func reinviteAnswered(
        _ response: UnsafePointer<csip_response>, _ id: TransactionID, client: OpaquePointer,
        in call: any NegotiatingCall
    ) {
        let raw = response.pointee
        let status = Int(raw.status)
        guard status >= 200 else {
            if call.midCall.owesCancel { SIPAgent.cancel(client, of: call) }
            call.midCall.owesCancel = false
            return
        }
        let isSuccess = status < 300
        // A 2xx may come again after its transaction was given back: acknowledged, and nothing more.
        let isOurs = call.midCall.client == client
        // The ACK goes out after the change is told: whoever learns of it from the network finds it in the API. The
        // transaction is let go last: the response is its own, and the ACK finds its INVITE by it.
        defer {
            if isSuccess, raw.method == CSIP_INVITE, let leg = call.leg(of: id.dialogID) {
                acknowledge(leg, raw.cseq, call.challengeable[client]?.credentials, in: id.dialogID, of: call)
            }
            if isOurs { csip_client_destroy(client) }
        }
        guard isOurs else { return }
        call.midCall.client = nil
        if isSuccess, let leg = call.leg(of: id.dialogID) {
            csip_leg_refresh(leg, response, false)
            call.hasMoved = true
        }
        let answer = InviteResponse(raw, isTrusted: false) { _, _, _ in nil }
        call.negotiate(
            .answered(
                status: status, reason: answer.reasonText, answer: answer.sdp, draw: random.next(), minSE: answer.minSE),
            in: id.dialogID, by: self)
        if isSuccess, call.sessionInterval > 0 {
            let terms: Negotiation.Event =
                raw.session_expires > 0
                ? .refreshed(sessionExpires: raw.session_expires, refresherIsUs: raw.refresher_is_uac) : .untimed
            call.negotiate(terms, in: id.dialogID, by: self)
        }
    }

    // MARK: - Our refresh

    /// The final response to a refresh. The transaction is let go last: the response is its own.
    func refreshAnswered(
        _ response: UnsafePointer<csip_response>, _ id: TransactionID, client: OpaquePointer,
        in call: any NegotiatingCall
    ) {
        let raw = response.pointee
        let status = Int(raw.status)
        guard status >= 200 else { return }
        let isOurs = call.pending.removeValue(forKey: id.rawValue) != nil
        defer { if isOurs { csip_client_destroy(client) } }
        if (200..<300).contains(status), let leg = call.leg(of: id.dialogID) {
            // A refresh may move the peer's target as any re-INVITE or UPDATE may (RFC 3261 §12.2.1.2, RFC 3311 §5.1).
            if isOurs { csip_leg_refresh(leg, response, false) }
            if raw.method == CSIP_INVITE {
                acknowledge(leg, raw.cseq, call.challengeable[client]?.credentials, in: id.dialogID, of: call)
            }
            guard isOurs else { return }
            call.hasMoved = true
            let answer = InviteResponse(raw, isTrusted: false) { _, _, _ in nil }
            if let sdp = answer.sdp { call.negotiate(.refreshAnswer(sdp), in: id.dialogID, by: self) }
        }
        guard isOurs else { return }
        call.negotiate(
            .refreshAnswered(
                status: status, sessionExpires: raw.session_expires > 0 ? raw.session_expires : nil,
                minSE: raw.min_se > 0 ? raw.min_se : nil), in: id.dialogID, by: self)
    }
}
