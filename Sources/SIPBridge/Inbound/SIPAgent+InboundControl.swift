import CallCore

/// What a device asks of a call of the network.
extension SIPAgent {
    /// A PUT; answered at once, or once the network has answered what it led to.
    func change(
        _ change: SessionChange, of device: Int, in call: ActiveInboundCall,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
    ) {
        if call.isDatagram,
            let refusal = SIPAgent.refusal(ofLong: change.offer, as: "offer")
                ?? SIPAgent.refusal(ofLong: change.answer, as: "answer")
        {
            return reply(.failure(refusal))
        }
        call.reply = reply
        handle(.change(device: device, change), in: call)
        guard let waiting = call.reply else { return }
        call.reply = nil
        call.midCall.reply = waiting
    }

    /// Answers the PUT that waits.
    func replyWaiting(_ outcome: InboundCall.Reply, of device: Int, in call: ActiveInboundCall) {
        guard let reply = call.midCall.reply else { return }
        call.midCall.reply = nil
        answer(reply, outcome, of: device, in: call)
    }

    func reply(_ outcome: InboundCall.Reply, of device: Int, in call: ActiveInboundCall) {
        guard let reply = call.reply else { return }
        call.reply = nil
        answer(reply, outcome, of: device, in: call)
    }

    private func answer(
        _ reply: @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void, _ outcome: InboundCall.Reply,
        of device: Int, in call: ActiveInboundCall
    ) {
        switch outcome {
        case .session: reply(.success(.session(call.state.devices[device].session)))
        case .accepted: reply(.success(.accepted))
        case .refused(let error): reply(.failure(error))
        }
    }
}
