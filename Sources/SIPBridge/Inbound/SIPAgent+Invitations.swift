import CSofiaSIP
import CallCore

/// INVITEs of the network: what becomes a call, and what does not (mapping §3).
extension SIPAgent {
    /// Devices of one number that are invited; of more the newest.
    static let maximumDevices = 16

    /// An INVITE outside any dialog that is well-formed. Answers it, or makes a call of it and keeps its transaction.
    /// - Returns: whether it is kept.
    func invited(_ request: UnsafePointer<csip_request>, by trunk: Int?, server: OpaquePointer) -> Bool {
        let raw = request.pointee
        let own = SessionUUID.random(using: &random)
        let session = SessionIdentifier(own: own, answering: SessionIDField(raw.session_id))
        var devices: ArraySlice<InboundDevice> = []
        var admission = InboundAdmission(
            isFromTrunk: trunk != nil, isOverloaded: isFull(for: raw, by: trunk),
            isServed: false, hasDevices: false)
        if trunk != nil, !admission.isOverloaded, !isCallback(raw, by: trunk) {
            admission.isBusy = !hasTimeForInvitation()
        }
        if let trunk, !admission.isOverloaded, !admission.isBusy, let number = calledNumber(raw, by: trunk) {
            switch options.directory?.callees(of: number) ?? .notServed {
            case .notServed: break
            case .unregistered: admission.isServed = true
            case .devices(let registered):
                admission.isServed = true
                admission.hasDevices = !registered.isEmpty
                // In the order of their registration: the last ones are the likeliest to be there.
                devices = registered.suffix(SIPAgent.maximumDevices)
            }
        }
        if let refusal = admission.refusal {
            callCounts.refused(trunk, .inbound)
            reply(server, refusal.status, headers: refusal.retryAfter.map { "Retry-After: \($0)" }, in: session)
            return false
        }
        if let answer = MidCallRequest.timerRefusal(
            expires: raw.session_expires, supportsTimer: raw.supports_timer,
            minimum: trunk.map { options.trunks[$0].sessionTimer.minimum } ?? MidCallRequest.minimumInterval)
        {
            reply(server, answer.status, headers: answer.headers, in: session)
            return false
        }
        let offer: SessionDescription?
        switch MidCallRequest.body(of: raw) {
        case .none: offer = nil
        case .description(let description): offer = description
        case .refused(let status):
            reply(server, status, in: session)
            return false
        }
        // Our UUID is the tag too, so that a dialog that was kept still tells it.
        guard let trunk,
            let call = makeCall(
                request, by: trunk, session, tag: own.text, offer: offer, devices: devices, server: server)
        else {
            reply(server, 500, in: session)
            return false
        }
        reply(server, 100, in: session)
        handle(.start, in: call)
        return true
    }

    /// Whether there is no room for a call. There is for an emergency service that calls back, if its word is believed
    /// (RFC 7090 §4).
    private func isFull(for request: csip_request, by trunk: Int?) -> Bool {
        if isCallback(request, by: trunk) { return isEnding || !isOpen }
        return !isOpen || isDraining || liveCalls >= options.maximumLiveCalls
    }

    private func isCallback(_ request: csip_request, by trunk: Int?) -> Bool {
        request.is_psap_callback && trunk.map { options.trunks[$0].isTrusted } ?? false
    }

    private func makeCall(
        _ request: UnsafePointer<csip_request>, by index: Int, _ session: SessionIdentifier, tag: String,
        offer: SessionDescription?, devices: ArraySlice<InboundDevice>, server: OpaquePointer
    ) -> ActiveInboundCall? {
        guard let handle else { return nil }
        let raw = request.pointee
        let trunk = options.trunks[index]
        lastNumber += 1
        let dialog = TransactionID(call: lastNumber, kind: .calledDialog, attempt: 0)
        guard let leg = csip_server_accept_dialog(handle, server, dialog.rawValue, tag, request) else { return nil }
        let caller = CallerIdentity(
            raw.caller, isTrusted: trunk.isTrusted, domain: trunk.domain, national: trunk.national)
        let sessions = devices.map { device in
            Session(
                id: .random(using: &random), direction: .inbound, owner: device.owner,
                originatorAddress: caller.address, originatorName: caller.name,
                receiverAddress: device.receiverAddress, device: device.device, offer: offer)
        }
        let terms = MidCallRequest.sessionTimer(raw, wanted: trunk.sessionTimer.expires)
        let timer = terms.interval.map {
            Negotiation.SessionTimer(
                interval: $0, isOurs: terms.isOurs, usesUpdate: raw.allows_update, least: trunk.sessionTimer.least)
        }
        let state = InboundCall(
            invite: InboundInvite(
                offer: offer, reliability: .init(raw, trunk: trunk), timer: timer, minSE: raw.min_se),
            sessions: sessions,
            policy: InboundPolicy(
                ring: options.policy.ring, maxDuration: options.policy.maxDuration, exchange: options.policy.exchange))
        let call = ActiveInboundCall(
            number: lastNumber, trunk: index, isOfferless: offer == nil, isDatagram: !raw.is_reliable_transport,
            secureSource: raw.is_secure ? String(cString: raw.source_address) : nil, tag: tag,
            session: session,
            chargingLine: InboundHeaders.chargingLine(
                answering: raw.caller, isTrusted: trunk.isTrusted, domain: options.domain),
            timerLine: terms.line, state: state, callID: String(cString: raw.call_id), began: options.clock())
        call.server = server
        call.leg = leg
        csip_server_bind(server, TransactionID(call: call.number, kind: .calledInvite, attempt: 0).rawValue)
        inboundCalls[call.number] = call
        callCounts.move(from: nil, to: index, .inbound)
        for (device, session) in sessions.enumerated() {
            places[session.id] = .inbound(call, device: device)
            liveSessions.begin(session.owner.client)
        }
        return call
    }
}

extension InboundInvite.Reliability {
    /// A caller that insists gets reliable responses on every trunk; one that would take them only where the trunk has them.
    fileprivate init(_ request: csip_request, trunk: Trunk) {
        if request.requires_100rel {
            self = .required
        } else {
            self = request.supports_100rel && trunk.reliable1xx != .off ? .supported : .unsupported
        }
    }
}
