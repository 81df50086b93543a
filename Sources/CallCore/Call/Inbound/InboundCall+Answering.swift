/// Provisional responses, the answer, and what acknowledges them (RFC 3261 §13.3, RFC 3262, RFC 6337).
extension InboundCall {
    // MARK: - 1xx

    /// The response for the furthest that any device has come; nil before any has said so.
    var bestReported: Int? {
        let reported = devices.filter(\.isAlive).map(\.session.status)
        if reported.contains(.ringing) { return 180 }
        if reported.contains(.inProgress) { return 183 }
        return reported.contains(.waiting) ? 182 : nil
    }

    /// Sends the provisional response that the network ought to have seen, unless it has, or another waits for its PRACK.
    mutating func tellProgress(_ actions: inout [Action]) {
        guard phase == .ringing, provisional.unacknowledged == nil, let status = provisional.wanted else { return }
        let description = earlyDescription
        let isNew = description != nil && description != sentDescription
        guard status != provisional.sent || isNew else { return }
        // The first reliable message answers an offerless INVITE with our offer (RFC 3261 §13.2.1): until a device has
        // given one, responses are unreliable; a caller that insists on reliable ones gets none.
        let lacksOffer = invite.offer == nil && description == nil && !isDescriptionSettled
        let isReliable = invite.reliability != .unsupported && !lacksOffer
        if invite.reliability == .required, !isReliable { return }
        let response = Provisional(status: status, description: description, isReliable: isReliable)
        provisional.sent = status
        if let description { sentDescription = description }
        if isReliable {
            provisional.unacknowledged = response
            isDescriptionSettled = isDescriptionSettled || description != nil
        }
        actions.append(.provisional(response))
    }

    /// What goes out before the answer: only while one device is left, for nobody can take back a first description
    /// (mapping §3). An offer has to be acknowledged, so it goes out reliably or not at all.
    private var earlyDescription: SessionDescription? {
        guard !isDescriptionSettled else { return nil }
        if invite.offer == nil, invite.reliability == .unsupported { return nil }
        let alive = devices.filter(\.isAlive)
        guard alive.count == 1, let device = alive.first, device.session.status != .initial else { return nil }
        return device.description
    }

    mutating func prackReceived(_ description: SessionDescription?, _ actions: inout [Action]) {
        switch phase {
        case .ringing, .answering: break
        default: return
        }
        guard let acknowledged = provisional.unacknowledged else { return }
        provisional.unacknowledged = nil
        if invite.offer == nil, acknowledged.description != nil {
            // RFC 3262 §5: the PRACK of an offer carries the answer.
            guard let description else {
                refuse(488, &actions)
                return conclude(.failed, reason: "PRACK without an answer", &actions)
            }
            take(answer: description, &actions)
        }
        tellProgress(&actions)
        answerIfAllowed(&actions)
    }

    // MARK: - 200

    /// The first device to answer has the call; the others learn that it has (mapping §3).
    mutating func connect(_ device: Int, _ actions: inout [Action]) {
        phase = .answering(device: device)
        actions.append(.stop(.ring))
        setStatus(.connected, of: device, &actions)
        for other in devices.indices where other != device {
            setStatus(.sessionCancelled, reason: "answered elsewhere", of: other, &actions)
        }
        answerIfAllowed(&actions)
    }

    /// 200, but not before the PRACK of a response that carried a description (RFC 3262 §3).
    private mutating func answerIfAllowed(_ actions: inout [Action]) {
        guard case .answering(let device) = phase, provisional.unacknowledged?.description == nil else { return }
        phase = .connected(device: device)
        provisional.unacknowledged = nil
        let description = isDescriptionSettled ? nil : devices[device].description
        if let description { sentDescription = description }
        actions.append(.answer(description))
        actions.append(.start(.maxDuration, policy.maxDuration))
        beginNegotiation(of: device, &actions)
    }

    mutating func ackReceived(_ description: SessionDescription?, _ actions: inout [Action]) {
        guard !isAcknowledged else { return }
        switch phase {
        case .connected(let device):
            isAcknowledged = true
            guard invite.offer == nil, !isDescriptionSettled else {
                return negotiate(.acknowledged(answer: nil), &actions)
            }
            // RFC 3261 §13.2.1: the ACK of an offer in a 2xx carries the answer.
            guard let description else { return end(.noAnswer, &actions) }
            isDescriptionSettled = true
            take(answer: description, of: device, &actions)
            beginNegotiation(of: device, &actions)
        case .ending:
            isAcknowledged = true
            sendBye(&actions)
        default: return
        }
    }

    private mutating func take(answer: SessionDescription, _ actions: inout [Action]) {
        for device in devices.indices where devices[device].isAlive { take(answer: answer, of: device, &actions) }
    }

    private mutating func take(answer: SessionDescription, of device: Int, _ actions: inout [Action]) {
        devices[device].session.answer = answer
        devices[device].session.sequenceNumber += 1
        actions.append(.publish(device: device))
    }

    // MARK: - Nothing came

    mutating func unacknowledged(_ actions: inout [Action]) {
        switch phase {
        case .ringing, .answering:
            guard provisional.unacknowledged != nil else { return }
            refuse(504, &actions)
            conclude(.failed, reason: "no PRACK", &actions)
        case .connected(let device) where !isAcknowledged:
            // RFC 3261 §13.3.1.4: the dialog is there, and is to be ended.
            isAcknowledged = true
            end = .sessionTimeout
            endText = "no ACK"
            phase = .ending(device: device)
            for timer in [CallTimer.maxDuration, .refresh, .sessionExpiry] { actions.append(.stop(timer)) }
            sendBye(&actions)
        case .ending where !isAcknowledged:
            isAcknowledged = true
            sendBye(&actions)
        default: return
        }
    }
}
