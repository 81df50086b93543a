import CSofiaSIP
import SIPBridge

/// A placed call with its C handles. Touched on the SIP thread only; every handle has this one owner.
final class PlacedCall: Deadlined, ChangingCall {
    let number: UInt64
    let plan: CallPlan
    let callID: String
    let tag: String
    var state: CallerCall
    var answerer: SDPAnswerer
    let onEnd: @Sendable (CallOutcome) -> Void

    var leg: OpaquePointer?
    var invite: OpaquePointer?
    var bye: OpaquePointer?
    /// PRACKs that wait for their answers.
    var pracks: [OpaquePointer] = []
    /// A re-INVITE that waits for its ACK.
    var reinvite: OpaquePointer?
    var change: OpenChange?
    /// The leg has a dialog: a response with a tag has come.
    var hasDialog = false

    var deadline: UInt64 = 0
    var heapIndex = -1

    init(
        number: UInt64, plan: CallPlan, callID: String, tag: String, answerer: SDPAnswerer,
        onEnd: @escaping @Sendable (CallOutcome) -> Void
    ) {
        self.number = number
        self.plan = plan
        self.callID = callID
        self.tag = tag
        self.answerer = answerer
        self.onEnd = onEnd
        state = CallerCall(changes: plan.changes)
    }

    var nextHop: String { plan.gateway.uri }
    var isOpening: Bool { false }

    func releaseAll() {
        if let reinvite { csip_server_destroy(reinvite) }
        for client in pracks + [bye, invite, change?.client].compactMap(\.self) { csip_client_destroy(client) }
        if let leg { csip_leg_destroy(leg) }
        (reinvite, pracks, bye, invite, change, leg) = (nil, [], nil, nil, nil, nil)
    }
}
