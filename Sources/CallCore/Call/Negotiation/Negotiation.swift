/// Offer and answer within one confirmed dialog (RFC 3264; RFC 3261 §14; RFC 3311; RFC 6337; RFC 6141): who has an offer
/// open, what both sides have agreed on, and who holds the call. It is the same for calls that we made and for calls that
/// we took.
///
/// Our own changes go out as re-INVITE: RFC 3311 §5.1 advises against UPDATE once a dialog is confirmed, because an UPDATE
/// has to be answered before a person could be asked.
public struct Negotiation: Sendable, Hashable {
    /// The application's own description, as it gave it; what is sent is this, with directions that tell who holds.
    public private(set) var own: SessionDescription
    /// What the peer was sent last and both sides go by.
    public internal(set) var local: SessionDescription
    /// The peer's, as it sent it last.
    public internal(set) var remote: SessionDescription
    /// The application holds the call.
    public private(set) var isHeldByUs = false
    /// The peer holds the call: none of its streams receives.
    public internal(set) var isHeldByPeer = false

    var ours = Ours.idle
    var theirs = Theirs.idle
    /// A re-INVITE of ours that only refreshes the session is on its way (RFC 4028 §7.4).
    var isRefreshing = false
    /// The peer's description that its next one is compared with: the last one that had an address.
    var baseline: SessionDescription

    private let ownsCallID: Bool
    private let limit: Duration

    /// - Parameters:
    ///   - own: what the application described, and the peer was sent.
    ///   - remote: what the peer described.
    ///   - ownsCallID: whether we made the Call-ID; it decides who waits longer after a glare (RFC 3261 §14.1).
    ///   - limit: how long a change of ours may take, waiting included.
    public init(own: SessionDescription, remote: SessionDescription, ownsCallID: Bool, limit: Duration) {
        self.own = own
        local = own
        self.remote = remote
        baseline = remote
        self.ownsCallID = ownsCallID
        self.limit = limit
    }

    /// What the application wants changed.
    public struct Change: Sendable, Hashable {
        /// True: hold; false: resume; nil: neither.
        public var hold: Bool?
        /// A new description of the application.
        public var offer: SessionDescription?

        /// Takes every value as given.
        public init(hold: Bool? = nil, offer: SessionDescription? = nil) {
            self.hold = hold
            self.offer = offer
        }
    }

    /// What happens to the negotiation.
    public enum Event: Sendable {
        case change(Change)
        /// The final response to our re-INVITE; `reason` is how it is told, `draw` random bits.
        case answered(status: Int, reason: String, answer: SessionDescription?, draw: UInt64)
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
        /// The time of a change of ours is up.
        case limit
        /// The wait after a glare is over.
        case retry
        /// The dialog ends.
        case over
    }

    /// What is to be done.
    public enum Action: Sendable, Equatable {
        /// Send a re-INVITE with this offer.
        case reinvite(SessionDescription)
        /// CANCEL the re-INVITE that is on its way.
        case cancel
        /// Answer the peer's request.
        case respond(status: Int, SessionDescription?)
        /// Answer the application's PUT: nil means done.
        case reply(CAMARAError?)
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
        case .answered(let status, let reason, let answer, let draw):
            answered(status, reason: reason, answer: answer, draw: draw, &actions)
        case .refreshAnswer(let answer):
            if answer != remote { take(answer, status: nil, reason: nil, &actions) }
        case .invite(let offer): invited(offer, &actions)
        case .update(let offer): updated(offer, &actions)
        case .acknowledged(let answer): acknowledged(answer, &actions)
        case .notAcknowledged:
            guard theirs != .idle else { break }
            theirs = .idle
            actions.append(.lost)
        case .limit: expire(&actions)
        case .retry: retry(&actions)
        case .over: conclude(&actions)
        }
        return actions
    }

    // MARK: - Refreshes by re-INVITE

    /// Our refresh goes out: until it is answered, no other INVITE may.
    mutating func refreshBegins() { isRefreshing = true }

    /// Our refresh has its final response.
    mutating func refreshEnds() -> [Action] {
        isRefreshing = false
        var actions: [Action] = []
        sendQueued(&actions)
        return actions
    }

    // MARK: - Our changes

    private mutating func begin(_ change: Change, _ actions: inout [Action]) {
        guard ours == .idle else {
            actions.append(.reply(CAMARAError(409, .aborted, "Another change of the session is under way.")))
            return
        }
        actions.append(.start(.exchange, limit))
        var proposal = Proposal(change: change)
        if change.hold == nil {
            // 204 at once: the answer to a new offer is told by an event (mapping §3).
            proposal.isReplied = true
            actions.append(.reply(nil))
        }
        ours = .queued(proposal)
        sendQueued(&actions)
    }

    mutating func sendQueued(_ actions: inout [Action]) {
        guard case .queued(let proposal) = ours, theirs == .idle, !isRefreshing else { return }
        let offer = description(for: proposal.change)
        ours = .sent(proposal, offer)
        actions.append(.reinvite(offer))
    }

    /// The application's description as an offer: who holds takes away a direction (mapping §3).
    func description(for change: Change) -> SessionDescription {
        let hold = change.hold ?? isHeldByUs
        let held = isHeldByPeer
        let base = (change.offer ?? own)
            .limited { _, base in base.limited(to: MediaDirection(sends: !held, receives: !hold)) }
        // Only a new offer of the application's own may ask again for what the peer has rejected.
        return (change.offer == nil ? base.rejecting(asIn: remote) : base).numbered(after: local)
    }

    private mutating func answered(
        _ status: Int, reason: String, answer: SessionDescription?, draw: UInt64, _ actions: inout [Action]
    ) {
        guard case .sent(var proposal, let offer) = ours else { return }
        if status == 491, !proposal.isRetry, !proposal.isCancelled {
            proposal.isRetry = true
            ours = .waiting(proposal)
            actions.append(.start(.glare, glareWait(draw)))
            return
        }
        ours = .idle
        actions.append(.stop(.exchange))
        if (200..<300).contains(status), let answer {
            own = proposal.change.offer ?? own
            isHeldByUs = proposal.change.hold ?? isHeldByUs
            local = offer
            let status = proposal.change.hold.map { $0 ? SessionStatus.hold : .resume }
            take(answer, status: status, reason: nil, &actions)
            if !proposal.isReplied { actions.append(.reply(nil)) }
            return
        }
        let text = (200..<300).contains(status) ? "answer without a media description" : reason
        if !proposal.isCancelled { refuse(proposal, text, &actions) }
        // RFC 3261 §12.2.1.2, §14.1.
        if status == 408 || status == 481 { actions.append(.lost) }
    }

    /// The old session stays (RFC 3261 §14.1).
    private func refuse(_ proposal: Proposal, _ reason: String, _ actions: inout [Action]) {
        if proposal.change.hold == nil { actions.append(.tell(nil, reason: "offer refused: \(reason)")) }
        guard !proposal.isReplied else { return }
        actions.append(
            .reply(
                CAMARAError(
                    409, .incompatibleState, "The network refused the change (\(reason)); the session stays as it was.")
            ))
    }

    /// RFC 3261 §14.1: who owns the Call-ID waits 2.1 to 4 s, the other side up to 2 s, in steps of 10 ms.
    func glareWait(_ draw: UInt64) -> Duration {
        ownsCallID ? .milliseconds(2_100 + 10 * Int(draw % 191)) : .milliseconds(10 * Int(draw % 201))
    }

    private mutating func retry(_ actions: inout [Action]) {
        guard case .waiting(let proposal) = ours else { return }
        ours = .queued(proposal)
        sendQueued(&actions)
    }

    private mutating func expire(_ actions: inout [Action]) {
        switch ours {
        case .idle: return
        case .queued(let proposal), .waiting(let proposal):
            ours = .idle
            actions.append(.stop(.glare))
            refuse(proposal, "no chance to send it", &actions)
        case .sent(var proposal, let offer):
            // The final response is still to come; a 2xx that crosses the CANCEL counts, and is told by an event.
            refuse(proposal, "no answer", &actions)
            proposal.isReplied = true
            proposal.isCancelled = true
            ours = .sent(proposal, offer)
            actions.append(.cancel)
        }
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
