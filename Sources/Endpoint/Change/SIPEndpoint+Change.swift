import CSofiaSIP
import SIPBridge

/// Changes of the media that the endpoint asks for.
extension SIPEndpoint {
    /// Sends a re-INVITE or UPDATE. Nothing goes out while another change of either side is under way (RFC 3261 §14.1), or
    /// before the dialog is confirmed.
    func send(_ change: MediaChange, in call: some ChangingCall) {
        guard let leg = call.leg, !call.isOpening, call.change == nil, call.reinvite == nil else { return }
        let before = call.answerer
        guard var offer = call.answerer.offer(change.media) else { return }
        let id = HandleID(call: call.number, kind: .change).rawValue
        let method = change.request == .reinvite ? CSIP_INVITE : CSIP_UPDATE
        let client = offer.withUTF8 { body in
            csip_leg_request(leg, id, method, call.nextHop, nil, body.baseAddress, body.count)
        }
        guard let client else { return call.answerer.takeBack(before) }
        call.change = OpenChange(client: client, request: change.request, before: before)
        show(
            LadderLine(
                direction: .sent, message: change.request.method, callID: call.callID, tag: call.tag,
                bodyBytes: offer.utf8.count))
    }

    /// A response to our re-INVITE or UPDATE.
    func received(_ response: UnsafePointer<csip_response>, toChangeOf number: UInt64, client: OpaquePointer) {
        if let call = calls[number] {
            if changed(response, in: call, client: client) { handle(.lost, in: call) }
        } else if let call = placed[number] {
            if changed(response, in: call, client: client) { handle(.interrupted, in: call) }
        } else if let call = leaving[number] {
            _ = changed(response, in: call, client: client)
            if call.change == nil {
                call.releaseAll()
                leaving[number] = nil
            }
        }
    }

    /// Whether the peer does not know the dialog any more, or is gone (RFC 3261 §12.2.1.2).
    private func changed(
        _ response: UnsafePointer<csip_response>, in call: some ChangingCall, client: OpaquePointer
    ) -> Bool {
        let raw = response.pointee
        let status = Int(raw.status)
        let isSuccess = (200..<300).contains(status)
        guard status >= 200 else { return false }
        // A 2xx that comes again is acknowledged, and nothing more.
        if isSuccess, raw.method == CSIP_INVITE, let leg = call.leg {
            csip_leg_refresh(leg, response, false)
            _ = csip_leg_ack(leg, call.nextHop, raw.cseq, nil)
        }
        guard let change = call.change, change.client == client else { return false }
        if !raw.is_internal {
            show(
                LadderLine(
                    direction: .received, message: LadderLine.response(status, to: change.request.method),
                    callID: call.callID, tag: call.tag, bodyBytes: raw.body_length))
        }
        if !isSuccess { call.answerer.takeBack(change.before) }
        call.change = nil
        csip_client_destroy(client)
        return status == 408 || status == 481
    }

    /// Lets a call go that is over. A re-INVITE of ours still wants its final response and the ACK of that.
    func release(_ call: some ChangingCall) {
        if call.change == nil { return call.releaseAll() }
        leaving[call.number] = call
    }
}

extension MediaChange.Request {
    fileprivate var method: String { self == .reinvite ? "INVITE" : "UPDATE" }
}
