/// What is kept of a live call, so that the next run can end it towards the network and tell its end.
public struct StoredCall: Sendable, Hashable {
    /// What a request in the dialog is made of (RFC 3261 §12).
    public struct Dialog: Sendable, Hashable {
        /// Call-ID.
        public var callID: String
        /// From of our requests, with our tag.
        public var local: String
        /// To of our requests, with the peer's tag.
        public var remote: String
        /// The route set, as Route has it; nil for an empty one.
        public var routes: String?
        /// The peer's Contact.
        public var target: String
        /// Our last CSeq number, or an earlier one.
        public var localCSeq: UInt32
        /// The peer's.
        public var remoteCSeq: UInt32

        /// Takes every value as given.
        public init(
            callID: String, local: String, remote: String, routes: String?, target: String, localCSeq: UInt32,
            remoteCSeq: UInt32
        ) {
            self.callID = callID
            self.local = local
            self.remote = remote
            self.routes = routes
            self.target = target
            self.localCSeq = localCSeq
            self.remoteCSeq = remoteCSeq
        }
    }

    /// As it was told last. It has ended only where a run after the call's own has told so, and the network is not told yet.
    public var session: Session
    /// The confirmed dialog, or the newest early one; nil before there is any.
    public var dialog: Dialog?
    /// Where requests go if the dialog's own next hop is a name.
    public var nextHop: String

    /// Takes every value as given.
    public init(session: Session, dialog: Dialog?, nextHop: String) {
        self.session = session
        self.dialog = dialog
        self.nextHop = nextHop
    }

    /// The session's end, as the next run tells it; once.
    public var ended: Session {
        guard !session.status.isFinal else { return session }
        var session = session
        session.status = .terminated
        session.reason = "gateway restarted"
        session.sequenceNumber += 1
        return session
    }
}

/// Keeps live calls over a crash. Every function returns at once, on any thread; writing comes later, in order.
public protocol StoredCalls: Sendable {
    /// Keeps `call`, in place of what was kept of its session.
    func keep(_ call: StoredCall)
    /// The call is over, towards the network too.
    func removeCall(_ id: SessionID)
    /// What an earlier run has left, once; it stays kept until it is removed.
    func takeLeftCalls() -> [StoredCall]
}
