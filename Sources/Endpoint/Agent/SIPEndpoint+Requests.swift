import CSofiaSIP
import CallCore
import SIPBridge

/// Requests of the peer: new calls, and requests within one.
extension SIPEndpoint {
    /// Whether a request outside any dialog is looked at: not if the number dialled is one that never answers.
    func admits(_ request: UnsafePointer<csip_request>) -> Bool {
        let raw = request.pointee
        guard raw.method == CSIP_INVITE, raw.to_tag == nil, let user = raw.uri_user else { return true }
        let behaviour = behaviour(for: String(cString: user))
        guard behaviour.script == .silence else { return true }
        show(raw, note: behaviour.note)
        return false
    }

    /// What is done for a number dialled, and what that means for people.
    private func behaviour(for number: String) -> (script: EndpointScript, note: String?) {
        if let script = options.script { return (script(number), nil) }
        // The table's last row is for every number.
        guard let behaviour = EndpointBehaviour(number: number) else { return (.silence, nil) }
        return (behaviour.script, behaviour.row.note)
    }

    /// Whether a request with an offer meets one of ours (RFC 3261 §14.2, RFC 3311 §5.2).
    func isGlare(_ request: csip_request, in call: some ChangingCall) -> Bool {
        let isOpen = call.isOpening || call.change != nil
        return isOpen && (request.method == CSIP_INVITE || (call.change != nil && request.body_length > 0))
    }

    func received(_ request: UnsafePointer<csip_request>, on leg: UInt64, server: OpaquePointer) {
        let raw = request.pointee
        if let id = HandleID(rawValue: leg), let call = calls[id.call] {
            inDialog(raw, of: call, server: server)
        } else if let id = HandleID(rawValue: leg), let call = placed[id.call] {
            inDialog(raw, of: call, server: server)
        } else {
            outsideDialog(request, server: server)
        }
    }

    // MARK: - Outside any dialog

    private func outsideDialog(_ request: UnsafePointer<csip_request>, server: OpaquePointer) {
        let raw = request.pointee
        switch RequestCheck(raw).verdict {
        case .reply(let status, let headers):
            show(raw)
            reply(server, status, headers: headers, to: raw)
            csip_server_destroy(server)
        case .call: newCall(request, server: server)
        }
    }

    private func newCall(_ request: UnsafePointer<csip_request>, server: OpaquePointer) {
        let raw = request.pointee
        let dialled = SIPText.shown(raw.uri_user, limit: 64)
        let behaviour = behaviour(for: dialled)
        guard let handle, case .steps(let steps) = behaviour.script else { return csip_server_destroy(server) }
        show(raw, note: behaviour.note)
        var offer: SDPOffer?
        if let body = raw.body, raw.body_length > 0 {
            offer = SDPOffer(UnsafeBufferPointer(start: body, count: raw.body_length))
            guard offer != nil else { return refuse(server, 400, to: raw) }
        }
        guard calls.count < options.maximumCalls else { return refuse(server, 503, headers: "Retry-After: 5", to: raw) }
        var answerer = SDPAnswerer(address: addressOfMedia, using: &random)
        let description = offer.map { answerer.answer(to: $0, using: &random) } ?? answerer.offer()
        guard let description else { return refuse(server, 488, to: raw) }

        lastNumber += 1
        let call = LiveCall(
            number: lastNumber, dialled: dialled, callID: SIPText.shown(raw.call_id, limit: 64),
            tag: RandomText.hex(digits: 16, using: &random), otherTag: RandomText.hex(digits: 16, using: &random),
            nextHop: nextHop(raw), state: EndpointCall(steps, supports100rel: raw.supports_100rel), answerer: answerer,
            offer: offer,
            sessionTimer: ResponseHeaders.sessionTimer(
                expires: raw.session_expires, isSupported: raw.supports_timer))
        call.description = description
        call.invite = server
        let leg = HandleID(call: call.number, kind: .leg).rawValue
        call.leg = call.tag.withCString { csip_server_accept_dialog(handle, server, leg, $0, request) }
        csip_server_bind(server, HandleID(call: call.number, kind: .invite).rawValue)
        calls[call.number] = call
        self.handle(.start, in: call)
    }

    private func refuse(_ server: OpaquePointer, _ status: Int, headers: String? = nil, to request: csip_request) {
        reply(server, status, headers: headers, to: request)
        csip_server_destroy(server)
    }

    /// An address the description may name: a wildcard is none.
    var addressOfMedia: String {
        switch local.host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: local.host
        }
    }

    private func nextHop(_ request: csip_request) -> String {
        let transport: SIPAddress.Transport = request.is_reliable_transport ? .tcp : .udp
        return SIPAddress(
            transport: transport, host: String(cString: request.source_address), port: request.source_port
        ).uri
    }

    // MARK: - In a dialog

    private func inDialog(_ request: csip_request, of call: LiveCall, server: OpaquePointer) {
        show(request)
        switch request.method {
        case CSIP_BYE:
            reply(server, 200, to: request)
            csip_server_destroy(server)
            handle(.bye, in: call)
        case CSIP_INVITE, CSIP_UPDATE: newDescription(request, in: call, server: server)
        default:
            let isKnown = request.method != CSIP_OTHER
            let status = request.method == CSIP_OPTIONS ? 200 : isKnown ? 405 : 501
            reply(server, status, to: request)
            csip_server_destroy(server)
        }
    }

    /// A re-INVITE or UPDATE: another description, a session refresh, or both (RFC 3261 §14.2, RFC 3311 §5.2).
    private func newDescription(_ request: csip_request, in call: LiveCall, server: OpaquePointer) {
        if isGlare(request, in: call) { return refuse(server, 491, to: request) }
        var description: String?
        if let body = request.body, request.body_length > 0 {
            guard RequestCheck(request).isDescription,
                let offer = SDPOffer(UnsafeBufferPointer(start: body, count: request.body_length))
            else { return refuse(server, 400, to: request) }
            description = call.answerer.answer(to: offer, using: &random)
            guard description != nil else { return refuse(server, 488, to: request) }
        } else if request.method == CSIP_INVITE {
            description = call.answerer.offer()
        }
        let headers = ResponseHeaders.sessionTimer(
            expires: request.session_expires, isSupported: request.supports_timer)
        reply(server, 200, headers: headers, description: description, to: request)
        if request.method == CSIP_INVITE {
            if let earlier = call.reinvite { csip_server_destroy(earlier) }
            call.reinvite = server
            csip_server_bind(server, HandleID(call: call.number, kind: .reinvite).rawValue)
        } else {
            csip_server_destroy(server)
        }
    }

    // MARK: - ACK, CANCEL, PRACK

    func acknowledged(_ transaction: UInt64, method: csip_method, request: UnsafePointer<csip_request>?) {
        if let id = HandleID(rawValue: transaction), let call = placed[id.call] {
            // The ACK of the callee's re-INVITE, or its absence.
            if let request { show(request.pointee) }
            if let reinvite = call.reinvite { csip_server_destroy(reinvite) }
            call.reinvite = nil
            return
        }
        guard let id = HandleID(rawValue: transaction), let call = calls[id.call] else { return }
        if let request { show(request.pointee) }
        if id.kind == .reinvite {
            if let reinvite = call.reinvite { csip_server_destroy(reinvite) }
            call.reinvite = nil
            return
        }
        switch method {
        case CSIP_ACK: handle(.acknowledged, in: call)
        case CSIP_CANCEL:
            // The stack has answered the CANCEL.
            show(.sent, "200 OK (CANCEL)", in: call)
            handle(.cancelled, in: call)
        default: handle(.transactionTimedOut, in: call)
        }
    }

    func pracked(_ transaction: UInt64, by prack: OpaquePointer) {
        guard let id = HandleID(rawValue: transaction), let call = calls[id.call] else { return }
        show(.received, "PRACK", in: call)
        // Before what follows from it.
        send(200, on: prack)
        show(.sent, "200 OK (PRACK)", in: call)
        handle(.pracked, in: call)
    }

    // MARK: - Replies

    func reply(
        _ server: OpaquePointer, _ status: Int, headers: String? = nil, description: String? = nil,
        to request: csip_request
    ) {
        send(status, on: server, headers: headers, description: description)
        show(
            LadderLine(
                direction: .sent,
                message: LadderLine.response(status, to: SIPText.shown(request.method_name, limit: 16)),
                callID: SIPText.shown(request.call_id, limit: 8),
                tag: request.to_tag.map { SIPText.shown($0, limit: 8) }, bodyBytes: description?.utf8.count ?? 0))
    }

    func send(
        _ status: Int, on server: OpaquePointer, tag: String? = nil, headers: String? = nil, description: String? = nil
    ) {
        var description = description ?? ""
        withOptionalCString(tag) { tag in
            withOptionalCString(headers) { headers in
                description.withUTF8 { body in
                    _ = csip_server_reply(server, Int32(status), nil, tag, headers, body.baseAddress, body.count)
                }
            }
        }
    }
}
