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
        defer { csip_server_destroy(server) }
        let raw = request.pointee
        if let id = TransactionID(rawValue: leg), let call = calls[id.call] {
            inDialog(raw, id.dialogID, in: call, server: server)
        } else {
            let answer = StrayRequest(
                raw, isTrunk: isTrunk(String(cString: raw.source_address))
            ).answer
            reply(server, answer.status, headers: answer.headers)
        }
    }

    private func inDialog(
        _ request: csip_request, _ dialog: OutboundCall.DialogID, in call: ActiveCall, server: OpaquePointer
    ) {
        switch request.method {
        case CSIP_BYE:
            reply(server, 200)
            let reason = request.reason_text.map { String(cString: $0) }
            handle(.bye(dialog, reason: reason), in: call)
        case CSIP_UPDATE where request.body_length == 0:
            // A session refresh (RFC 4028 §9), or a target refresh that the stack has taken note of.
            let expires = request.session_expires
            // Where the peer leaves the refreshing to us, or knows no timers, we refresh.
            let isOurs = !(request.refresher_is_uac && request.supports_timer)
            let require = request.supports_timer ? "\nRequire: timer" : ""
            let line = "Session-Expires: \(expires);refresher=\(isOurs ? "uas" : "uac")\(require)"
            reply(server, 200, headers: expires > 0 ? line : nil)
            handle(
                .refreshed(dialog, sessionExpires: expires > 0 ? expires : nil, refresherIsUs: isOurs), in: call)
        case CSIP_UPDATE, CSIP_INVITE:
            // Another media description in mid-call is not taken; the session stays as it was (RFC 3261 §14.2).
            reply(server, 488)
        case CSIP_OPTIONS: reply(server, 200)
        case CSIP_PRACK: reply(server, 481)
        default: reply(server, StrayRequest.isKnown(request.method) ? 405 : 501)
        }
    }

    func reply(_ server: OpaquePointer, _ status: Int, headers: String? = nil) {
        withOptionalCString(headers) { headers in
            _ = csip_server_reply(server, Int32(status), nil, nil, headers, nil, 0)
        }
    }
}
