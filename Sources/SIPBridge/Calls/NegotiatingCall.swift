import CallCore

/// What changes in mid-call need of the call they happen in, whoever started it. On the SIP thread only.
protocol NegotiatingCall: AnyObject {
    typealias DialogID = OutboundCall.DialogID

    var number: UInt64 { get }
    /// The handles of a change in mid-call.
    var midCall: MidCall { get set }
    /// Transactions of ours inside dialogs that have no final response yet, by their ids.
    var pending: [UInt64: OpaquePointer] { get set }
    /// The peer's Contact has changed, and the store does not know it yet.
    var hasMoved: Bool { get set }

    /// The interval of the session timer in seconds; 0 where there is none.
    var sessionInterval: UInt32 { get }
    /// Whether we refresh the session, else the peer does.
    var isRefresher: Bool { get }
    /// What a refresh by re-INVITE repeats.
    var localDescription: SessionDescription? { get }

    /// The dialog's handle; nil where it is gone.
    func leg(of dialog: DialogID) -> OpaquePointer?
    /// By which trunk the dialog's requests go, by its index.
    func trunk(of dialog: DialogID) -> Int
    /// Tells the call's state machine.
    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent)
}

extension ActiveCall: NegotiatingCall {
    var sessionInterval: UInt32 { state.sessionInterval }
    var isRefresher: Bool { state.isRefresher }
    var localDescription: SessionDescription? { state.localDescription }

    func trunk(of dialog: DialogID) -> Int { attempts[dialog.attempt].trunk }

    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent) {
        agent.handle(.negotiation(dialog, event), in: self)
    }
}

extension ActiveInboundCall: NegotiatingCall {
    /// Its only dialog.
    static let dialog = DialogID(attempt: 0, index: 0)

    var sessionInterval: UInt32 { state.sessionInterval }
    var isRefresher: Bool { state.isRefresher }
    var localDescription: SessionDescription? { state.localDescription }

    func leg(of dialog: DialogID) -> OpaquePointer? { leg }
    func trunk(of dialog: DialogID) -> Int { trunk }

    func negotiate(_ event: Negotiation.Event, in dialog: DialogID, by agent: isolated SIPAgent) {
        agent.handle(.negotiation(event), in: self)
    }
}

extension SIPAgent {
    /// The call of this number, whoever started it.
    func negotiating(_ number: UInt64) -> (any NegotiatingCall)? { calls[number] ?? inboundCalls[number] }
}
