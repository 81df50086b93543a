import CSofiaSIP
import CallCore
import SIPBridge

/// Calls that the endpoint places.
extension SIPEndpoint {
    /// Sends the INVITE. `onEnd` is called once, on the SIP thread, when the call is over; not if the endpoint is stopped
    /// first. Any thread.
    public nonisolated func place(_ plan: CallPlan, onEnd: @escaping @Sendable (CallOutcome) -> Void) {
        thread.post { [weak self] in self?.assumeIsolated { $0.invite(plan, onEnd: onEnd) } }
    }

    /// Ends every placed call, with CANCEL or BYE. Any thread.
    public nonisolated func hangUp() {
        thread.post { [weak self] in
            self?.assumeIsolated { endpoint in
                for call in Array(endpoint.placed.values) { endpoint.handle(.interrupted, in: call) }
            }
        }
    }

    private func invite(_ plan: CallPlan, onEnd: @escaping @Sendable (CallOutcome) -> Void) {
        guard let handle else { return onEnd(.notSent) }
        lastNumber += 1
        let call = PlacedCall(
            number: lastNumber, plan: plan, callID: RandomText.hex(digits: 32, using: &random),
            tag: RandomText.hex(digits: 16, using: &random),
            answerer: SDPAnswerer(address: addressOfMedia, using: &random), onEnd: onEnd)
        var offer = call.answerer.offer()
        let size = offer.utf8.count
        let uri = "sip:\(plan.number.text)@\(plan.gateway.bracketedHost):\(plan.gateway.port);user=phone"
        let from = "<sip:\(plan.caller.text)@\(local.bracketedHost):\(local.port);user=phone>;tag=\(call.tag)"
        let id = HandleID(call: call.number, kind: .invite).rawValue
        let leg = HandleID(call: call.number, kind: .leg).rawValue
        offer.withUTF8 { body in
            withCStrings([uri, "<\(uri)>", from, plan.gateway.uri, call.callID, "100rel"]) { strings in
                var invite = csip_invite(
                    request_uri: strings[0], next_hop: strings[3], from: strings[2], to: strings[1],
                    call_id: strings[4], route: nil, headers: nil, supported: strings[5], require: nil,
                    body: body.baseAddress, body_length: body.count, content_type: nil, min_se: 0, session_expires: 0)
                call.leg = csip_leg_create(handle, leg, &invite)
                call.invite = call.leg.flatMap { csip_leg_invite($0, id, &invite) }
            }
        }
        guard call.invite != nil else {
            call.releaseAll()
            return onEnd(.notSent)
        }
        placed[call.number] = call
        if let patience = plan.patience {
            placedDeadlines.update(call, deadline: options.clock() &+ patience.nanoseconds)
        }
        show(.sent, "INVITE \(plan.number.text)", in: call, bodyBytes: size)
    }

    func handle(_ event: CallerCall.Event, in call: PlacedCall) {
        for action in call.state.handle(event) { perform(action, in: call) }
    }

    private func perform(_ action: CallerCall.Action, in call: PlacedCall) {
        switch action {
        // Acknowledged where its response is at hand.
        case .acknowledge: break
        case .cancel:
            guard let invite = call.invite, csip_client_cancel(invite, nil) else { return }
            show(.sent, "CANCEL", in: call)
        case .sendBye: sendBye(in: call)
        case .talk:
            let piece = call.plan.talk / (call.plan.changes.count + 1)
            placedDeadlines.update(call, deadline: options.clock() &+ piece.nanoseconds)
        case .change(let change): send(change, in: call)
        case .stopTalking: placedDeadlines.remove(call)
        case .finish(let outcome):
            placedDeadlines.remove(call)
            placed[call.number] = nil
            release(call)
            call.onEnd(outcome)
        }
    }

    private func sendBye(in call: PlacedCall) {
        let id = HandleID(call: call.number, kind: .bye).rawValue
        if let leg = call.leg {
            call.bye = csip_leg_request(leg, id, CSIP_BYE, call.plan.gateway.uri, "Reason: Q.850;cause=16", nil, 0)
        }
        guard call.bye != nil else {
            // It could not be built or routed: as if it had timed out, but not from within the action.
            let number = call.number
            thread.post { [weak self] in
                self?.assumeIsolated { endpoint in
                    if let call = endpoint.placed[number] { endpoint.handle(.byeAnswered, in: call) }
                }
            }
            return
        }
        show(.sent, "BYE", in: call)
    }

    // MARK: - What comes

    func received(
        _ response: UnsafePointer<csip_response>, for kind: HandleID.Kind, of call: PlacedCall, client: OpaquePointer
    ) {
        let raw = response.pointee
        let status = Int(raw.status)
        if !raw.is_internal { show(raw, in: call) }
        switch kind {
        case .invite where status < 200: progressed(response, in: call)
        case .invite: finished(response, in: call)
        case .bye where status >= 200: handle(.byeAnswered, in: call)
        case .prack where status >= 200:
            if let index = call.pracks.firstIndex(of: client) {
                call.pracks.remove(at: index)
                csip_client_destroy(client)
            }
        default: break
        }
    }

    private func progressed(_ response: UnsafePointer<csip_response>, in call: PlacedCall) {
        let raw = response.pointee
        if raw.to_tag != nil, !call.hasDialog, let leg = call.leg { call.hasDialog = csip_leg_adopt(leg, response) }
        if raw.requires_100rel, raw.rseq > 0, call.hasDialog, let leg = call.leg {
            let id = HandleID(call: call.number, kind: .prack).rawValue
            if let client = csip_leg_prack(leg, id, call.plan.gateway.uri, raw.rseq, raw.cseq, nil) {
                call.pracks.append(client)
                show(.sent, "PRACK", in: call)
            }
        }
        handle(.provisional, in: call)
    }

    private func finished(_ response: UnsafePointer<csip_response>, in call: PlacedCall) {
        let raw = response.pointee
        if (200..<300).contains(raw.status), let leg = call.leg {
            if call.hasDialog {
                csip_leg_refresh(leg, response, true)
            } else {
                call.hasDialog = csip_leg_adopt(leg, response)
            }
            _ = csip_leg_ack(leg, call.plan.gateway.uri, raw.cseq, nil)
        }
        // The stack acknowledges a refusal itself.
        if !raw.is_internal { show(.sent, "ACK", in: call) }
        handle(.final(Int(raw.status)), in: call)
    }

    /// A request of the callee.
    func inDialog(_ request: csip_request, of call: PlacedCall, server: OpaquePointer) {
        show(request)
        switch request.method {
        case CSIP_BYE:
            reply(server, 200, to: request)
            csip_server_destroy(server)
            handle(.bye, in: call)
        case CSIP_INVITE, CSIP_UPDATE: newDescription(request, in: call, server: server)
        default:
            let isKnown = request.method != CSIP_OTHER
            reply(server, request.method == CSIP_OPTIONS ? 200 : isKnown ? 405 : 501, to: request)
            csip_server_destroy(server)
        }
    }

    /// A re-INVITE or UPDATE, such as a hold: answered as a phone would, without a body offered our media again.
    private func newDescription(_ request: csip_request, in call: PlacedCall, server: OpaquePointer) {
        if isGlare(request, in: call) {
            reply(server, 491, to: request)
            return csip_server_destroy(server)
        }
        var description: String?
        if let body = request.body, request.body_length > 0 {
            let offer = SDPOffer(UnsafeBufferPointer(start: body, count: request.body_length))
            description = offer.flatMap { call.answerer.answer(to: $0, using: &random) }
            guard description != nil else {
                reply(server, 488, to: request)
                return csip_server_destroy(server)
            }
        } else if request.method == CSIP_INVITE {
            description = call.answerer.offer()
        }
        reply(server, 200, description: description, to: request)
        guard request.method == CSIP_INVITE else { return csip_server_destroy(server) }
        if let earlier = call.reinvite { csip_server_destroy(earlier) }
        call.reinvite = server
        csip_server_bind(server, HandleID(call: call.number, kind: .reinvite).rawValue)
    }

    // MARK: - Lines

    private func show(_ direction: LadderLine.Direction, _ message: String, in call: PlacedCall, bodyBytes: Int = 0) {
        show(
            LadderLine(
                direction: direction, message: message, callID: call.callID, tag: call.tag, bodyBytes: bodyBytes))
    }

    private func show(_ response: csip_response, in call: PlacedCall) {
        let method =
            switch response.method {
            case CSIP_INVITE: "INVITE"
            case CSIP_PRACK: "PRACK"
            default: "BYE"
            }
        show(
            .received, LadderLine.response(Int(response.status), to: method), in: call,
            bodyBytes: response.body_length)
    }
}
