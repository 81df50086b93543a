import CSofiaSIP
import CallCore

/// A call of the network in progress: its state, its timers, and the SIP handles it owns. On the SIP thread only.
final class ActiveInboundCall: TimedCall {
    /// By which it came.
    let trunk: Int
    /// Its INVITE brought no offer: the device's description is one.
    let isOfferless: Bool
    /// Its INVITE came by a transport that bounds our responses.
    let isDatagram: Bool
    /// Where its INVITE came from, if it came over TLS: nothing of the call goes in clear.
    let secureSource: String?
    /// Our tag: the UUID that is ours in the session, unless the caller's names both ends.
    let tag: String
    /// Of every response to the INVITE above 100.
    let chargingLine: String?
    /// The name that the call has from end to end.
    var session: SessionIdentifier
    var state: InboundCall
    /// The INVITE's.
    let callID: String
    var times: CallTimes
    /// The device that has answered.
    var answeredBy: Int?

    /// The INVITE's transaction, until it is acknowledged or over.
    var server: OpaquePointer?
    /// A time-out of it is being told: who destroys it now loses the final response (see `on_acknowledged`).
    var isTimingOut = false
    /// The dialog.
    var leg: OpaquePointer?
    /// Our BYE, until its final response.
    var bye: OpaquePointer?
    /// The dialog's name, for the store; from the answer on.
    var names: (callID: String, local: String, remote: String)?
    /// Transactions of ours in the dialog that have no final response yet, by their ids; but the BYE and re-INVITEs.
    var pending: [UInt64: OpaquePointer] = [:]
    var challengeable: [OpaquePointer: DialogRequest] = [:]
    /// Of trunks with credentials only, from its first request on.
    var authentication: CallAuthentication?
    /// The peer's Contact has changed, and the store does not know it yet.
    var hasMoved = false
    /// The header line of our 200 that agrees to a session timer (RFC 4028 §9).
    let timerLine: String?
    /// Who waits for the answer to a PUT; set while it is carried out.
    var reply: (@Sendable (Result<SessionChangeResult, CAMARAError>) -> Void)?

    init(
        number: UInt64, trunk: Int, isOfferless: Bool, isDatagram: Bool, secureSource: String?, tag: String,
        session: SessionIdentifier, chargingLine: String?, timerLine: String?, state: InboundCall, callID: String,
        began: UInt64
    ) {
        self.timerLine = timerLine
        self.trunk = trunk
        self.isOfferless = isOfferless
        self.isDatagram = isDatagram
        self.secureSource = secureSource
        self.tag = tag
        self.session = session
        self.chargingLine = chargingLine
        self.state = state
        self.callID = callID
        times = CallTimes(began: began)
        times.invited = began
        super.init(number: number)
    }

    override func fire(_ timer: CallTimer, in agent: isolated SIPAgent) {
        agent.handle(.timer(timer), in: self)
    }

    /// Our UUID in a call whose dialog has it as our tag, the last of `local`.
    static func uuid(inLocal local: String) -> SessionUUID? { SessionUUID(local.suffix(SessionUUID.digits)) }

    /// The 200 has been sent, or was to be.
    var isAnswered: Bool {
        switch state.phase {
        case .connected, .ending: true
        case .new, .ringing, .answering, .ended: false
        }
    }

    /// Gives every handle but the INVITE's transaction back to the stack, which finishes what is still on the wire.
    func releaseDialog() {
        releaseMidCall()
        challengeable = [:]
        for client in pending.values { csip_client_destroy(client) }
        pending = [:]
        if let bye { csip_client_destroy(bye) }
        if let leg { csip_leg_destroy(leg) }
        bye = nil
        leg = nil
    }
}

/// Where a session is found: its call, and in a call of the network the device it is for.
enum SessionPlace {
    case outbound(ActiveCall)
    case inbound(ActiveInboundCall, device: Int)
}
