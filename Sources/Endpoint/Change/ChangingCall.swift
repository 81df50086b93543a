import CSofiaSIP

/// What a change in mid-call needs of a call, answered or placed. Touched on the SIP thread only.
protocol ChangingCall: AnyObject {
    var number: UInt64 { get }
    var callID: String { get }
    var tag: String { get }
    var leg: OpaquePointer? { get }
    var answerer: SDPAnswerer { get set }
    /// Where our requests go if the dialog's own next hop is a name.
    var nextHop: String { get }
    /// Whether the dialog's first INVITE is not acknowledged yet.
    var isOpening: Bool { get }
    /// The peer's re-INVITE that waits for its ACK.
    var reinvite: OpaquePointer? { get }
    /// Ours that waits for its answer.
    var change: OpenChange? { get set }

    func releaseAll()
}

/// A re-INVITE or UPDATE of ours without a final response. Its transaction has this one owner.
struct OpenChange {
    var client: OpaquePointer
    var request: MediaChange.Request
    /// What counts again if it is refused.
    var before: SDPAnswerer
}
