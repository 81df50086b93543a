import CSofiaSIP
import CallCore
import Foundation

/// Keeping live calls of the network over a crash: a row for each session, with the dialog once it is answered. Before that,
/// no other process could end the INVITE, and a callee may not end an early dialog with BYE (RFC 3261 §15).
extension SIPAgent {
    /// Called with what an event has led to, once that is done.
    func keep(_ call: ActiveInboundCall, after actions: [InboundCall.Action], in kept: any StoredCalls) {
        let hasMoved = call.hasMoved
        call.hasMoved = false
        for device in call.state.devices.indices
        where actions.contains(where: { $0.changesWhatIsKept(of: device) })
            || hasMoved && call.state.devices[device].isAlive
        {
            let session = call.state.devices[device].session
            if session.status.isFinal {
                kept.removeCall(session.id)
            } else {
                kept.keep(
                    StoredCall(
                        session: session, dialog: dialog(of: call),
                        nextHop: nextHop(of: ActiveInboundCall.dialog, in: call)))
            }
        }
    }

    private func dialog(of call: ActiveInboundCall) -> StoredCall.Dialog? {
        guard let names = call.names, let leg = call.leg, let target = SIPAgent.taken(csip_leg_target(leg)) else {
            return nil
        }
        return StoredCall.Dialog(
            callID: names.callID, local: names.local, remote: names.remote,
            routes: SIPAgent.taken(csip_leg_routes(leg)), target: target, localCSeq: csip_leg_local_cseq(leg),
            remoteCSeq: csip_leg_remote_cseq(leg))
    }

    /// The dialog that an INVITE makes: the called side is ours.
    func names(of server: OpaquePointer, tag: String) -> (callID: String, local: String, remote: String)? {
        let names = csip_server_names(server)
        let texts = [names.call_id, names.to, names.from].map { SIPAgent.taken($0) }
        guard let callID = texts[0], let local = texts[1], let remote = texts[2] else { return nil }
        return (callID, "\(local);tag=\(tag)", remote)
    }
}

extension InboundCall.Action {
    /// The session of `device` as it was told, or the call's dialog.
    fileprivate func changesWhatIsKept(of device: Int) -> Bool {
        switch self {
        case .invite(device), .publish(device), .answer: true
        default: false
        }
    }
}
