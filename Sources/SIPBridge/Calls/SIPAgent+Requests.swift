import CSofiaSIP
import CallCore

/// Requests of the network: in a dialog, or out of the blue.
extension SIPAgent {
    /// Whether a request from `source` is answered at all (configuration `sip.unknownSource`).
    func admits(_ source: String) -> Bool {
        options.unknownSource == .reject || isTrunk(source)
    }

    private func isTrunk(_ source: String) -> Bool {
        options.trunks.contains { trunk in trunk.inbound.contains { $0.contains(source) } }
    }

    func received(_ request: UnsafePointer<csip_request>, on leg: UInt64, server: OpaquePointer) {
        let raw = request.pointee
        var isKept = false
        if let id = TransactionID(rawValue: leg), let call = calls[id.call] {
            isKept = inDialog(raw, id.dialogID, in: call, server: server)
        } else {
            let answer = StrayRequest(
                raw, isTrunk: isTrunk(String(cString: raw.source_address))
            ).answer
            reply(server, answer.status, headers: answer.headers)
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
            handle(.bye(dialog, reason: reason), in: call)
        case CSIP_UPDATE, CSIP_INVITE: return mediaRequest(request, dialog, in: call, server: server)
        case CSIP_OPTIONS: reply(server, 200)
        case CSIP_PRACK: reply(server, 481)
        case CSIP_INFO:
            let answer = MidCallRequest.answerToInfo(
                hasPackage: request.has_info_package, hasBody: request.body_length > 0)
            reply(server, answer.status, headers: answer.headers)
        // REFER too: no transfer is offered, and Allow says so (RFC 3515 §2.4.2 leaves it to RFC 3261 §8.2.1).
        default: reply(server, StrayRequest.isKnown(request.method) ? 405 : 501)
        }
        return false
    }

    func reply(_ server: OpaquePointer, _ status: Int, headers: String? = nil) {
        withOptionalCString(headers) { headers in
            _ = csip_server_reply(server, Int32(status), nil, nil, headers, nil, 0)
        }
    }
}
