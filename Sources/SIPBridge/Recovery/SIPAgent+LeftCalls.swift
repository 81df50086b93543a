import CSofiaSIP
import CallCore

/// A call of an earlier run, while its BYE is on the way.
struct LeftCall {
    var call: StoredCall
    var leg: OpaquePointer
    /// Ours as it was, as far as that was kept; the peer's was not, and is known from its first response on (RFC 7989).
    var session: SessionIdentifier
    /// BYEs sent before this one.
    var tries: Int
    /// Whose credentials the BYE carries, if the trunk is still in the configuration.
    var account: Account?
    /// How challenges to the BYE were answered, and with what nonces.
    var exchange = DigestExchange()
    var nonces = DigestSessions()
}

/// Ending what an earlier run has left up when it was killed.
extension SIPAgent {
    /// BYEs sent each 100 ms: 500 a second, so that a peer that has just lost its gateway is not flooded by the next.
    private static let batch = 50
    /// Added to the last CSeq that is known: requests since then may not have been stored (RFC 3261 §12.2.1.1: the
    /// number must only be higher, and below 2^31).
    private static let sequenceGap: UInt32 = 10_000
    /// BYEs to a peer that cannot be reached: after a machine's start the network may come later than the gateway.
    private static let maximumByes = 6

    /// Shows these calls as ended, and tells it where no run before has. Before the API listens.
    public func tellLeftCalls(_ left: [StoredCall]) {
        for call in left {
            if call.session.status.isFinal { store.publish(call.session) } else { publish(call.ended) }
        }
    }

    /// Ends them towards the network: a BYE, for an early dialog too (RFC 3261 §15), repeated by its transaction. Each is
    /// forgotten when its BYE is answered or has timed out. One without a dialog cannot be ended by us: its INVITE's
    /// transaction is gone. Whoever answers it gets no ACK, and ends it then (§13.3.1.4).
    public func endLeftCalls(_ left: [StoredCall]) async {
        var waiting = left[...]
        while !waiting.isEmpty {
            for call in waiting.prefix(SIPAgent.batch) { endLeftCall(noteAsTold(call), tries: 0) }
            waiting = waiting.dropFirst(SIPAgent.batch)
            if !waiting.isEmpty { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Has the store know that the end was told: if this run is killed too before the BYE is answered, the next one sends
    /// that again and does not tell again. Not earlier, so that the events themselves are in the store before it.
    private func noteAsTold(_ call: StoredCall) -> StoredCall {
        guard !call.session.status.isFinal, call.dialog != nil else { return call }
        let told = StoredCall(session: call.ended, dialog: call.dialog, nextHop: call.nextHop)
        options.calls?.keep(told)
        return told
    }

    private func endLeftCall(_ call: StoredCall, tries: Int) {
        // Stopped meanwhile: it stays kept, for the next run.
        guard let handle else { return }
        guard let dialog = call.dialog else {
            options.calls?.removeCall(call.session.id)
            return
        }
        lastNumber += 1
        let id = TransactionID(call: lastNumber, kind: .bye, attempt: 0).rawValue
        guard let leg = restore(dialog, tries: tries, id: id, handle) else {
            options.calls?.removeCall(call.session.id)
            return
        }
        var left = LeftCall(
            call: call, leg: leg, session: SessionIdentifier(own: call.uuid ?? .random(using: &random)), tries: tries)
        if let trunk = trunk(ofHop: call.nextHop) {
            left.account = account(at: trunk, for: call.session.ownNumber)
        }
        guard sendBye(of: &left, id) else {
            csip_leg_destroy(leg)
            retry(call, after: tries)
            return
        }
        leftCalls[id] = left
    }

    private func sendBye(of left: inout LeftCall, _ id: UInt64) -> Bool {
        var bye = DialogRequest(method: .bye, headers: "Reason: Q.850;cause=41;text=\"Gateway restarted\"")
        if left.account != nil {
            bye.credentials = left.nonces.lines(
                method: bye.method.name, uri: SIPAgent.target(of: left.leg), body: "", in: &left.exchange)
        }
        return bye.send(on: left.leg, id, hop: left.call.nextHop, in: left.session) != nil
    }

    /// The network could not be reached: again after 1, 2, 4… seconds, a bounded number of times. A gateway that stops
    /// meanwhile leaves the call to its next run.
    private func retry(_ call: StoredCall, after tries: Int) {
        guard tries + 1 < SIPAgent.maximumByes else {
            options.calls?.removeCall(call.session.id)
            return
        }
        let wait = options.t1 * 2 * (1 << tries)
        Task { [weak self] in
            try? await Task.sleep(for: wait)
            await self?.endLeftCall(call, tries: tries + 1)
        }
    }

    private func restore(
        _ dialog: StoredCall.Dialog, tries: Int, id: UInt64, _ handle: OpaquePointer
    ) -> OpaquePointer? {
        let sequence =
            min(dialog.localCSeq, 0x7FFF_FF00 - SIPAgent.sequenceGap) + SIPAgent.sequenceGap + UInt32(tries)
        return withCStrings([dialog.callID, dialog.local, dialog.remote, dialog.target], [dialog.routes]) {
            strings, optional in
            var stored = csip_dialog(
                call_id: strings[0], from: strings[1], to: strings[2], routes: optional[0], target: strings[3],
                local_cseq: sequence, remote_cseq: dialog.remoteCSeq)
            return csip_leg_restore(handle, id, &stored)
        }
    }

    /// The final response to such a BYE, or the stack's own. The transaction is the caller's to let go.
    func leftCallAnswered(_ response: csip_response, _ transaction: UInt64) {
        guard var left = leftCalls.removeValue(forKey: transaction) else { return }
        left.session.take(SessionIDField(response.session_id))
        if let account = left.account, takesChallenge(of: response, to: account, in: &left.exchange, &left.nonces),
            sendBye(of: &left, transaction)
        {
            leftCalls[transaction] = left
            return
        }
        csip_leg_destroy(left.leg)
        if response.status == 503, response.is_internal {
            retry(left.call, after: left.tries)
        } else {
            options.calls?.removeCall(left.call.session.id)
        }
    }
}

extension StoredCall {
    /// Our UUID in it, which is our part of its dialog's name.
    fileprivate var uuid: SessionUUID? {
        guard let dialog else { return nil }
        return switch session.direction {
        case .outbound: ActiveCall.uuid(inCallID: dialog.callID)
        case .inbound: ActiveInboundCall.uuid(inLocal: dialog.local)
        }
    }
}

extension Session {
    /// The number that it is made for, or that was called.
    fileprivate var ownNumber: PhoneNumber? {
        PhoneNumber(uri: direction == .outbound ? originatorAddress : receiverAddress)
    }
}
