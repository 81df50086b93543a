import CallCore

/// What a leg or transaction of a call is, as the 64 bits that the C shim hands back: never a pointer.
struct TransactionID: Equatable {
    enum Kind: UInt64 {
        case invite = 1
        case dialog
        case prack
        case bye
        case refresh
        /// Our re-INVITE.
        case reinvite
        /// The peer's re-INVITE, until its ACK.
        case peerInvite
        /// The INVITE of a call of the network.
        case calledInvite
        /// The dialog it makes.
        case calledDialog
        /// Our BYE in it.
        case calledBye
        /// The REGISTER of a binding, which has its number from where the calls have theirs.
        case register
        /// OPTIONS to a peer; `call` is a number of its own.
        case probe
        /// Our UPDATE that tells the caller's location.
        case location
    }

    var call: UInt64
    var kind: Kind
    var attempt: Int
    var dialog: Int

    init(call: UInt64, kind: Kind, attempt: Int, dialog: Int = 0) {
        self.call = call
        self.kind = kind
        self.attempt = attempt
        self.dialog = dialog
    }

    init(call: UInt64, kind: Kind, dialog: OutboundCall.DialogID) {
        self.init(call: call, kind: kind, attempt: dialog.attempt, dialog: dialog.index)
    }

    /// Call in the upper 52 bits; kind, attempt and dialog in 4 each.
    var rawValue: UInt64 {
        call << 12 | kind.rawValue << 8 | UInt64(attempt & 0xF) << 4 | UInt64(dialog & 0xF)
    }

    init?(rawValue: UInt64) {
        guard let kind = Kind(rawValue: rawValue >> 8 & 0xF) else { return nil }
        self.init(
            call: rawValue >> 12, kind: kind, attempt: Int(rawValue >> 4 & 0xF), dialog: Int(rawValue & 0xF))
    }

    var dialogID: OutboundCall.DialogID { .init(attempt: attempt, index: dialog) }
}
