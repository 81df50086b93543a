/// Offer and answer within one confirmed dialog (RFC 3264; RFC 3261 §14; RFC 3311; RFC 6337; RFC 6141): who has an offer
/// open, what both sides have agreed on, and who holds the call. It is the same for calls that we made and for calls that
/// we took.
///
/// Our own changes go out as re-INVITE: RFC 3311 §5.1 advises against UPDATE once a dialog is confirmed, because an UPDATE
/// has to be answered before a person could be asked.
public struct Negotiation: Sendable, Hashable {
    /// The application's own description, as it gave it; what is sent is this, with directions that tell who holds.
    public internal(set) var own: SessionDescription
    /// What the peer was sent last and both sides go by.
    public internal(set) var local: SessionDescription
    /// The peer's, as it sent it last.
    public internal(set) var remote: SessionDescription
    /// The application holds the call.
    public internal(set) var isHeldByUs = false
    /// The peer holds the call: none of its streams receives.
    public internal(set) var isHeldByPeer = false

    var ours = Ours.idle
    var theirs = Theirs.idle
    /// A re-INVITE of ours that only refreshes the session is on its way (RFC 4028 §7.4).
    var isRefreshing = false
    /// The peer's description that its next one is compared with: the last one that had an address.
    var baseline: SessionDescription
    /// Who made the offer of the exchange that counts: what the session shows as `offer` is its.
    var offerer: Party
    /// The dialog has no 2xx yet: our offers go out by UPDATE (RFC 3311 §5.1).
    var isEarly: Bool
    /// How the session is kept alive; nil where it is not (RFC 4028).
    var timer: SessionTimer?
    /// The longest Min-SE that the peer has asked for, by 422 or in a request of its own, seconds; 0: none. Every request of
    /// ours that names an interval repeats it (RFC 4028 §7.4).
    public internal(set) var minSE: UInt32 = 0

    let ownsCallID: Bool
    let limit: Duration

    /// - Parameters:
    ///   - own: what the application described, and the peer was sent.
    ///   - remote: what the peer described.
    ///   - ownsCallID: whether we made the Call-ID; it decides who waits longer after a glare (RFC 3261 §14.1).
    ///   - limit: how long a change may take: one of ours, waiting included, and the application's answer to the peer's.
    ///   - offerer: who made the first offer.
    ///   - isEarly: whether the dialog has no 2xx yet.
    public init(
        own: SessionDescription, remote: SessionDescription, ownsCallID: Bool, limit: Duration,
        offerer: Party = .application, isEarly: Bool = false
    ) {
        self.own = own
        local = own
        self.remote = remote
        baseline = remote
        self.ownsCallID = ownsCallID
        self.limit = limit
        self.offerer = offerer
        self.isEarly = isEarly
    }

    /// A side of the exchange.
    public enum Party: Sendable, Hashable {
        case application
        case peer
    }

    /// What the application wants changed.
    public struct Change: Sendable, Hashable {
        /// True: hold; false: resume; nil: neither.
        public var hold: Bool?
        /// A new description of the application.
        public var offer: SessionDescription?
        /// The application's answer to the peer's offer; with nothing else.
        public var answer: SessionDescription?

        /// Takes every value as given.
        public init(
            hold: Bool? = nil, offer: SessionDescription? = nil, answer: SessionDescription? = nil
        ) {
            self.hold = hold
            self.offer = offer
            self.answer = answer
        }
    }

    /// What happens to the negotiation.
    public enum Event: Sendable {
        case change(Change)
        /// The final response to our re-INVITE, or to the UPDATE in its place; `reason` is how it is told, `draw` random bits,
        /// `minSE` the session interval that a 422 asks for.
        case answered(status: Int, reason: String, answer: SessionDescription?, draw: UInt64, minSE: UInt32? = nil)
        /// The peer's answer to a re-INVITE that only refreshed the session.
        case refreshAnswer(SessionDescription)
        /// A re-INVITE of the peer; without `offer` it asks for ours.
        case invite(offer: SessionDescription?)
        /// An UPDATE of the peer that carries an offer.
        case update(offer: SessionDescription)
        /// The ACK to our 2xx, with the peer's answer where we made the offer.
        case acknowledged(answer: SessionDescription?)
        /// No ACK came in 64·T1 (RFC 3261 §13.3.1.4).
        case notAcknowledged
        /// The peer cancelled the re-INVITE that waits for the application's answer.
        case cancelled
        /// The time of a change of ours is up.
        case limit
        /// The application has not answered the peer's offer in time.
        case unanswered
        /// A refresh of ours is due.
        case refreshDue
        /// Something other than media is to be told, by a re-INVITE that repeats our description.
        case restate
        /// A refresh of ours has its final response, with the interval it grants or, as a 422, asks for.
        case refreshAnswered(status: Int, sessionExpires: UInt32?, minSE: UInt32?)
        /// The peer refreshed the session; with an interval, in seconds, if it named one, and the least that it takes.
        case refreshed(sessionExpires: UInt32?, refresherIsUs: Bool, minSE: UInt32 = 0)
        /// A 2xx to a change of ours names no session interval.
        case untimed
        /// The wait after a glare is over.
        case retry
        /// The dialog ends.
        case over
    }

    /// What is to be done.
    public enum Action: Sendable, Equatable {
        /// Send a re-INVITE with this offer.
        case reinvite(SessionDescription)
        /// Send an UPDATE with this offer.
        case update(SessionDescription)
        /// CANCEL the re-INVITE that is on its way; an UPDATE cannot be (RFC 3261 §9.1).
        case cancel
        /// Answer the peer's request that has just come.
        case respond(status: Int, SessionDescription?)
        /// Keep that request: its answer comes by ``settle(status:_:)``.
        case ask
        /// Answer the request that was kept.
        case settle(status: Int, SessionDescription?)
        /// Send a refresh of the session (RFC 4028 §7.4).
        case refresh(usesUpdate: Bool)
        /// Answer the application's PUT that wants a change: nil means done.
        case reply(CAMARAError?)
        /// Answer the PUT that is being carried out and brought an answer; another one may wait for its change meanwhile.
        case replyToAnswer(CAMARAError?)
        case start(CallTimer, Duration)
        case stop(CallTimer)
        /// What both sides go by has changed, or a change of ours came to nothing: tell it. Nil keeps the status.
        case tell(SessionStatus?, reason: String?)
        /// The dialog is lost (RFC 3261 §12.2.1.2): hang up.
        case lost
    }

    /// A change of ours on its way.
    struct Proposal: Sendable, Hashable {
        var change: Change
        /// The PUT has its answer.
        var isReplied = false
        var isRetry = false
        var isCancelled = false
    }

    enum Ours: Sendable, Hashable {
        case idle
        /// Something else has to be over first.
        case queued(Proposal)
        case sent(Proposal, SessionDescription)
        /// After a glare.
        case waiting(Proposal)
    }

    enum Theirs: Sendable, Hashable {
        case idle
        /// We have answered 200; only the ACK is missing.
        case answered
        /// The application is to answer.
        case asking(Question)
        /// We have made an offer in our 200; the ACK brings the answer.
        case offered(SessionDescription)
    }

    /// Whether no exchange by INVITE is open, in either direction.
    public var isIdle: Bool { ours == .idle && theirs == .idle && !isRefreshing }

    /// Whether a change of the application is on its way.
    public var isChanging: Bool { ours != .idle }

    /// Takes an event, changes the state, and says what is to be done, in order.
    public mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .change(let change): begin(change, &actions)
        case .answered(let status, let reason, let answer, let draw, let minSE):
            if status == 422, lengthen(to: minSE, &actions) { break }
            answered(status, reason: reason, answer: answer, draw: draw, &actions)
        case .refreshAnswer(let answer):
            if answer != remote { take(answer, status: nil, reason: nil, &actions) }
        case .invite(let offer): invited(offer, &actions)
        case .update(let offer): updated(offer, &actions)
        case .acknowledged(let answer): acknowledged(answer, &actions)
        case .notAcknowledged: notAcknowledged(&actions)
        case .cancelled: withdraw(by: 487, reason: "the network withdrew its offer", &actions)
        case .limit: expire(&actions)
        case .unanswered: unanswered(&actions)
        case .refreshDue: refreshDue(&actions)
        case .restate: restate(&actions)
        case .refreshAnswered(let status, let expires, let minSE):
            refreshAnswered(status, sessionExpires: expires, minSE: minSE, &actions)
        case .refreshed(let expires, let isOurs, let minSE):
            heed(minSE: minSE)
            refreshed(expires, refresherIsUs: isOurs, &actions)
        case .untimed: untimed(&actions)
        case .retry: retry(&actions)
        case .over: conclude(&actions)
        }
        return actions
    }

    private mutating func conclude(_ actions: inout [Action]) {
        switch ours {
        case .idle: break
        case .queued(let proposal), .waiting(let proposal), .sent(let proposal, _):
            if !proposal.isReplied {
                actions.append(.reply(CAMARAError(409, .incompatibleState, "The session has ended.")))
            }
            actions.append(.stop(.exchange))
            actions.append(.stop(.glare))
        }
        ours = .idle
        if isAsking {
            // RFC 3261 §15.1.2: a request that is open when the dialog ends gets 487.
            actions.append(.stop(.answer))
            actions.append(.settle(status: 487, nil))
        }
        theirs = .idle
    }

    // MARK: - Agreement

    /// The peer's answer to an offer of ours stands.
    mutating func take(
        _ answer: SessionDescription, status: SessionStatus?, reason: String?, _ actions: inout [Action]
    ) {
        // Only a stream that we would send tells whether the peer would receive.
        let replies = zip(local.streams, answer.streams)
            .filter { $0.isActive && $1.isActive && $0.direction.sends }.map(\.1.direction)
        if !replies.isEmpty { isHeldByPeer = replies.allSatisfy { !$0.receives } }
        remote = answer
        if !answer.hasNullAddress { baseline = answer }
        actions.append(.tell(status, reason: isHeldByPeer ? "the network holds the call" : reason))
    }
}
