import CSofiaSIP
import CallCore

/// A call of an application in progress: its state, its timers, and the SIP handles it owns. On the SIP thread only.
final class ActiveCall: TimedCall {
    /// One INVITE and what came of it. Every handle has this one owner.
    struct Attempt {
        var trunk: Int
        /// The trunk's address it is sent to.
        var peer = 0
        /// The calling leg; the first dialog takes it over.
        var leg: OpaquePointer?
        var invite: OpaquePointer?
        var dialogs: [Dialog] = []
        var callID = ""
        /// The peer's UUID in the INVITE, which its CANCEL repeats (RFC 7989 §6).
        var toldUUID = SessionUUID.none
        /// What the responses to the INVITE have told last.
        var peerUUID = SessionUUID.none
        /// Call-ID, From and To of the INVITE, for the store.
        var identity: (callID: String, from: String, to: String)?
        /// The header lines of a CANCEL that waits for the first provisional response (RFC 3261 §9.1).
        var heldCancel: String?
        /// Of trunks with credentials only.
        var authentication: CallAuthentication?
    }

    struct Dialog {
        var leg: OpaquePointer?
        /// The transaction that receives a fork's responses.
        var fork: OpaquePointer?
        /// The peer's tag.
        var tag: String?
        /// The peer's UUID (RFC 7989).
        var peerUUID = SessionUUID.none
    }

    /// Ours in the session, whichever trunks it is tried by (RFC 7989 §6).
    let uuid: SessionUUID
    /// What was asked for; its details change with the caller's location.
    var request: CallRequest
    var state: OutboundCall
    var attempts: [Attempt] = []
    /// Transactions of ours inside dialogs that have no final response yet, by their ids.
    var pending: [UInt64: OpaquePointer] = [:]
    var challengeable: [OpaquePointer: DialogRequest] = [:]
    var reply: (@Sendable (Result<Session, CAMARAError>) -> Void)?
    var times: CallTimes
    /// Whether the store has it.
    var isStored = false
    /// The peer's Contact has changed, and the store does not know it yet.
    var hasMoved = false
    /// No limit of a trunk holds for it.
    var isExempt = false
    /// The network does not know the caller's location, or an older one, and there was no way to tell it yet.
    var owesLocation = false
    /// Whether the session is among its client's ``LiveSessions``.
    var countsAsLive = false

    init(
        number: UInt64, uuid: SessionUUID, request: CallRequest, state: OutboundCall, began: UInt64,
        reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void
    ) {
        self.uuid = uuid
        self.request = request
        self.state = state
        times = CallTimes(began: began)
        self.reply = reply
        super.init(number: number)
    }

    override func fire(_ timer: CallTimer, in agent: isolated SIPAgent) {
        // It is stopped by any response, and by whatever else ends the waiting.
        if timer == .noResponse, let attempt = attempts.last { agent.learn(.silent, of: attempt) }
        agent.handle(.timer(timer), in: self)
    }

    // MARK: - Handles

    /// Gives every handle back to the stack, which finishes what is still on the wire.
    func releaseAll() {
        for index in attempts.indices {
            releaseInvite(index)
            for dialog in attempts[index].dialogs.indices {
                closeDialog(.init(attempt: index, index: dialog))
                if let fork = attempts[index].dialogs[dialog].fork {
                    csip_client_destroy(fork)
                    attempts[index].dialogs[dialog].fork = nil
                }
            }
            if let leg = attempts[index].leg {
                csip_leg_destroy(leg)
                attempts[index].leg = nil
            }
        }
        releaseMidCall()
        challengeable = [:]
        for client in pending.values { csip_client_destroy(client) }
        pending = [:]
    }

    func releaseInvite(_ attempt: Int) {
        guard let invite = attempts[attempt].invite else { return }
        csip_client_destroy(invite)
        attempts[attempt].invite = nil
    }

    /// Sends CANCEL, or holds it back until the INVITE has a response.
    func cancel(_ attempt: Int, reason: String) {
        guard let invite = attempts[attempt].invite else { return }
        // With the INVITE's credentials: a challenge to a CANCEL cannot be answered (RFC 3261 §22.1).
        let line = "Reason: \(reason)" + (attempts[attempt].authentication?.credentials.map { "\n\($0)" } ?? "")
        if csip_client_has_response(invite) {
            sendCancel(of: attempt, invite, line)
        } else {
            attempts[attempt].heldCancel = line
        }
    }

    /// A response to the INVITE has come: a CANCEL held back goes out, unless there is nothing left to cancel.
    func releaseHeldCancel(_ attempt: Int, isProvisional: Bool) {
        guard let line = attempts[attempt].heldCancel else { return }
        attempts[attempt].heldCancel = nil
        if isProvisional, let invite = attempts[attempt].invite { sendCancel(of: attempt, invite, line) }
    }

    private func sendCancel(of attempt: Int, _ invite: OpaquePointer, _ lines: String) {
        SessionIdentifier(own: uuid, peer: attempts[attempt].toldUUID).withLines(lines) {
            _ = csip_client_cancel(invite, $0)
        }
    }

    func closeDialog(_ dialog: OutboundCall.DialogID) {
        guard let leg = attempts[dialog.attempt].dialogs[dialog.index].leg else { return }
        csip_leg_destroy(leg)
        attempts[dialog.attempt].dialogs[dialog.index].leg = nil
    }

    func leg(of dialog: OutboundCall.DialogID) -> OpaquePointer? {
        guard attempts.indices.contains(dialog.attempt), attempts[dialog.attempt].dialogs.indices.contains(dialog.index)
        else { return nil }
        return attempts[dialog.attempt].dialogs[dialog.index].leg
    }
}
