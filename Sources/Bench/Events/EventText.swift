/// What the benchmark reads of an event's JSON.
struct EventText: Equatable {
    /// What callers subscribe to, and the called.
    static let statusType = "org.camaraproject.webrtc-events.v0.session-status"
    static let invitationType = "org.camaraproject.webrtc-events.v0.session-invitation"
    static let endedType = "org.camaraproject.webrtc-events.v0.subscription-ended"

    /// A session that has one of these has no further event.
    private static let finalStatuses: Set<String> = [
        "Terminated", "SessionCancelled", "Failed", "Busy", "NoAnswer", "NotReachable", "Declined",
    ]

    enum Kind: Equatable {
        /// `number`: its `sequenceNumber`.
        case status(session: String, number: Int, originator: String, isFinal: Bool)
        /// `caller`: the twelve digits behind `+1` of its originator.
        case invitation(session: String, caller: UInt64)
        case subscriptionEnded
    }

    /// The CloudEvents `id`.
    let id: String
    let subscription: String
    let kind: Kind

    init(id: String, subscription: String, kind: Kind) {
        self.id = id
        self.subscription = subscription
        self.kind = kind
    }

    /// Reads the `length` bytes at `bytes`; nil if they are no event that a subscription of the benchmark may have.
    init?(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        func text(_ name: StaticString) -> String? {
            SessionJSON.string(name, in: bytes, length).map { String(decoding: $0, as: UTF8.self) }
        }
        guard let id = text("\"id\""), !id.isEmpty, let type = text("\"type\""),
            let subscription = text("\"subscriptionId\"")
        else { return nil }
        switch type {
        case EventText.statusType:
            guard let session = text("\"mediaSessionId\""), let originator = text("\"originatorAddress\""),
                let status = text("\"status\""),
                let number = SessionJSON.number("\"sequenceNumber\"", in: bytes, length)
            else { return nil }
            let isFinal = EventText.finalStatuses.contains(status)
            kind = .status(session: session, number: number, originator: originator, isFinal: isFinal)
        case EventText.invitationType:
            guard let session = text("\"mediaSessionId\""), let originator = text("\"originatorAddress\""),
                text("\"status\"") == "Initial", SessionJSON.number("\"sequenceNumber\"", in: bytes, length) == 1,
                let number = originator.split(separator: "+1", maxSplits: 1).last?.prefix(CallReference.digits),
                let caller = UInt64(number)
            else { return nil }
            kind = .invitation(session: session, caller: caller)
        case EventText.endedType: kind = .subscriptionEnded
        default: return nil
        }
        self.id = id
        self.subscription = subscription
    }
}
