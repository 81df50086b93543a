import CallCore

/// What a device asks of a call of the network.
extension SIPAgent {
    /// A PUT; answered at once.
    func change(
        _ change: SessionChange, of device: Int, in call: ActiveInboundCall,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
    ) {
        let own = call.isOfferless ? change.offer : change.answer
        if call.isDatagram, let refusal = SIPAgent.refusal(ofLong: own, as: call.isOfferless ? "offer" : "answer") {
            return reply(.failure(refusal))
        }
        call.reply = reply
        handle(.change(device: device, change), in: call)
    }

    func reply(_ outcome: InboundCall.Reply, of device: Int, in call: ActiveInboundCall) {
        guard let reply = call.reply else { return }
        call.reply = nil
        switch outcome {
        case .session: reply(.success(.session(call.state.devices[device].session)))
        case .accepted: reply(.success(.accepted))
        case .refused(let error): reply(.failure(error))
        }
    }
}
