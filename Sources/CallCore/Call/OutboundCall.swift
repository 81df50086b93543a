/// The life of a call that an application starts: one value, `(state, event) → (state, [action])`.
///
/// It decides; it owns no socket, no clock and no SIP handle. Whoever drives it carries out the returned actions in
/// order, and feeds back what the network, the application and the timers do. Dialogs are told apart by the To tag
/// (RFC 3261 §12.1.2), INVITEs by their attempt: a failed trunk, a redirection or a Min-SE makes a new one.
public struct OutboundCall: Sendable, Hashable {
    /// The session as the application sees it.
    public internal(set) var session: Session
    /// Whether the application knows the session's id: the session may be shown from then on.
    public internal(set) var isPublished = false
    /// Where the call is in its life.
    public internal(set) var phase = Phase.new

    let policy: Shared<CallPolicy>
    /// The ways the call may take, first choice first.
    public internal(set) var choices: [TrunkChoice]
    var nextChoice = 0
    var attempts: [Attempt] = []
    var isPostPending = true
    /// An emergency call: it does not end before every one of its trunks has been tried.
    public internal(set) var isEmergency: Bool
    var end: EndCause?
    var resends = 0
    var redirects = 0
    /// What the application has described last: what an INVITE carries.
    public internal(set) var ownOffer: SessionDescription?
    /// Offer and answer in the confirmed dialog, or in an early one that takes UPDATEs; nil where neither is.
    var negotiation: Negotiation?
    /// The dialog of ``negotiation``.
    var negotiationDialog: DialogID?
    /// The application's offer that waits for the answer to the INVITE, or for an early dialog that takes it.
    var queuedOffer: SessionDescription?
    var hasFinished = false

    /// Bounds on what a hostile or broken network can make of one call.
    public static let maximumAttempts = 8
    static let maximumEarlyDialogs = 12
    /// Early ones and those that a 2xx opens: an answer is acknowledged however many have rung.
    static let maximumDialogs = 16
    static let maximumRedirects = 3
    static let maximumResends = 3

    /// - Parameter choices: the ways it may take, first choice first; at least one.
    public init(session: Session, choices: [TrunkChoice], policy: Shared<CallPolicy>, isEmergency: Bool = false) {
        self.isEmergency = isEmergency
        self.session = session
        ownOffer = session.offer
        self.choices = choices
        self.policy = policy
    }

    /// Where a call is in its life.
    public enum Phase: Sendable, Hashable {
        case new
        /// Created without an offer; the INVITE waits for it.
        case waitingForOffer
        /// An INVITE is out, or about to be sent again.
        case calling
        /// CANCEL is on its way, or held back; the final response decides.
        case cancelling
        case connected(DialogID)
        /// Our BYE is on its way.
        case ending(DialogID)
        /// The session has its final status. Transactions may still have to finish.
        case ended
    }

    /// One dialog of one INVITE.
    public struct DialogID: Hashable, Sendable {
        /// Which INVITE, from 0.
        public var attempt: Int
        /// Which dialog of it, from 0, in the order they came.
        public var index: Int

        /// Takes every value as given.
        public init(attempt: Int, index: Int) {
            self.attempt = attempt
            self.index = index
        }
    }

    /// Why we end the call.
    public enum EndCause: Sendable, Hashable {
        /// DELETE, or PUT `Terminated` or `SessionCancelled`.
        case owner
        /// The client of the waiting POST went away.
        case abandoned
        case ringTimeout
        case maxDuration
        case sessionTimeout
        /// The answer brought no media description.
        case noAnswer
        case shutdown
    }

    /// What happens to a call.
    public enum Event: Sendable {
        case start
        /// The first offer of a session created without one, or another one before the answer.
        case offer(SessionDescription)
        case response(attempt: Int, InviteResponse)
        /// Our BYE was answered, or failed in the stack (`isInternal`).
        case byeAnswered(DialogID, status: Int, isInternal: Bool)
        /// A session refresh was answered; `sessionExpires` is the interval it grants, `minSE` the one that a 422 asks for.
        case refreshAnswered(DialogID, status: Int, sessionExpires: UInt32?, minSE: UInt32? = nil)
        /// The peer refreshed the session; with `sessionExpires`, seconds, if it named an interval.
        case refreshed(DialogID, sessionExpires: UInt32?, refresherIsUs: Bool)
        /// The peer's BYE; already answered 200.
        case bye(DialogID, reason: String?)
        /// A BYE, already answered 200, from somebody who has told us of no dialog: it has overtaken that. `tag` is the peer's.
        case overtakingBye(attempt: Int, tag: String, reason: String?)
        /// A change of the media in mid-call, by either side.
        case negotiation(DialogID, Negotiation.Event)
        case end(EndCause)
        case timer(CallTimer)
    }

    /// What is to be done for a call.
    public enum Action: Sendable, Equatable {
        case invite(attempt: Int, trunk: Int, user: String?, minSE: UInt32?)
        /// The network has made an emergency call of it, for this service: what follows is one.
        case becomeEmergency(service: String)
        /// Make a dialog of the response being handled; `isFork` where the INVITE has one already.
        case openDialog(DialogID, isFork: Bool)
        /// Take over route set and target of the response being handled.
        case refreshDialog(DialogID)
        case closeDialog(DialogID)
        case prack(DialogID, rseq: UInt32, cseq: UInt32)
        case ack(DialogID, cseq: UInt32)
        case bye(DialogID, reason: String)
        case refresh(DialogID, usesUpdate: Bool)
        /// A step of a change in mid-call: a re-INVITE, its CANCEL, our answer to the peer's, or the PUT's answer.
        case negotiate(DialogID, Negotiation.Action)
        /// CANCEL, held back until a provisional response has come (RFC 3261 §9.1).
        case cancel(attempt: Int, reason: String)
        /// The INVITE has its final response; its transaction may go.
        case releaseInvite(attempt: Int)
        case start(CallTimer, Duration)
        case stop(CallTimer)
        /// Answer the waiting POST: with the session (201), or with an error.
        case answerPost(CAMARAError?)
        /// The session changed: show it and tell it.
        case publish
        /// The session changed by the application's own doing: show it; there is nothing to tell.
        case show
        /// Something the operator has to mend, in words for the log.
        case alarm(String)
        /// Nothing is left of the call but its session.
        case finish
    }

    struct Attempt: Sendable, Hashable {
        var trunk: Int
        var choice: TrunkChoice
        /// Where a redirection has led to; nil for an INVITE that none has led to.
        var target: RedirectTarget?
        var minSE: UInt32?
        /// The INVITE of the attempt before is sent again, on the same call (RFC 3261 §8.1.3.5).
        var isRepeat = false
        /// What its INVITE offers.
        var offer: SessionDescription?
        var dialogs: [Dialog] = []
        /// What is to be said of dialogs whose BYE has come before any response of theirs, by the peer's tag.
        var overtaken: [String: String] = [:]
        var hasResponse = false
        /// A provisional response above 100 came: no other trunk may be tried.
        var hasProgress = false
        /// 180 came: the callee was rung.
        var hasRung = false
        var hasFinal = false
        /// The peer has refused the call's location: this INVITE goes without.
        var omitsLocation = false
        /// Given up for another trunk; a late 2xx is ended at once.
        var isAbandoned = false
    }

    /// What an INVITE takes from a redirection. Most follow none, so it has a place of its own.
    final class RedirectTarget: Sendable, Hashable {
        let user: String
        let headers: String?

        init(user: String, headers: String?) {
            self.user = user
            self.headers = headers
        }

        static func == (one: RedirectTarget, other: RedirectTarget) -> Bool {
            one.user == other.user && one.headers == other.headers
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(user)
            hasher.combine(headers)
        }
    }

    struct Dialog: Sendable, Hashable {
        var tag: String
        var answer: SessionDescription?
        /// Whether its media are played before the answer; nil before a provisional response.
        var earlyMedia: EarlyMedia?
        /// The answer came in a reliable response and stands (RFC 3262 §5).
        var isAnswered = false
        var lastRSeq: UInt32?
        /// The peer has said that it takes UPDATE (RFC 3311 §5.1).
        var allowsUpdate = false
        var isOpen = true
        /// Its 2xx was acknowledged.
        var isConfirmed = false
        /// A BYE has come before its 2xx, which it has overtaken: what the session says once that is here.
        var earlyBye: String?
        /// A BYE could not be sent and waits for its next try.
        var owesBye = false
        /// How often the BYE was sent again.
        var byeResends = 0
    }

    /// Takes an event, changes the state, and says what is to be done, in order.
    public mutating func handle(_ event: Event) -> [Action] {
        // Whatever comes now is about handles the driver has given back.
        guard !hasFinished else { return [] }
        var actions: [Action] = []
        switch event {
        case .start: start(&actions)
        case .offer(let offer): take(offer, &actions)
        case .response(let attempt, let response):
            guard attempts.indices.contains(attempt) else { break }
            if response.status < 200 {
                provisional(response, of: attempt, &actions)
            } else {
                final(response, of: attempt, &actions)
            }
        case .byeAnswered(let dialog, let status, let isInternal):
            byeAnswered(dialog, status: status, isInternal: isInternal, &actions)
        case .refreshAnswered(let dialog, let status, let expires, let minSE):
            negotiate(
                .refreshAnswered(status: status, sessionExpires: expires, minSE: minSE), in: dialog, &actions)
        case .refreshed(let dialog, let expires, let refresherIsUs):
            negotiate(.refreshed(sessionExpires: expires, refresherIsUs: refresherIsUs), in: dialog, &actions)
        case .bye(let dialog, let reason): byeReceived(dialog, reason: reason, &actions)
        case .overtakingBye(let attempt, let tag, let reason): byeOvertakes(attempt, tag: tag, reason: reason)
        case .negotiation(let dialog, let event): negotiate(event, in: dialog, &actions)
        case .end(let cause): end(cause, &actions)
        case .timer(let timer): fire(timer, &actions)
        }
        settleNegotiation(&actions)
        finishIfSettled(&actions)
        return actions
    }

    // MARK: - Beginning

    private mutating func start(_ actions: inout [Action]) {
        guard phase == .new else { return }
        if session.offer != nil {
            phase = .calling
            nextAttempt(&actions)
        } else {
            phase = .waitingForOffer
            answerPost(&actions)
            actions.append(.start(.offer, policy.value.offerTimeout))
        }
    }

    private mutating func take(_ offer: SessionDescription, _ actions: inout [Action]) {
        if phase == .calling { return queue(offer, &actions) }
        guard phase == .waitingForOffer else { return }
        session.offer = offer
        ownOffer = offer
        actions.append(.show)
        phase = .calling
        actions.append(.stop(.offer))
        nextAttempt(&actions)
    }

    /// Header lines that the INVITE of an attempt repeats of the redirection it follows.
    public func passedHeaders(of attempt: Int) -> String? { attempts[attempt].target?.headers }

    /// Whether the INVITE of an attempt goes without the call's location, because one with it was refused.
    public func omitsLocation(in attempt: Int) -> Bool { attempts[attempt].omitsLocation }

    /// The dialog in which a location can be told now, and whether by UPDATE: an early one has no other way. Nil: none yet.
    public var locationDialog: (dialog: DialogID, allowsUpdate: Bool)? {
        switch phase {
        case .connected(let dialog):
            return (dialog, attempts[dialog.attempt].dialogs[dialog.index].allowsUpdate)
        case .calling:
            guard let attempt = attempts.indices.last, !attempts[attempt].hasFinal,
                let index = attempts[attempt].dialogs.lastIndex(where: { $0.isOpen && $0.allowsUpdate })
            else { return nil }
            return (DialogID(attempt: attempt, index: index), true)
        default: return nil
        }
    }

    var hasChoice: Bool { nextChoice < choices.count && attempts.count < OutboundCall.maximumAttempts }

    /// Other ways than those at its creation, as long as no INVITE was sent; at least one.
    public mutating func choose(_ choices: [TrunkChoice]) {
        if attempts.isEmpty, !choices.isEmpty { self.choices = choices }
    }

    /// By which peer of its trunk an INVITE goes.
    public func peer(ofAttempt attempt: Int) -> Int {
        attempts.indices.contains(attempt) ? attempts[attempt].choice.peer : 0
    }

    /// Sends an INVITE by the next of the choices.
    mutating func nextAttempt(_ actions: inout [Action]) {
        let choice = choices[nextChoice]
        nextChoice += 1
        invite(Attempt(trunk: choice.trunk, choice: choice), &actions)
    }

    mutating func invite(_ attempt: Attempt, _ actions: inout [Action]) {
        attempts.append(attempt)
        attempts[attempts.count - 1].offer = ownOffer
        actions.append(
            .invite(
                attempt: attempts.count - 1, trunk: attempt.trunk, user: attempt.target?.user, minSE: attempt.minSE))
        if hasChoice {
            actions.append(.start(.noResponse, attempt.choice.noResponse))
        } else if isPostPending {
            actions.append(.start(.noResponse, policy.value.timeout))
        }
    }

    /// Whether an attempt's INVITE is the one before it, sent again: to the same trunk, with the same Call-ID and From tag.
    public func isRepeat(attempt: Int) -> Bool { attempts.indices.contains(attempt) && attempts[attempt].isRepeat }

    // MARK: - Telling

    /// 201 with the session as it is.
    mutating func answerPost(_ actions: inout [Action]) {
        guard isPostPending else { return }
        isPostPending = false
        isPublished = true
        actions.append(.answerPost(nil))
    }

    /// Gives the session another status; told at once if the application knows the session.
    mutating func setStatus(_ status: SessionStatus, reason: String?, _ actions: inout [Action]) {
        session.status = status
        session.reason = reason.map(OutboundCall.bounded)
        session.sequenceNumber += 1
        if isPublished { actions.append(.publish) }
    }

    /// A reason's first 256 bytes at most. By scalars: one character may have any number of them.
    static func bounded(_ text: String) -> String {
        guard text.utf8.count > 256 else { return text }
        var left = 256
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix { scalar in
                    left -= UTF8.width(scalar)
                    return left >= 0
                }))
    }

    /// The session's final status. Idempotent: no status follows the final one.
    mutating func conclude(_ status: SessionStatus, reason: String?, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        phase = .ended
        setStatus(status, reason: reason, &actions)
        for timer in CallTimer.allCases where timer != .resend { actions.append(.stop(timer)) }
    }

    /// Once: when the session has ended and no transaction or dialog of ours is left.
    private mutating func finishIfSettled(_ actions: inout [Action]) {
        guard phase == .ended, !hasFinished else { return }
        guard attempts.allSatisfy({ $0.hasFinal && !$0.dialogs.contains(where: \.isOpen) }) else { return }
        hasFinished = true
        actions.append(.finish)
    }
}
