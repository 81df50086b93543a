import CSofiaSIP
import CallCore

/// Driving calls: events in, actions out.
extension SIPAgent {
    func place(_ request: CallRequest, reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void) {
        if request.details?.service != nil { return placeEmergency(request, reply: reply) }
        guard handle != nil, !isDraining, liveCalls < options.maximumLiveCalls else {
            let message =
                isDraining ? "The gateway is shutting down." : "The gateway carries as many calls as it may."
            callCounts.refused(nil, .outbound)
            reply(.failure(CAMARAError(503, .unavailable, message, retryAfter: FinalResponse.defaultRetryAfter)))
            return
        }
        let choices: [TrunkChoice]
        do throws(CAMARAError) {
            choices = try self.choices(for: request.receiver)
        } catch {
            callCounts.refused(nil, .outbound)
            reply(.failure(error))
            return
        }
        place(request, choices: choices, reply: reply)
    }

    /// Places a call on trunks that have been chosen.
    func place(
        _ request: CallRequest, choices: [TrunkChoice],
        reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void
    ) {
        if let refusal = refusal(of: request.offer, towards: choices) {
            callCounts.refused(nil, .outbound)
            reply(.failure(refusal))
            return
        }
        let session = Session(
            id: request.id, owner: request.owner, originatorAddress: request.originatorAddress,
            originatorName: request.originatorName, receiverAddress: request.receiverAddress,
            receiverName: request.receiverName, callType: request.callType,
            clientCorrelator: request.clientCorrelator, device: request.device, correlator: request.correlator,
            offer: request.offer)
        lastNumber += 1
        let call = ActiveCall(
            number: lastNumber, uuid: .random(using: &random), request: request,
            state: OutboundCall(
                session: session, choices: choices, policy: policy,
                isEmergency: request.details?.service != nil),
            began: options.clock(), reply: reply)
        call.isExempt = request.details?.service != nil
        calls[call.number] = call
        places[request.id] = .outbound(call)
        handle(.start, in: call)
    }

    /// An offer that no datagram can carry, with the headers around it, to a trunk that has UDP alone (media design).
    func refusal(of offer: SessionDescription?, towards choices: [TrunkChoice]) -> CAMARAError? {
        guard choices.contains(where: { peers.trunks[$0.trunk].targets[$0.peer].address.transport == .udp }) else {
            return nil
        }
        return SIPAgent.refusal(ofLong: offer, as: "offer")
    }

    /// The same for one that goes by datagram.
    static func refusal(ofLong description: SessionDescription?, as member: String) -> CAMARAError? {
        guard let description, description.text.utf8.count > maximumDatagramOffer else { return nil }
        return .invalidArgument(
            "\(member).sdp is longer than \(maximumDatagramOffer) bytes, too long for the way to the other side.")
    }

    /// 65,507 bytes of payload in a UDP datagram, less 4 KiB for the message's start line and headers.
    private static let maximumDatagramOffer = 65_507 - 4_096

    func call(_ id: SessionID) -> ActiveCall? {
        if case .outbound(let call) = places[id] { call } else { nil }
    }

    /// Feeds an event to a call and carries out what follows from it.
    func handle(_ event: OutboundCall.Event, in call: ActiveCall) {
        let status = call.state.session.status
        let actions = call.state.handle(event)
        for action in actions { perform(action, in: call) }
        if call.state.session.status != status { progressed(call) }
        if let kept = options.calls { keep(call, after: actions, in: kept) }
        if call.owesLocation { tellLocation(of: call) }
        if call.countsAsLive, call.state.session.status.isFinal { endCount(of: call) }
        if calls[call.number] != nil { reschedule(call) }
    }

    private func perform(_ action: OutboundCall.Action, in call: ActiveCall) {
        switch action {
        case .invite(let attempt, let trunk, let user, let minSE):
            sendInvite(attempt: attempt, trunk: trunk, user: user, minSE: minSE, in: call)
        case .becomeEmergency(let service): becomeEmergency(service, call)
        case .openDialog(let dialog, let isFork): openDialog(dialog, isFork: isFork, in: call)
        case .refreshDialog(let dialog):
            if let leg = call.leg(of: dialog), let response = currentResponse {
                csip_leg_refresh(leg, response, true)
            }
        case .closeDialog(let dialog): call.closeDialog(dialog)
        case .prack(let dialog, let rseq, let cseq):
            send(DialogRequest(method: .prack(rseq: rseq, cseq: cseq)), in: dialog, of: call, kind: .prack)
        case .ack(let dialog, let cseq):
            let credentials = call.attempts[dialog.attempt].authentication?.credentials
            if let leg = call.leg(of: dialog) { acknowledge(leg, cseq, credentials, in: dialog, of: call) }
        case .bye(let dialog, let reason): sendBye(dialog, reason: reason, in: call)
        case .refresh(let dialog, let usesUpdate): sendRefresh(dialog, usesUpdate: usesUpdate, in: call)
        case .negotiate(let dialog, let action): perform(action, in: dialog, of: call)
        case .cancel(let attempt, let reason): call.cancel(attempt, reason: reason)
        case .releaseInvite(let attempt): call.releaseInvite(attempt)
        case .start(let timer, let duration): call.start(timer, at: options.clock() &+ duration.nanoseconds)
        case .stop(let timer): call.stop(timer)
        case .answerPost(let error): answerPost(error, in: call)
        case .publish: publish(call.state.session)
        case .show: store.publish(call.state.session)
        case .alarm(let message): alarm(message, in: call)
        case .finish: finish(call)
        }
    }

    private func answerPost(_ error: CAMARAError?, in call: ActiveCall) {
        guard let reply = call.reply else { return }
        call.reply = nil
        if let error {
            reply(.failure(error))
        } else {
            // Shown before it is told, so that a GET right after the 201 finds it.
            publish(call.state.session)
            reply(.success(call.state.session))
        }
    }

    func publish(_ session: Session) {
        store.publish(session)
        options.onSessionChange?(session)
    }

    private func alarm(_ message: String, in call: ActiveCall) {
        guard let trunk = call.attempts.last?.trunk else { return }
        tellFailure(message, of: trunk)
    }

    private func endCount(of call: ActiveCall) {
        call.countsAsLive = false
        liveSessions.end(call.request.owner.client)
    }

    private func finish(_ call: ActiveCall) {
        if call.countsAsLive { endCount(of: call) }
        deadlines.remove(call)
        callCounts.move(from: call.attempts.last?.trunk, to: nil, .outbound)
        call.releaseAll()
        calls[call.number] = nil
        places[call.request.id] = nil
    }

    // MARK: - The network's responses

    func received(_ response: UnsafePointer<csip_response>, for transaction: UInt64, client: OpaquePointer) {
        let status = Int(response.pointee.status)
        if let id = TransactionID(rawValue: transaction) {
            if id.kind == .register { return registerAnswered(response, id, client: client) }
            if id.kind == .probe { return probeAnswered(response.pointee, to: transaction, client: client) }
            // An INVITE's response is of a dialog that its tag names.
            if id.kind != .invite, let told = response.pointee.session_id, let call = negotiating(id.call) {
                call[sessionOf: id.dialogID].take(SessionIDField(told))
            }
        }
        if status >= 200, hasCredentials, let id = TransactionID(rawValue: transaction),
            let call = negotiating(id.call), call.challengeable[client] != nil
        {
            if answersChallenge(response.pointee, to: client, id, in: call) { return }
            // Kept for the ACK, until the response is dealt with.
            defer { call.challengeable[client] = nil }
            return receivedFinally(response, for: transaction, client: client)
        }
        receivedFinally(response, for: transaction, client: client)
    }

    private func receivedFinally(
        _ response: UnsafePointer<csip_response>, for transaction: UInt64, client: OpaquePointer
    ) {
        let status = Int(response.pointee.status)
        if let id = TransactionID(rawValue: transaction), let call = inboundCalls[id.call] {
            return received(response, id, client: client, in: call)
        }
        guard let id = TransactionID(rawValue: transaction), let call = calls[id.call] else {
            guard status >= 200 else { return }
            leftCallAnswered(response.pointee, transaction)
            // The call is over; a last response lets its transaction go.
            csip_client_destroy(client)
            return
        }
        currentResponse = response
        defer { currentResponse = nil }
        switch id.kind {
        case .invite:
            // What was given up says nothing: its silence has been counted.
            if call.attempts[id.attempt].heldCancel == nil {
                learn(from: response.pointee, to: call.attempts[id.attempt])
            }
            call.releaseHeldCancel(id.attempt, isProvisional: status < 200)
            if status >= 200, call.times.answered == nil { call.times.sipStatus = status }
            var event = inviteResponse(response, of: id.attempt, in: call)
            if let authentication = call.attempts[id.attempt].authentication {
                event.isAnswerable = takesChallenge(
                    of: response.pointee, to: authentication.account, in: &authentication.exchange,
                    &authentication.nonces)
            }
            call.take(SessionIDField(response.pointee.session_id), of: id.attempt, tag: event.toTag)
            handle(.response(attempt: id.attempt, event), in: call)
            if status >= 200 { releaseFork(client, of: id, in: call) }
        case .prack, .bye, .location:
            guard status >= 200 else { return }
            // Let go last: the response is the transaction's, and an ACK finds its INVITE by it.
            let isOurs = call.pending.removeValue(forKey: transaction) != nil
            defer { if isOurs { csip_client_destroy(client) } }
            inDialog(response, id, in: call)
        case .refresh: refreshAnswered(response, id, client: client, in: call)
        case .reinvite: reinviteAnswered(response, id, client: client, in: call)
        case .dialog, .peerInvite, .calledInvite, .calledDialog, .calledBye, .register, .probe: break
        }
    }

    private func inviteResponse(
        _ response: UnsafePointer<csip_response>, of attempt: Int, in call: ActiveCall
    ) -> InviteResponse {
        let trunk = options.trunks[call.attempts[attempt].trunk]
        var peer = 0
        var event = InviteResponse(
            response.pointee, isTrusted: trunk.isTrusted,
            emergency: { self.options.emergencyNumbers.service(for: $0) },
            passes: { self.options.trunks[$0].headers.passed },
            resolve: { host, port, isSecure in
                let target = self.target(ofHost: host, port: port, isSecure: isSecure)
                peer = target?.peer ?? 0
                return target?.trunk
            })
        event.redirect?.peer = peer
        if let service = event.emergency?.service {
            let choices = emergencyChoices()
            event.emergency = choices.isEmpty ? nil : EmergencyTarget(service: service, choices: choices)
        }
        event.refusesLocation = refusesLocation(event.status, attempt, call)
        if !trunk.headers.playsEarlyMedia { event.usualEarlyMedia = .silent }
        let timer = trunk.sessionTimer
        guard (200..<300).contains(event.status) else { return event }
        event.leastInterval = timer.least
        // A peer that knows no timers is refreshed all the same: it is us who want to know (RFC 4028 §7.2).
        if event.sessionExpires == nil, timer.expires > 0 {
            event.sessionExpires = timer.expires
            event.refresherIsUAC = true
        }
        return event
    }

    private func inDialog(_ response: UnsafePointer<csip_response>, _ id: TransactionID, in call: ActiveCall) {
        guard id.kind == .bye else { return }
        let raw = response.pointee
        handle(.byeAnswered(id.dialogID, status: Int(raw.status), isInternal: raw.is_internal), in: call)
    }

    /// A fork's own transaction has its final response: it may go, as the original may.
    private func releaseFork(_ client: OpaquePointer, of id: TransactionID, in call: ActiveCall) {
        guard call.attempts.indices.contains(id.attempt) else { return }
        for index in call.attempts[id.attempt].dialogs.indices
        where call.attempts[id.attempt].dialogs[index].fork == client {
            call.attempts[id.attempt].dialogs[index].fork = nil
            csip_client_destroy(client)
        }
    }
}
