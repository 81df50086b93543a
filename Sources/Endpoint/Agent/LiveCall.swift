import CSofiaSIP
import SIPBridge

/// A call with its C handles. Touched on the SIP thread only; every handle has this one owner.
final class LiveCall: Deadlined, ChangingCall {
    let number: UInt64
    /// The user part of the Request-URI, for display and redirections.
    let dialled: String
    let callID: String
    /// Our To tags: of the dialog that is answered, and of a fork that is not.
    let tag: String
    let otherTag: String
    /// Where our requests go if the dialog's own next hop is a name.
    let nextHop: String
    var state: EndpointCall
    var answerer: SDPAnswerer
    let offer: SDPOffer?
    /// The answer to the INVITE's offer (or, without one, our offer); made once, repeated word by word.
    var description: String?
    let sessionTimer: String?

    var invite: OpaquePointer?
    /// A re-INVITE that waits for its ACK.
    var reinvite: OpaquePointer?
    var leg: OpaquePointer?
    var bye: OpaquePointer?
    var change: OpenChange?

    var deadline: UInt64 = 0
    var heapIndex = -1

    init(
        number: UInt64, dialled: String, callID: String, tag: String, otherTag: String, nextHop: String,
        state: EndpointCall, answerer: SDPAnswerer, offer: SDPOffer?, sessionTimer: String?
    ) {
        self.number = number
        self.dialled = dialled
        self.callID = callID
        self.tag = tag
        self.otherTag = otherTag
        self.nextHop = nextHop
        self.state = state
        self.answerer = answerer
        self.offer = offer
        self.sessionTimer = sessionTimer
    }

    var isOpening: Bool { invite != nil }

    func releaseInvite() {
        if let invite { csip_server_destroy(invite) }
        invite = nil
    }

    func releaseAll() {
        releaseInvite()
        if let reinvite { csip_server_destroy(reinvite) }
        if let bye { csip_client_destroy(bye) }
        if let change { csip_client_destroy(change.client) }
        if let leg { csip_leg_destroy(leg) }
        reinvite = nil
        bye = nil
        change = nil
        leg = nil
    }
}

/// What the shim's 64-bit ids stand for: a call, and which of its handles.
struct HandleID: Equatable {
    enum Kind: UInt64 {
        case leg, invite, reinvite, bye, prack, change
    }

    var call: UInt64
    var kind: Kind

    init(call: UInt64, kind: Kind) {
        self.call = call
        self.kind = kind
    }

    /// Calls count from 1, so no id is 0, which the shim uses for "no dialog".
    init?(rawValue: UInt64) {
        guard rawValue >= 8, let kind = Kind(rawValue: rawValue & 7) else { return nil }
        self.init(call: rawValue >> 3, kind: kind)
    }

    var rawValue: UInt64 { call << 3 | kind.rawValue }
}
