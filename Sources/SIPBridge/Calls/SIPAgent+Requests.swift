import CSofiaSIP
import CallCore

/// Requests of the network: in a dialog, or out of the blue.
extension SIPAgent {
    /// Whether a request from `source` is answered at all (configuration `sip.unknownSource`).
    func admits(_ source: String) -> Bool {
        options.unknownSource == .reject || sources.trunk(of: source) != nil
    }

    func received(_ request: UnsafePointer<csip_request>, on leg: UInt64, server: OpaquePointer) {
        let raw = request.pointee
        var isKept = false
        if let id = TransactionID(rawValue: leg), let call = calls[id.call] {
            isKept = inDialog(raw, id.dialogID, in: call, server: server)
        } else if let id = TransactionID(rawValue: leg), let call = inboundCalls[id.call] {
            isKept = inDialog(raw, in: call, server: server)
        } else {
            let trunk = sources.trunk(of: String(cString: raw.source_address))
            if let answer = StrayRequest(raw, isTrunk: trunk != nil).answer {
                reply(server, answer.status, headers: answer.headers, in: sessionRefused(to: raw, by: trunk))
            } else {
                isKept = invited(request, by: trunk, server: server)
            }
        }
        if !isKept { csip_server_destroy(server) }
    }

    /// Answers; whether the transaction is kept for the ACK.
    private func inDialog(
        _ request: csip_request, _ dialog: OutboundCall.DialogID, in call: ActiveCall, server: OpaquePointer
    ) -> Bool {
        let session = RequestIdentifier(call[sessionOf: dialog], SessionIDField(request.session_id))
        switch request.method {
        case CSIP_BYE:
            reply(server, 200, to: session, in: dialog, of: call)
            let reason = request.reason_text.map { String(cString: $0) }
            let hasDialog =
                call.attempts.indices.contains(dialog.attempt) && !call.attempts[dialog.attempt].dialogs.isEmpty
            if !hasDialog, let tag = request.from_tag {
                handle(.overtakingBye(attempt: dialog.attempt, tag: String(cString: tag), reason: reason), in: call)
            } else {
                handle(.bye(dialog, reason: reason), in: call)
            }
        case CSIP_UPDATE, CSIP_INVITE:
            return mediaRequest(request, session, dialog, in: call, server: server)
        default:
            let answer = MidCallRequest.answer(to: request)
            reply(server, answer.status, headers: answer.headers, to: session, in: dialog, of: call)
        }
        return false
    }

    /// The session that an INVITE of a trunk would have begun.
    private func sessionRefused(to request: csip_request, by trunk: Int?) -> SessionIdentifier? {
        guard trunk != nil, request.method == CSIP_INVITE, request.to_tag == nil else { return nil }
        return SessionIdentifier(own: .random(using: &random), answering: SessionIDField(request.session_id))
    }

    // MARK: - Responses

    /// Answers a request.
    /// - Parameters:
    ///   - headers: lines, LF between them.
    ///   - others: more such lines, which need not be joined with the first.
    ///   - session: of which it is, if of any.
    /// - Returns: whether the response could be sent.
    @discardableResult
    func reply(
        _ server: OpaquePointer, _ status: Int, headers: String? = nil, _ others: String? = nil, body: String = "",
        in session: SessionIdentifier?
    ) -> Bool {
        var text = body
        return text.withUTF8 { body in
            func send(_ lines: UnsafePointer<CChar>?) -> Bool {
                csip_server_reply(server, Int32(status), nil, nil, lines, body.baseAddress, body.count)
            }
            guard let session else {
                let lines = [headers, others].compactMap(\.self)
                return withOptionalCString(lines.isEmpty ? nil : lines.joined(separator: "\n"), send)
            }
            return session.withLines(headers, others, send)
        }
    }

    /// Answers a request inside a dialog. Who is not refused with it has the UUID that the request has told (RFC 7989 §8).
    func reply(
        _ server: OpaquePointer, _ status: Int, headers: String? = nil, body: String = "",
        to request: RequestIdentifier, in dialog: OutboundCall.DialogID, of call: any NegotiatingCall
    ) {
        let session = request.response(call[sessionOf: dialog])
        if RequestIdentifier.isAccepted(by: status) { call[sessionOf: dialog] = session }
        reply(server, status, headers: headers, body: body, in: session)
    }
}
