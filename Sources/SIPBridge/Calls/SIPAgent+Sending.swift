import CSofiaSIP
import CallCore

/// Requests a call sends.
extension SIPAgent {
    func sendInvite(attempt: Int, trunk index: Int, user: String?, minSE: UInt32?, in call: ActiveCall) {
        guard let handle else { return }
        let trunk = options.trunks[index]
        let now = options.clock()
        let peer = call.state.peer(ofAttempt: attempt)
        let isAdmitted = admits(call, to: index, at: now)
        if let failed = call.attempts.last {
            if user == nil, failed.trunk != index || failed.peer != peer { failovers[failed.trunk] += 1 }
            if failed.trunk != index { peers.trunks[index].take(at: now) }
        } else {
            peers.trunks[index].take(at: now)
        }
        callCounts.move(from: call.attempts.last?.trunk, to: index, .outbound)
        call.attempts.append(ActiveCall.Attempt(trunk: index, peer: peer))
        guard isAdmitted, hasAddress(peer, in: index) else { return couldNotSend(attempt, call: call.number) }
        if call.times.invited == nil { call.times.invited = now }
        peers.trunks[index].tried(peer, at: now)
        // RFC 3261 §8.1.3.5: an INVITE repeated to the same trunk keeps Call-ID, tag and To; its CSeq goes up.
        let isRepeat = attempt > 0 && call.state.isRepeat(attempt: attempt)
        let repeated = isRepeat ? takeLeg(of: attempt - 1, in: call) : nil
        let callID = repeated != nil ? call.attempts[attempt - 1].callID : call.callID(ofAttempt: attempt)
        call.attempts[attempt].callID = callID
        let session = call.beginSession(attempt, repeating: isRepeat)
        // Unique and random, the Call-ID names the charging record as well.
        let headers = invites.headers(
            for: call.request, via: trunk, redirectUser: user, tag: RandomText.hex(digits: 16, using: &random),
            session: session, chargingID: callID, passed: call.state.passedHeaders(of: attempt))
        if options.calls != nil { call.attempts[attempt].identity = (callID, headers.from, headers.to) }
        let timer = trunk.sessionTimer.asking(atLeast: minSE)
        var route = SIPAgent.route(trunk.outboundProxy, serviceRoute(of: index, for: call.request))
        // A URN names a service, not where to ask for it (RFC 5031): the Route does (emergency 4).
        if route == nil, call.request.details?.service != nil { route = "<\(nextHop(trunk: index, peer: peer));lr>" }
        let id = TransactionID(call: call.number, kind: .invite, attempt: attempt)
        let dialog = TransactionID(call: call.number, kind: .dialog, attempt: attempt)
        var offer = call.state.ownOffer?.text ?? ""
        let mixed = mixedBody(offer, attempt: attempt, in: call)
        if let mixed { offer = mixed.text }
        let credentials = credentials(
            forInvite: attempt, repeated: isRepeat, to: headers.requestURI, body: offer, in: call)
        var allLines = credentials.map { "\(headers.lines)\n\($0)" } ?? headers.lines
        if let mixed { allLines += "\n\(mixed.headers)" }
        offer.withUTF8 { body in
            withCStrings(
                [
                    headers.requestURI, nextHop(trunk: index, peer: peer), headers.from, headers.to, callID, allLines,
                    headers.supported,
                ], [route, headers.require, mixed?.contentType]
            ) { strings, optional in
                var invite = csip_invite(
                    request_uri: strings[0], next_hop: strings[1], from: strings[2], to: strings[3],
                    call_id: strings[4], route: optional[0], headers: strings[5], supported: strings[6],
                    require: optional[1], body: body.baseAddress, body_length: body.count, content_type: optional[2],
                    min_se: timer.minimum, session_expires: timer.expires)
                let leg = repeated ?? csip_leg_create(handle, dialog.rawValue, &invite)
                if let repeated {
                    csip_leg_rebind(repeated, dialog.rawValue)
                    call.attempts[attempt].identity = call.attempts[attempt - 1].identity
                }
                call.attempts[attempt].leg = leg
                if let leg { call.attempts[attempt].invite = csip_leg_invite(leg, id.rawValue, &invite) }
            }
        }
        if call.attempts[attempt].invite == nil { couldNotSend(attempt, call: call.number) }
    }

    /// The calling leg of an attempt that made no dialog.
    private func takeLeg(of attempt: Int, in call: ActiveCall) -> OpaquePointer? {
        defer { call.attempts[attempt].leg = nil }
        return call.attempts[attempt].leg
    }

    /// The stack could not build or route the request: told like any transport failure, but not from within the action.
    private func couldNotSend(_ attempt: Int, call number: UInt64) {
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                guard let call = agent.calls[number] else { return }
                call.times.sipStatus = 503
                let failure = InviteResponse(status: 503, phrase: "Transport failure", isInternal: true)
                agent.handle(.response(attempt: attempt, failure), in: call)
            }
        }
    }

    func openDialog(_ dialog: OutboundCall.DialogID, isFork: Bool, in call: ActiveCall) {
        guard let handle, let response = currentResponse else { return }
        var opened = ActiveCall.Dialog()
        if options.calls != nil { opened.tag = response.pointee.to_tag.map { String(cString: $0) } }
        opened.peerUUID = call.peerUUID(
            dialogOf: dialog.attempt, openedBy: SessionIDField(response.pointee.session_id))
        if !isFork, let leg = call.attempts[dialog.attempt].leg {
            if csip_leg_adopt(leg, response) {
                call.attempts[dialog.attempt].leg = nil
                opened.leg = leg
            }
        } else {
            let id = TransactionID(call: call.number, kind: .dialog, dialog: dialog)
            opened.leg = csip_leg_fork(handle, id.rawValue, response)
            // While the INVITE is open, the fork's later responses come by a transaction of its own.
            if response.pointee.status < 200, let invite = call.attempts[dialog.attempt].invite,
                let tag = response.pointee.to_tag
            {
                let transaction = TransactionID(call: call.number, kind: .invite, dialog: dialog)
                opened.fork = csip_client_fork(invite, transaction.rawValue, tag)
            }
        }
        call.attempts[dialog.attempt].dialogs.append(opened)
    }

    /// Where a dialog's requests go if its own next hop is a name.
    func nextHop(of dialog: OutboundCall.DialogID, in call: any NegotiatingCall) -> String {
        let trunk = call.trunk(of: dialog)
        if let source = call.secureSource { return secureHop(trunk: trunk, from: source) }
        return nextHop(trunk: trunk, peer: call.peer(of: dialog))
    }

    /// Whether it could be sent.
    @discardableResult
    func send(
        _ request: DialogRequest, in dialog: OutboundCall.DialogID, of call: any NegotiatingCall,
        kind: TransactionID.Kind
    ) -> Bool {
        let id = TransactionID(call: call.number, kind: kind, dialog: dialog)
        guard let client = send(request, id, of: call) else { return false }
        // One PRACK may follow another before the first is answered; each keeps its transaction until then.
        if let earlier = call.pending.updateValue(client, forKey: id.rawValue) {
            call.challengeable[earlier] = nil
            csip_client_destroy(earlier)
        }
        return true
    }

    func sendBye(_ dialog: OutboundCall.DialogID, reason: String, in call: ActiveCall) {
        let bye = DialogRequest(method: .bye, headers: "Reason: \(reason)")
        guard !send(bye, in: dialog, of: call, kind: .bye) else { return }
        let number = call.number
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                guard let call = agent.calls[number] else { return }
                agent.handle(.byeAnswered(dialog, status: 503, isInternal: true), in: call)
            }
        }
    }

    /// RFC 4028 §7.4: an UPDATE without a body, or a re-INVITE that repeats our description.
    func sendRefresh(_ dialog: OutboundCall.DialogID, usesUpdate: Bool, in call: any NegotiatingCall) {
        var lines = timerLines(in: dialog, of: call, isRefresher: true)
        var body = usesUpdate ? "" : call.localDescription?.text ?? ""
        let mixed = mixedBody(restating: body, in: dialog, of: call)
        if let mixed {
            body = mixed.text
            lines = lines.map { "\($0)\n\(mixed.headers)" } ?? mixed.headers
        }
        let refresh = DialogRequest(
            method: usesUpdate ? .update : .invite, headers: lines, body: body, contentType: mixed?.contentType)
        guard !send(refresh, in: dialog, of: call, kind: .refresh) else { return }
        // Told like any transport failure: else changes would wait for it for ever.
        later(.refreshAnswered(status: 503, sessionExpires: nil, minSE: nil), in: dialog, of: call)
    }
}
