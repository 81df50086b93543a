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
                reply(server, answer.status, headers: answer.headers)
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
        switch request.method {
        case CSIP_BYE:
            reply(server, 200)
            let reason = request.reason_text.map { String(cString: $0) }
            let hasDialog =
                call.attempts.indices.contains(dialog.attempt) && !call.attempts[dialog.attempt].dialogs.isEmpty
            if !hasDialog, let tag = request.from_tag {
                handle(.overtakingBye(attempt: dialog.attempt, tag: String(cString: tag), reason: reason), in: call)
            } else {
                handle(.bye(dialog, reason: reason), in: call)
            }
        case CSIP_UPDATE, CSIP_INVITE: return mediaRequest(request, dialog, in: call, server: server)
        default:
            let answer = MidCallRequest.answer(to: request)
            reply(server, answer.status, headers: answer.headers)
        }
        return false
    }

    func reply(_ server: OpaquePointer, _ status: Int, headers: String? = nil) {
        withOptionalCString(headers) { headers in
            _ = csip_server_reply(server, Int32(status), nil, nil, headers, nil, 0)
        }
    }
}
