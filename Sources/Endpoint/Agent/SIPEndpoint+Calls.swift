import CSofiaSIP
import CallCore
import SIPBridge

/// Driving calls: events in, actions out.
extension SIPEndpoint {
    func handle(_ event: EndpointCall.Event, in call: LiveCall) {
        for action in call.state.handle(event) { perform(action, in: call) }
    }

    private func perform(_ action: EndpointCall.Action, in call: LiveCall) {
        switch action {
        case .respond(let status, let phone, let describes):
            respond(status, from: phone, describes: describes, in: call)
        case .respondReliably(let status): respondReliably(status, in: call)
        case .wait(let duration): deadlines.update(call, deadline: options.clock() &+ duration.nanoseconds)
        case .stopWaiting: deadlines.remove(call)
        case .change(let change): send(change, in: call)
        case .sendBye: sendBye(in: call)
        case .releaseInvite: call.releaseInvite()
        case .finish:
            deadlines.remove(call)
            calls[call.number] = nil
            release(call)
        }
    }

    private func respond(_ status: Int, from phone: EndpointPhone, describes: Bool, in call: LiveCall) {
        guard let invite = call.invite else { return }
        let description = describes ? call.description : nil
        let headers =
            (200..<300).contains(status)
            ? call.sessionTimer
            : ResponseHeaders.lines(
                status: status, number: call.dialled, host: "\(local.bracketedHost):\(local.port)")
        send(status, on: invite, tag: phone == .other ? call.otherTag : nil, headers: headers, description: description)
        // 100 carries no tag of ours (RFC 3261 §8.2.6.2).
        let tag = status == 100 ? nil : phone == .other ? call.otherTag : call.tag
        show(.sent, status, "INVITE", in: call, tag: tag, description: description)
    }

    private func respondReliably(_ status: Int, in call: LiveCall) {
        guard let invite = call.invite else { return }
        let id = HandleID(call: call.number, kind: .invite).rawValue
        var description = call.description ?? ""
        let isSent = description.withUTF8 { body in
            csip_server_reply_reliably(invite, id, Int32(status), nil, body.baseAddress, body.count)
        }
        guard isSent else { return }
        show(.sent, status, "INVITE", in: call, tag: call.tag, description: call.description, note: "wants a PRACK")
    }

    private func sendBye(in call: LiveCall) {
        let id = HandleID(call: call.number, kind: .bye).rawValue
        if let leg = call.leg {
            call.bye = csip_leg_request(leg, id, CSIP_BYE, call.nextHop, "Reason: Q.850;cause=16", nil, 0)
        }
        guard call.bye != nil else {
            // It could not be built or routed: as if it had timed out, but not from within the action.
            let number = call.number
            thread.post { [weak self] in
                self?.assumeIsolated { endpoint in
                    if let call = endpoint.calls[number] { endpoint.handle(.byeAnswered, in: call) }
                }
            }
            return
        }
        show(.sent, "BYE", in: call, tag: call.tag)
    }

    /// A response to our BYE, or to a request of a call that this endpoint has placed.
    func received(_ response: UnsafePointer<csip_response>, for transaction: UInt64, client: OpaquePointer) {
        if let id = HandleID(rawValue: transaction), id.kind == .change {
            return received(response, toChangeOf: id.call, client: client)
        }
        if let id = HandleID(rawValue: transaction), let call = placed[id.call] {
            return received(response, for: id.kind, of: call, client: client)
        }
        guard response.pointee.status >= 200 else { return }
        guard let id = HandleID(rawValue: transaction), let call = calls[id.call], call.bye == client else {
            // The call is over, and has let this transaction go.
            return
        }
        if !response.pointee.is_internal {
            show(.received, Int(response.pointee.status), "BYE", in: call, tag: call.tag)
        }
        handle(.byeAnswered, in: call)
    }

    // MARK: - Lines

    func show(_ line: @autoclosure () -> LadderLine) {
        guard let onLine = options.onLine else { return }
        onLine(line().text(at: options.timeOfDay()))
    }

    /// A request of the peer.
    func show(_ request: csip_request, note: String? = nil) {
        let isNew = request.to_tag == nil && request.method != CSIP_CANCEL
        let method = SIPText.shown(request.method_name, limit: 16)
        show(
            LadderLine(
                direction: .received,
                message: isNew ? "\(method) \(SIPText.shown(request.uri_user, limit: 24))" : method,
                callID: SIPText.shown(request.call_id, limit: 8),
                tag: request.to_tag == nil ? nil : SIPText.shown(request.to_tag, limit: 8),
                bodyBytes: request.body_length, note: note))
    }

    func show(_ direction: LadderLine.Direction, _ message: String, in call: LiveCall, tag: String? = nil) {
        show(LadderLine(direction: direction, message: message, callID: call.callID, tag: tag))
    }

    private func show(
        _ direction: LadderLine.Direction, _ status: Int, _ method: String, in call: LiveCall, tag: String?,
        description: String? = nil, note: String? = nil
    ) {
        show(
            LadderLine(
                direction: direction,
                message: LadderLine.response(status, to: method),
                callID: call.callID, tag: tag, bodyBytes: description?.utf8.count ?? 0, note: note))
    }
}
