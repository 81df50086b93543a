/// What a device asks for with PUT …/status and DELETE (mapping §3, "REST → SIP").
extension InboundCall {
    mutating func take(_ change: SessionChange, of device: Int, _ actions: inout [Action]) {
        guard devices.indices.contains(device) else {
            return actions.append(.reply(device: device, .refused(.sessionNotFound)))
        }
        if takeInMidCall(change, of: device, &actions) { return }
        if let error = refusal(of: change, from: device) {
            return actions.append(.reply(device: device, .refused(error)))
        }
        adopt(change, from: device, &actions)
        var reply = Reply.session
        switch change.status {
        case nil: break
        case .proceeding?: reply = .accepted
        case .terminated?, .sessionCancelled?:
            // Once answered, the end is told by event; else the session has its final status at once.
            if phase != .ringing { reply = .accepted }
            hangUp(device, &actions)
        case .connected?:
            if phase == .ringing { connect(device, &actions) }
        case let status?:
            if let refusal = Refusal(status, hasOffer: invite.offer != nil) {
                leave(device, status, refusal, &actions)
            } else if devices[device].session.status != status {
                setStatus(status, of: device, &actions)
                provisional.wanted = bestReported
            }
        }
        tellProgress(&actions)
        actions.append(.reply(device: device, reply))
    }

    /// A device ends the call: before the answer as a callee that declines, after it with BYE.
    mutating func hangUp(_ device: Int, _ actions: inout [Action]) {
        guard devices.indices.contains(device), devices[device].isAlive else { return }
        if phase == .ringing {
            leave(device, .declined, Refusal(hangUp: policy.hangUp), &actions)
            tellProgress(&actions)
        } else {
            end(.owner, &actions)
        }
    }

    // MARK: - What is refused

    /// Why a PUT cannot be carried out in the present state; nil where it can.
    private func refusal(of change: SessionChange, from device: Int) -> CAMARAError? {
        if phase == .new { return .sessionNotFound }
        let session = devices[device].session
        if session.status.isFinal { return .incompatible("The session has ended.") }
        if case .ending = phase { return .incompatible("The session is ending.") }
        switch change.status {
        case .initial?: return .invalidArgument("status Initial is set by the network only.")
        case .hold?, .resume?: return .incompatible(OutboundCall.unfit(change.status, session.status))
        default: break
        }
        if let error = refusalOfDescriptions(in: change, from: device) { return error }
        guard phase == .ringing else {
            switch change.status {
            case nil, .connected?, .proceeding?, .terminated?, .sessionCancelled?: return nil
            default: return .incompatible(OutboundCall.unfit(change.status, session.status))
            }
        }
        let given = invite.offer == nil ? change.offer : change.answer
        if change.status == .connected, given == nil, devices[device].description == nil {
            return .invalidArgument(
                "\(invite.offer == nil ? "offer" : "answer") is required with status Connected on this session.")
        }
        return nil
    }

    /// The device gives one description, the network the other; both may be repeated, neither changed.
    private func refusalOfDescriptions(in change: SessionChange, from device: Int) -> CAMARAError? {
        let session = devices[device].session
        let isOfferless = invite.offer == nil
        let own = isOfferless ? change.offer : change.answer
        let theirs = isOfferless ? change.answer : change.offer
        if let theirs, theirs != (isOfferless ? session.answer : session.offer) {
            return .incompatible(
                "\(isOfferless ? "answer comes" : "offer came") from the network on a session it originated.")
        }
        let isSent = sentDescription != nil || phase != .ringing
        if let own, isSent, own != devices[device].description {
            return .incompatible("\(isOfferless ? "offer" : "answer") cannot be changed once it has been sent.")
        }
        return nil
    }

    private mutating func adopt(_ change: SessionChange, from device: Int, _ actions: inout [Action]) {
        let isOfferless = invite.offer == nil
        guard let own = isOfferless ? change.offer : change.answer, own != devices[device].description else { return }
        devices[device].description = own
        if isOfferless {
            devices[device].session.offer = own
        } else {
            devices[device].session.answer = own
        }
        actions.append(.show(device: device))
    }

    // MARK: - A device that leaves

    /// A device gives the call up. The network is told once none is left (mapping §3).
    private mutating func leave(
        _ device: Int, _ status: SessionStatus, _ refusal: Refusal, _ actions: inout [Action]
    ) {
        devices[device].refusal = refusal
        setStatus(status, reason: OutboundCall.EndCause.owner.text, of: device, &actions)
        guard !devices.contains(where: \.isAlive) else { return }
        guard let best = devices.compactMap(\.refusal).max(by: { $0.rank < $1.rank }) else { return }
        refuse(best.status, &actions)
        conclude(status, reason: nil, &actions)
    }

    /// A device's no, in the network's terms.
    struct Refusal: Sendable, Hashable {
        var status: Int
        /// The most meaningful of several is told: Busy over Declined over NoAnswer, then the rest.
        var rank: Int

        /// Nil for a status that gives nothing up. 488 says the offer was at fault; without one the fault is ours.
        init?(_ status: SessionStatus, hasOffer: Bool) {
            switch status {
            case .busy: (self.status, rank) = (486, 4)
            case .declined: (self.status, rank) = (603, 3)
            case .noAnswer: (self.status, rank) = (480, 2)
            case .notReachable: (self.status, rank) = (480, 1)
            case .failed: (self.status, rank) = (hasOffer ? 488 : 500, 0)
            default: return nil
            }
        }

        init(hangUp: InboundPolicy.HangUp) { (status, rank) = (hangUp.rawValue, 3) }
    }
}

extension OutboundCall {
    /// Why a status cannot be had now.
    static func unfit(_ status: SessionStatus?, _ present: SessionStatus) -> String {
        "status \(status?.rawValue ?? "") does not fit a session that is \(present.rawValue)."
    }
}
