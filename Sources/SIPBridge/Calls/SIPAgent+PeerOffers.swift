import CSofiaSIP
import CallCore

/// Changes of the media in mid-call that the peer asks for: re-INVITE and UPDATE.
extension SIPAgent {
    /// Answers a re-INVITE or an UPDATE; whether the transaction is kept, for its ACK or for the application's answer.
    func mediaRequest(
        _ request: csip_request, _ session: RequestIdentifier, _ dialog: OutboundCall.DialogID,
        in call: any NegotiatingCall, server: OpaquePointer
    ) -> Bool {
        let minimum = options.trunks[call.trunk(of: dialog)].sessionTimer.minimum
        if let answer = MidCallRequest.refusal(of: request, minimum: minimum) {
            reply(server, answer.status, headers: answer.headers, to: session, in: dialog, of: call)
            return false
        }
        var body: SessionDescription?
        switch MidCallRequest.body(of: request) {
        case .none: break
        case .description(let description): body = description
        case .refused(let status):
            reply(server, status, to: session, in: dialog, of: call)
            return false
        }
        let isInvite = request.method == CSIP_INVITE
        // A request that names no interval would end the session timer, and the peer's refreshes with it (RFC 4028 §7.2): the
        // 2xx names the one that runs, and the refreshing is ours from then on (§9).
        let terms = MidCallRequest.sessionTimer(request, wanted: call.sessionInterval)
        call.midCall.incoming = MidCall.Incoming(
            server: server, isInvite: isInvite, interval: terms.interval, isOurs: terms.isOurs,
            minSE: request.min_se, headers: terms.line, session: session)
        if isInvite {
            call.negotiate(.invite(offer: body), in: dialog, by: self)
        } else if let body {
            call.negotiate(.update(offer: body), in: dialog, by: self)
        } else {
            // A session refresh (RFC 4028 §9), or a target refresh alone.
            respond(call.isOver ? 481 : 200, nil, in: dialog, of: call)
        }
        guard let incoming = call.midCall.incoming else { return true }
        call.midCall.incoming = nil
        guard (200..<300).contains(incoming.status) else {
            if incoming.status == 0 { reply(server, 500, to: session, in: dialog, of: call) }
            return false
        }
        call.negotiate(incoming.refresh, in: dialog, by: self)
        return isInvite && call.midCall.server == server
    }

    /// Answers the request that has just come.
    func respond(
        _ status: Int, _ description: SessionDescription?, in dialog: OutboundCall.DialogID,
        of call: any NegotiatingCall
    ) {
        guard let incoming = call.midCall.incoming, incoming.status == 0 else { return }
        answer(incoming, status, description, in: dialog, of: call)
        call.midCall.incoming?.status = status
    }

    /// The application is to answer: the request stays, and its sender is told that it has arrived.
    func keepAsked(_ dialog: OutboundCall.DialogID, of call: any NegotiatingCall) {
        guard let incoming = call.midCall.incoming else { return }
        call.midCall.asked = incoming
        call.midCall.incoming = nil
        guard incoming.isInvite else { return }
        let id = TransactionID(call: call.number, kind: .peerInvite, dialog: dialog)
        csip_server_bind(incoming.server, id.rawValue)
        reply(incoming.server, 100, to: incoming.session, in: dialog, of: call)
    }

    /// Answers the request that was kept.
    func settle(
        _ status: Int, _ description: SessionDescription?, in dialog: OutboundCall.DialogID,
        of call: any NegotiatingCall
    ) {
        guard let asked = call.midCall.asked else { return }
        call.midCall.asked = nil
        answer(asked, status, description, in: dialog, of: call)
        if call.midCall.server != asked.server { csip_server_destroy(asked.server) }
        guard (200..<300).contains(status) else { return }
        later(asked.refresh, in: dialog, of: call)
    }

    private func answer(
        _ incoming: MidCall.Incoming, _ status: Int, _ description: SessionDescription?,
        in dialog: OutboundCall.DialogID, of call: any NegotiatingCall
    ) {
        var lines: String?
        if (200..<300).contains(status) {
            lines = incoming.headers
            // RFC 3261 §12.2.2: only a request that is accepted moves the target.
            if let leg = call.leg(of: dialog) {
                csip_leg_retarget(leg, incoming.server)
                call.hasMoved = true
            }
            if incoming.isInvite {
                let id = TransactionID(call: call.number, kind: .peerInvite, dialog: dialog)
                csip_server_bind(incoming.server, id.rawValue)
                // One that waits for its ACK still: the peer has sent it (RFC 5407 §3.1.4).
                if let earlier = call.midCall.server { csip_server_destroy(earlier) }
                call.midCall.server = incoming.server
            }
        } else if status == 500 {
            // RFC 3261 §14.2, RFC 3311 §5.2.
            lines = "Retry-After: \(random.next() % 11)"
        }
        reply(
            incoming.server, status, headers: lines, body: description?.text ?? "", to: incoming.session, in: dialog,
            of: call)
    }

    /// The ACK to a 2xx of ours, the CANCEL of a re-INVITE that waits for the application, or (no request) no ACK came.
    func peerInviteSettled(
        _ id: TransactionID, method: csip_method, request: UnsafePointer<csip_request>?, in call: any NegotiatingCall
    ) {
        if method == CSIP_CANCEL {
            // Answered or not: after the final response a CANCEL changes nothing (RFC 3261 §9.2).
            if call.midCall.asked?.isInvite ?? false { call.negotiate(.cancelled, in: id.dialogID, by: self) }
            return
        }
        guard let server = call.midCall.server else { return }
        call.midCall.server = nil
        defer { csip_server_destroy(server) }
        // RFC 7989 §8: the ACK to a 2xx tells the peer's UUID as the re-INVITE did.
        if method == CSIP_ACK { call[sessionOf: id.dialogID].take(SessionIDField(request?.pointee.session_id)) }
        let answer = request.flatMap { MidCallRequest.description(in: $0.pointee) }
        call.negotiate(
            method == CSIP_ACK ? .acknowledged(answer: answer) : .notAcknowledged, in: id.dialogID, by: self)
    }

    /// ACK or CANCEL for an INVITE of the peer, or its time-out.
    func acknowledged(_ transaction: UInt64, method: csip_method, request: UnsafePointer<csip_request>?) {
        guard let id = TransactionID(rawValue: transaction) else { return }
        if id.kind == .calledInvite, let call = inboundCalls[id.call] {
            return acknowledged(call, method: method, request: request)
        }
        guard id.kind == .peerInvite, let call = negotiating(id.call) else { return }
        peerInviteSettled(id, method: method, request: request, in: call)
    }
}
