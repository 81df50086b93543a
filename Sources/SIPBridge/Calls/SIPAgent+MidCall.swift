import CSofiaSIP
import CallCore

/// Changes of the media in mid-call: what the ``Negotiation`` decides, on the wire.
extension SIPAgent {
    /// Carries a PUT of Hold, Resume or a new offer to the negotiation, which says when it is answered.
    func change(
        _ change: Negotiation.Change, in call: ActiveCall,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
    ) {
        guard let dialog = call.state.negotiableDialog, call.midCall.reply == nil else {
            reply(.failure(CAMARAError(409, .aborted, "Another change of the session is under way.")))
            return
        }
        if let refusal = refusal(of: change.offer, towards: call.state.choices) {
            reply(.failure(refusal))
            return
        }
        call.midCall.reply = reply
        call.midCall.repliesWithSession = change.hold != nil
        handle(.negotiation(dialog, .change(change)), in: call)
    }

    func perform(_ action: Negotiation.Action, in dialog: OutboundCall.DialogID, of call: ActiveCall) {
        switch action {
        case .reinvite(let offer): sendReinvite(offer, in: dialog, of: call)
        case .cancel: cancelReinvite(of: call)
        case .respond(let status, let description):
            respond(status, description, in: dialog, of: call)
        case .reply(let error):
            guard let reply = call.midCall.reply else { return }
            call.midCall.reply = nil
            if let error {
                reply(.failure(error))
            } else {
                reply(.success(call.midCall.repliesWithSession ? .session(call.state.session) : .accepted))
            }
        case .start, .stop, .tell, .lost: break
        }
    }

    // MARK: - Our re-INVITE

    private func sendReinvite(_ offer: SessionDescription, in dialog: OutboundCall.DialogID, of call: ActiveCall) {
        let id = TransactionID(call: call.number, kind: .reinvite, dialog: dialog).rawValue
        let interval = call.state.sessionInterval
        // A re-INVITE without it would end the session timer (RFC 4028 §7.4).
        let line =
            interval > 0 ? "Session-Expires: \(interval);refresher=\(call.state.isRefresher ? "uac" : "uas")" : nil
        call.midCall.owesCancel = false
        if let leg = call.leg(of: dialog) {
            var text = offer.text
            call.midCall.client = withOptionalCString(line) { line in
                text.withUTF8 {
                    csip_leg_request(
                        leg, id, CSIP_INVITE, nextHop(of: dialog, in: call), line, $0.baseAddress, $0.count)
                }
            }
        }
        guard call.midCall.client == nil else { return }
        // Told like any transport failure, but not from within the action.
        let number = call.number
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                guard let call = agent.calls[number] else { return }
                agent.handle(
                    .negotiation(
                        dialog, .answered(status: 503, reason: "transport failure", answer: nil, draw: 0)), in: call)
            }
        }
    }

    private func cancelReinvite(of call: ActiveCall) {
        guard let client = call.midCall.client else { return }
        if csip_client_has_response(client) {
            _ = csip_client_cancel(client, SIPAgent.giveUpLine)
        } else {
            call.midCall.owesCancel = true
        }
    }

    /// Why a re-INVITE is cancelled: its time is up (RFC 3326; Q.850 §2.2).
    private static let giveUpLine = "Reason: \(OutboundCall.noResponseReason)"

    /// A response to our re-INVITE. A 2xx is acknowledged whatever has become of the call meanwhile.
    func reinviteAnswered(
        _ response: UnsafePointer<csip_response>, _ id: TransactionID, client: OpaquePointer, in call: ActiveCall
    ) {
        let raw = response.pointee
        let status = Int(raw.status)
        guard status >= 200 else {
            if call.midCall.owesCancel { _ = csip_client_cancel(client, SIPAgent.giveUpLine) }
            call.midCall.owesCancel = false
            return
        }
        let isSuccess = status < 300
        // A 2xx may come again after its transaction was given back: acknowledged, and nothing more.
        let isOurs = call.midCall.client == client
        // The ACK goes out after the change is told: whoever learns of it from the network finds it in the API. The
        // transaction is let go last: the response is its own, and the ACK finds its INVITE by it.
        defer {
            if isSuccess, let leg = call.leg(of: id.dialogID) {
                _ = csip_leg_ack(leg, nextHop(of: id.dialogID, in: call), raw.cseq)
            }
            if isOurs { csip_client_destroy(client) }
        }
        guard isOurs else { return }
        call.midCall.client = nil
        if isSuccess, let leg = call.leg(of: id.dialogID) {
            csip_leg_refresh(leg, response, false)
            call.hasMoved = true
        }
        let answer = InviteResponse(raw, isTrusted: false) { _, _ in nil }
        handle(
            .negotiation(
                id.dialogID,
                .answered(status: status, reason: answer.reasonText, answer: answer.sdp, draw: random.next())),
            in: call)
        if isSuccess, call.state.sessionInterval > 0 {
            handle(
                .refreshed(
                    id.dialogID, sessionExpires: raw.session_expires > 0 ? raw.session_expires : nil,
                    refresherIsUs: raw.refresher_is_uac), in: call)
        }
    }

    // MARK: - The peer's re-INVITE and UPDATE

    /// Answers a re-INVITE or an UPDATE; whether the transaction has to be kept for its ACK.
    func mediaRequest(
        _ request: csip_request, _ dialog: OutboundCall.DialogID, in call: ActiveCall, server: OpaquePointer
    ) -> Bool {
        if let answer = MidCallRequest.refusal(of: request) {
            reply(server, answer.status, headers: answer.headers)
            return false
        }
        var body: SessionDescription?
        switch MidCallRequest.body(of: request) {
        case .none: break
        case .description(let description): body = description
        case .refused(let status):
            reply(server, status)
            return false
        }
        let isInvite = request.method == CSIP_INVITE
        let isEarly = call.state.phase == .calling || call.state.phase == .cancelling
        if isInvite, isEarly {
            // Our own INVITE is open (RFC 3261 §14.2).
            reply(server, 491)
            return false
        }
        let timer = MidCallRequest.sessionTimer(request)
        call.midCall.incoming = MidCall.Incoming(server: server, request: request, headers: timer.line)
        if isInvite {
            handle(.negotiation(dialog, .invite(offer: body)), in: call)
        } else if body != nil, isEarly {
            // Changes of early media are not taken.
            reply(server, 488)
            call.midCall.incoming?.status = 488
        } else if let body {
            handle(.negotiation(dialog, .update(offer: body)), in: call)
        } else {
            // A session refresh (RFC 4028 §9), or a target refresh alone.
            respond(200, nil, in: dialog, of: call)
        }
        let status = call.midCall.incoming?.status ?? 0
        call.midCall.incoming = nil
        guard (200..<300).contains(status) else {
            if status == 0 { reply(server, 500) }
            return false
        }
        handle(
            .refreshed(dialog, sessionExpires: timer.interval, refresherIsUs: timer.isOurs), in: call)
        return isInvite && call.midCall.server == server
    }

    private func respond(
        _ status: Int, _ description: SessionDescription?, in dialog: OutboundCall.DialogID,
        of call: ActiveCall
    ) {
        guard let incoming = call.midCall.incoming, incoming.status == 0 else { return }
        let isSuccess = (200..<300).contains(status)
        if isSuccess {
            // RFC 3261 §12.2.2: only a request that is accepted moves the target.
            if let leg = call.leg(of: dialog) {
                withUnsafePointer(to: incoming.request) { csip_leg_retarget(leg, $0) }
                call.hasMoved = true
            }
            if incoming.request.method == CSIP_INVITE {
                let id = TransactionID(call: call.number, kind: .peerInvite, dialog: dialog)
                csip_server_bind(incoming.server, id.rawValue)
                call.midCall.server = incoming.server
            }
        }
        let lines = isSuccess ? incoming.headers : nil
        var text = description?.text ?? ""
        withOptionalCString(lines) { lines in
            text.withUTF8 {
                _ = csip_server_reply(incoming.server, Int32(status), nil, nil, lines, $0.baseAddress, $0.count)
            }
        }
        call.midCall.incoming?.status = status
    }

    /// ACK to a 2xx of ours, a CANCEL, or (no request) none came.
    func acknowledged(_ transaction: UInt64, method: csip_method, request: UnsafePointer<csip_request>?) {
        guard let id = TransactionID(rawValue: transaction) else { return }
        if id.kind == .calledInvite, let call = inboundCalls[id.call] {
            return acknowledged(call, method: method, request: request)
        }
        guard id.kind == .peerInvite, let call = calls[id.call], let server = call.midCall.server, method != CSIP_CANCEL
        else { return }
        call.midCall.server = nil
        defer { csip_server_destroy(server) }
        let answer = request.flatMap { MidCallRequest.description(in: $0.pointee) }
        handle(
            .negotiation(
                id.dialogID, method == CSIP_ACK ? .acknowledged(answer: answer) : .notAcknowledged), in: call)
    }
}
