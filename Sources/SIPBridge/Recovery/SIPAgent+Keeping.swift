import CSofiaSIP
import CallCore
import Foundation

/// Keeping live calls over a crash: each change that the next run would need is handed to the store, which writes behind.
extension SIPAgent {
    /// Called with what an event has led to, once that is done.
    func keep(_ call: ActiveCall, after actions: [OutboundCall.Action], in kept: any StoredCalls) {
        let session = call.state.session
        if session.status.isFinal {
            guard call.isStored else { return }
            call.isStored = false
            kept.removeCall(session.id)
        } else if call.state.isPublished, call.hasMoved || actions.contains(where: \.changesWhatIsKept) {
            call.isStored = true
            call.hasMoved = false
            kept.keep(stored(call))
        }
    }

    private func stored(_ call: ActiveCall) -> StoredCall {
        guard let attempt = call.attempts.last else {
            return StoredCall(session: call.state.session, dialog: nil, nextHop: "")
        }
        let dialog =
            switch call.state.phase {
            case .connected(let id), .ending(let id): self.dialog(id.index, of: call.attempts[id.attempt])
            default: attempt.dialogs.indices.reversed().lazy.compactMap { self.dialog($0, of: attempt) }.first
            }
        return StoredCall(
            session: call.state.session, dialog: dialog, nextHop: nextHop(trunk: attempt.trunk, peer: attempt.peer))
    }

    private func dialog(_ index: Int, of attempt: ActiveCall.Attempt) -> StoredCall.Dialog? {
        guard attempt.dialogs.indices.contains(index), let leg = attempt.dialogs[index].leg,
            let tag = attempt.dialogs[index].tag, let identity = attempt.identity,
            let target = SIPAgent.taken(csip_leg_target(leg))
        else { return nil }
        return StoredCall.Dialog(
            callID: identity.callID, local: identity.from, remote: "\(identity.to);tag=\(tag)",
            routes: SIPAgent.taken(csip_leg_routes(leg)), target: target, localCSeq: csip_leg_local_cseq(leg),
            remoteCSeq: csip_leg_remote_cseq(leg))
    }

    /// A text that the shim has allocated.
    static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}

extension OutboundCall.Action {
    /// The session as it was told, its dialog, or where that leads.
    fileprivate var changesWhatIsKept: Bool {
        switch self {
        case .publish, .answerPost, .ack, .refreshDialog: true
        default: false
        }
    }
}
