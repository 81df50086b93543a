import CSofiaSIP
import CallCore

/// Driving calls of the network: events in, actions out.
extension SIPAgent {
    /// Feeds an event to a call and carries out what follows from it.
    func handle(_ event: InboundCall.Event, in call: ActiveInboundCall) {
        let actions = call.state.handle(event)
        for action in actions { perform(action, in: call) }
        recordEnd(of: call)
        if let kept = options.calls { keep(call, after: actions, in: kept) }
        if inboundCalls[call.number] != nil { reschedule(call) }
    }

    private func perform(_ action: InboundCall.Action, in call: ActiveInboundCall) {
        switch action {
        case .invite(let device):
            let session = call.state.devices[device].session
            store.publish(session)
            options.onInvitation?(session, call.isOfferless)
        case .publish(let device):
            let session = call.state.devices[device].session
            publish(session)
            // No status follows a final one, so each is told once.
            if session.status.isFinal { liveSessions.end(session.owner.client) }
        case .show(let device): store.publish(call.state.devices[device].session)
        case .provisional(let response):
            call.times.reached(.ringing, at: options.clock())
            send(response, in: call)
        case .answer(let description):
            call.times.sipStatus = 200
            call.times.reached(.connected, at: options.clock())
            if case .connected(let device) = call.state.phase { call.answeredBy = device }
            answer(description, in: call)
        case .refuse(let status, let retryAfter):
            call.times.sipStatus = status
            guard let server = call.server else { return }
            reply(
                server, status, headers: call.chargingLine, retryAfter.map { "Retry-After: \($0)" }, in: call.session)
        case .bye(let reason): sendBye(reason: reason, in: call)
        case .reply(let device, let outcome): reply(outcome, of: device, in: call)
        case .replyWaiting(let device, let outcome): replyWaiting(outcome, of: device, in: call)
        case .negotiate(let step): carryOut(step, in: ActiveInboundCall.dialog, of: call)
        case .start(let timer, let duration): call.start(timer, at: options.clock() &+ duration.nanoseconds)
        case .stop(let timer): call.stop(timer)
        case .finish: finish(call)
        }
    }

    // MARK: - Responses to the INVITE

    private func send(_ response: InboundCall.Provisional, in call: ActiveInboundCall) {
        guard let server = call.server else { return }
        let id = TransactionID(call: call.number, kind: .calledInvite, attempt: 0).rawValue
        var text = response.description?.text ?? ""
        let isSent =
            if response.isReliable {
                call.session.withLines(call.chargingLine) { lines in
                    text.withUTF8 {
                        csip_server_reply_reliably(
                            server, id, Int32(response.status), lines, $0.baseAddress, $0.count)
                    }
                }
            } else {
                reply(server, response.status, headers: call.chargingLine, body: text, in: call.session)
            }
        if !isSent { later(.transportFailure, in: call) }
    }

    private func answer(_ description: SessionDescription?, in call: ActiveInboundCall) {
        guard let server = call.server else { return }
        if options.calls != nil { call.names = names(of: server, tag: call.tag) }
        let isSent = reply(
            server, 200, headers: call.chargingLine, call.timerLine, body: description?.text ?? "", in: call.session)
        if !isSent { later(.transportFailure, in: call) }
    }

    private func sendBye(reason: String, in call: ActiveInboundCall) {
        let id = TransactionID(call: call.number, kind: .calledBye, attempt: 0)
        call.bye = send(DialogRequest(method: .bye, headers: "Reason: \(reason)"), id, of: call)
        // As if its transport had failed.
        if call.bye == nil { later(.byeAnswered(status: 503, isInternal: true), in: call) }
    }

    /// Tells the call something that an action has come upon, but not from within the action.
    private func later(_ event: InboundCall.Event, in call: ActiveInboundCall) {
        let number = call.number
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                if let call = agent.inboundCalls[number] { agent.handle(event, in: call) }
            }
        }
    }

    /// A response, or the stack's own, to a request of ours in the dialog.
    func received(
        _ response: UnsafePointer<csip_response>, _ id: TransactionID, client: OpaquePointer,
        in call: ActiveInboundCall
    ) {
        switch id.kind {
        case .calledBye: byeAnswered(response.pointee, client: client, number: id.call)
        case .refresh: refreshAnswered(response, id, client: client, in: call)
        case .reinvite: reinviteAnswered(response, id, client: client, in: call)
        default: if response.pointee.status >= 200 { csip_client_destroy(client) }
        }
    }

    /// The final response to our BYE, or the stack's own.
    func byeAnswered(_ response: csip_response, client: OpaquePointer, number: UInt64) {
        guard response.status >= 200, let call = inboundCalls[number], call.bye == client else { return }
        call.bye = nil
        csip_client_destroy(client)
        handle(.byeAnswered(status: Int(response.status), isInternal: response.is_internal), in: call)
    }

    // MARK: - The end

    private func finish(_ call: ActiveInboundCall) {
        deadlines.remove(call)
        callCounts.move(from: call.trunk, to: nil, .inbound)
        release(call)
        inboundCalls[call.number] = nil
        for device in call.state.devices { places[device.session.id] = nil }
    }

    /// Gives every handle back to the stack.
    func release(_ call: ActiveInboundCall) {
        releaseServer(of: call)
        call.releaseDialog()
    }

    func releaseServer(of call: ActiveInboundCall) {
        guard let server = call.server else { return }
        call.server = nil
        guard call.isTimingOut else { return csip_server_destroy(server) }
        let handed = Handed(server)
        thread.post { [weak self] in
            // With the agent, its transactions have gone.
            self?.assumeIsolated { if $0.handle != nil { csip_server_destroy(handed.value) } }
        }
    }

    /// What is waited for will not come in time: told as the stack would at the end of its timers.
    func giveUp(_ call: ActiveInboundCall) {
        // No ACK; then no answer to the BYE that follows.
        handle(.unacknowledged, in: call)
        handle(.byeAnswered(status: 408, isInternal: true), in: call)
    }
}
