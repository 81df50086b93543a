import CallCore

/// What changes in mid-call need of the call they happen in, whoever started it. On the SIP thread only.
protocol NegotiatingCall: AnyObject {
    typealias DialogID = OutboundCall.DialogID

    var number: UInt64 { get }
    /// The handles of a change in mid-call.
    var midCall: MidCall { get set }
    /// Transactions of ours inside dialogs that have no final response yet, by their ids.
    var pending: [UInt64: OpaquePointer] { get set }
    /// Requests of ours inside dialogs as they can be sent again if they are challenged, by their transactions. Of trunks with
    /// credentials only.
    var challengeable: [OpaquePointer: DialogRequest] { get set }
    /// The peer's Contact has changed, and the store does not know it yet.
    var hasMoved: Bool { get set }
    /// What a dialog's requests are authenticated with. Of trunks with credentials only.
    subscript(authenticationOf dialog: DialogID) -> CallAuthentication? { get set }
    /// The session's name in a dialog: each fork has a UUID of its own. Setting it takes over the peer's.
    subscript(sessionOf dialog: DialogID) -> SessionIdentifier { get set }

    /// The number that it is made for, or that was called.
    var ownNumber: PhoneNumber? { get }
    /// The interval of the session timer in seconds; 0 where there is none.
    var sessionInterval: UInt32 { get }
    /// The longest Min-SE that the peer has asked for, seconds; 0: none.
    var minSE: UInt32 { get }
    /// Whether we refresh the session, else the peer does.
    var isRefresher: Bool { get }
    /// It has ended, or our BYE is on its way: requests of the peer have come too late.
    var isOver: Bool { get }
    /// What a refresh by re-INVITE repeats.
    var localDescription: SessionDescription? { get }

    /// The dialog's handle; nil where it is gone.
    func leg(of dialog: DialogID) -> OpaquePointer?
    /// By which trunk the dialog's requests go, by its index.
    func trunk(of dialog: DialogID) -> Int
    /// To which of the trunk's addresses; negative: to any.
    func peer(of dialog: DialogID) -> Int
    /// Where a call of the network has come from over TLS; nil for every other call.
    var secureSource: String? { get }
    /// Puts the transaction of a request sent again in place of the one before; false where that is no longer held.
    func replace(_ client: OpaquePointer, of id: UInt64, by again: () -> OpaquePointer?) -> Bool
    /// Tells the call's state machine.
    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent)
}

extension ActiveCall: NegotiatingCall {
    var ownNumber: PhoneNumber? { request.identity }
    var sessionInterval: UInt32 { state.sessionInterval }
    var minSE: UInt32 { state.minSE }
    var isRefresher: Bool { state.isRefresher }
    var localDescription: SessionDescription? { state.localDescription }
    var isOver: Bool {
        switch state.phase {
        case .ending, .ended: true
        case .new, .waitingForOffer, .calling, .cancelling, .connected: false
        }
    }

    subscript(authenticationOf dialog: DialogID) -> CallAuthentication? {
        get { attempts[dialog.attempt].authentication }
        set { attempts[dialog.attempt].authentication = newValue }
    }

    subscript(sessionOf dialog: DialogID) -> SessionIdentifier {
        get {
            guard attempts.indices.contains(dialog.attempt) else { return SessionIdentifier(own: uuid) }
            let hasDialog = attempts[dialog.attempt].dialogs.indices.contains(dialog.index)
            return SessionIdentifier(
                own: uuid,
                peer: hasDialog
                    ? attempts[dialog.attempt].dialogs[dialog.index].peerUUID : attempts[dialog.attempt].peerUUID)
        }
        set {
            guard attempts.indices.contains(dialog.attempt) else { return }
            if attempts[dialog.attempt].dialogs.indices.contains(dialog.index) {
                attempts[dialog.attempt].dialogs[dialog.index].peerUUID = newValue.peer
            } else {
                attempts[dialog.attempt].peerUUID = newValue.peer
            }
        }
    }

    func trunk(of dialog: DialogID) -> Int { attempts[dialog.attempt].trunk }
    func peer(of dialog: DialogID) -> Int { attempts[dialog.attempt].peer }
    var secureSource: String? { nil }

    func replace(_ client: OpaquePointer, of id: UInt64, by again: () -> OpaquePointer?) -> Bool {
        replaceCommon(client, of: id, by: again)
    }

    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent) {
        agent.handle(.negotiation(dialog, event), in: self)
    }
}

extension ActiveInboundCall: NegotiatingCall {
    /// Its only dialog.
    static let dialog = DialogID(attempt: 0, index: 0)

    var ownNumber: PhoneNumber? { PhoneNumber(uri: state.devices[0].session.receiverAddress) }
    var sessionInterval: UInt32 { state.sessionInterval }
    var minSE: UInt32 { state.minSE }
    var isRefresher: Bool { state.isRefresher }
    var localDescription: SessionDescription? { state.localDescription }
    var isOver: Bool {
        switch state.phase {
        case .ending, .ended: true
        case .new, .ringing, .answering, .connected: false
        }
    }

    subscript(authenticationOf dialog: DialogID) -> CallAuthentication? {
        get { authentication }
        set { authentication = newValue }
    }

    subscript(sessionOf dialog: DialogID) -> SessionIdentifier {
        get { session }
        set { session = newValue }
    }

    func leg(of dialog: DialogID) -> OpaquePointer? { leg }
    func trunk(of dialog: DialogID) -> Int { trunk }
    func peer(of dialog: DialogID) -> Int { -1 }

    func replace(_ client: OpaquePointer, of id: UInt64, by again: () -> OpaquePointer?) -> Bool {
        guard bye == client else { return replaceCommon(client, of: id, by: again) }
        guard let again = again() else { return false }
        bye = again
        return true
    }

    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent) {
        agent.handle(.negotiation(event), in: self)
    }
}

extension NegotiatingCall {
    fileprivate func replaceCommon(_ client: OpaquePointer, of id: UInt64, by again: () -> OpaquePointer?) -> Bool {
        if midCall.client == client {
            guard let again = again() else { return false }
            midCall.client = again
            return true
        }
        guard pending[id] == client, let again = again() else { return false }
        pending[id] = again
        return true
    }
}

extension SIPAgent {
    /// The call of this number, whoever started it.
    func negotiating(_ number: UInt64) -> (any NegotiatingCall)? { calls[number] ?? inboundCalls[number] }
}

extension PhoneNumber {
    /// That of a `tel:` URI.
    init?(uri: String) {
        guard uri.hasPrefix("tel:") else { return nil }
        self.init(uri.dropFirst(4))
    }
}
