import CSofiaSIP
import CallCore

/// What the caller sends in a call of the network.
extension SIPAgent {
    /// A request in the dialog; whether its transaction is kept.
    func inDialog(_ request: csip_request, in call: ActiveInboundCall, server: OpaquePointer) -> Bool {
        let dialog = ActiveInboundCall.dialog
        let session = RequestIdentifier(call.session, SessionIDField(request.session_id))
        switch request.method {
        case CSIP_BYE:
            reply(server, 200, to: session, in: dialog, of: call)
            handle(.bye(reason: request.reason_text.map { String(cString: $0) }), in: call)
        case CSIP_INVITE, CSIP_UPDATE:
            return mediaRequest(request, session, dialog, in: call, server: server)
        default:
            let answer = MidCallRequest.answer(to: request)
            reply(server, answer.status, headers: answer.headers, to: session, in: dialog, of: call)
        }
        return false
    }

    /// ACK, CANCEL, or a time-out of the INVITE's transaction.
    func acknowledged(
        _ call: ActiveInboundCall, method: csip_method, request: UnsafePointer<csip_request>?
    ) {
        guard let server = call.server else { return }
        switch method {
        case CSIP_ACK:
            call.session.take(SessionIDField(request?.pointee.session_id))
            releaseServer(of: call)
            handle(.ack(request.flatMap { MidCallRequest.description(in: $0.pointee) }), in: call)
        case CSIP_CANCEL:
            guard let raw = request?.pointee else { return }
            handle(
                .cancel(
                    reason: raw.reason_text.map { String(cString: $0) },
                    isAnsweredElsewhere: InboundHeaders.isAnsweredElsewhere(raw.reasons, count: raw.reason_count)),
                in: call)
        default:
            call.isTimingOut = true
            let isAnswered = csip_server_status(server) >= 200
            let couldNotSend = !isAnswered && call.isAnswered
            handle(couldNotSend ? .transportFailure : .unacknowledged, in: call)
            releaseServer(of: call)
            call.isTimingOut = false
        }
    }

    /// The PRACK of a reliable response. It is answered before what follows from it.
    func pracked(_ transaction: UInt64, by prack: OpaquePointer, request: UnsafePointer<csip_request>) {
        guard let id = TransactionID(rawValue: transaction), let call = inboundCalls[id.call] else { return }
        let description = MidCallRequest.description(in: request.pointee)
        // An offer of its own (RFC 3262 §5) is refused alone: the response is acknowledged all the same (RFC 6337 §2.3).
        let isOffer = request.pointee.body_length > 0 && !call.isOfferless
        let session = RequestIdentifier(call.session, SessionIDField(request.pointee.session_id))
        reply(prack, isOffer ? 488 : 200, to: session, in: ActiveInboundCall.dialog, of: call)
        handle(.prack(isOffer ? nil : description), in: call)
    }
}
