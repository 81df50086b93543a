/// What a trunk's registrar has bound to the gateway for one address of record, and the REGISTERs that keep it so
/// (RFC 3261 §10.2). A value: events in, actions out; times are monotonic nanoseconds.
///
/// A standing binding is the trunk's own, wanted until it is released. Any other is a number's: wanted while applications
/// have the number registered, and for each of their wishes somebody waits.
public struct RegistrarBinding: Sendable, Hashable {
    /// What happens to it.
    public enum Event: Sendable, Hashable {
        /// It is wanted until then. `kept`: until when applications rely on it already, whatever comes of this wish; nil if
        /// none does. A standing one is wanted for ever, and has no `kept`.
        case want(until: UInt64, kept: UInt64?)
        /// An earlier run of the gateway has made it, and applications rely on it until then.
        case resume(until: UInt64)
        /// Nobody wants it any more.
        case release
        /// The final response to the last REGISTER, or the stack's own.
        case answered(RegisterAnswer)
        /// The last attempt failed because there was nowhere to send it, and now there is.
        case reachable
        /// Its trunk has another way to the registrar, or other credentials or rules: whatever came of earlier attempts says
        /// nothing any more. A REGISTER that is under way gets no response.
        case moved(RegistrationPolicy)
        /// It is to be asked for again, however it stands.
        case renew
        /// The time of ``RegistrarBinding/wake`` has come.
        case due
    }

    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// REGISTER, asking for so many seconds; 0 takes the binding back. One that asks is for all that wait by then.
        case send(expires: UInt32)
        /// Those that the last REGISTER was for are answered.
        case answer(Outcome)
        /// The operator has something to mend.
        case alarm(String)
        /// The network has ended it, and applications rely on it.
        case lost
        /// Nothing is bound, wanted or under way.
        case finish
    }

    /// What came of a wish.
    public enum Outcome: Sendable, Hashable {
        /// The network keeps it until then.
        case granted(until: UInt64)
        case failed(RegistrationFailure)
    }

    /// How it stands, for operators.
    public enum Condition: String, Sendable, Hashable, CaseIterable {
        /// The registrar has it.
        case registered
        /// It is asked for, or will be again.
        case trying
        /// The registrar has said no.
        case refused
    }

    struct Outstanding: Sendable, Hashable {
        var expires: UInt32
        /// Until when it was wanted when it was sent.
        var wish: UInt64
        var sentAt: UInt64
        /// How often it was sent again, for a challenge or a longer time.
        var repeats = 0
        /// When those that wait for it are told that it takes too long.
        var patience: UInt64?
    }

    /// How it is asked for.
    public private(set) var policy: RegistrationPolicy
    /// It is the trunk's own.
    public let isStanding: Bool

    /// Until when it is wanted.
    var wanted: UInt64?
    /// Until when applications rely on it, whatever comes of a wish.
    var kept: UInt64?
    /// Until when the registrar has it.
    var bound: UInt64?
    /// `bound` is what an earlier run has left word of.
    var isPresumed = false
    /// When it is to be refreshed.
    var refresh: UInt64?
    /// When the next attempt is made after a failure.
    var retry: UInt64?
    /// The REGISTER that is not answered yet.
    var outstanding: Outstanding?
    /// The longest wish that has come since that was sent; nil if none has.
    var owed: UInt64?
    /// The shortest time the registrar takes (423, Min-Expires).
    var shortest: UInt32 = 0
    /// Attempts in a row that came to nothing.
    var failures = 0
    /// The last attempt was refused for good.
    var isRefused = false
    /// The operator knows that something is wrong.
    var isAlarmed = false

    /// A binding that is not asked for yet.
    public init(_ policy: RegistrationPolicy, isStanding: Bool) {
        self.policy = policy
        self.isStanding = isStanding
    }

    /// How it stands at `now`; nil where there is nothing to say.
    public func condition(at now: UInt64) -> Condition? {
        if let bound, bound > now, !isPresumed { return .registered }
        if isRefused { return .refused }
        return wanted == nil ? nil : .trying
    }

    /// Whether a REGISTER waits for its final response, or for being sent.
    public var isUnderWay: Bool { outstanding != nil }

    /// Whether somebody wants it.
    public var isWanted: Bool { wanted != nil }

    /// When ``Event/due`` is to be told; nil: not before another event.
    public var wake: UInt64? {
        if let outstanding { return isStanding ? bound : outstanding.patience }
        return [refresh, retry, isStanding || kept != nil ? bound : nil].compactMap { $0 }.min()
    }

    /// Takes an event at `now`; `draw` is a random number for the time until another attempt.
    public mutating func handle(_ event: Event, at now: UInt64, draw: UInt64) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .want(let until, let kept):
            // Never less than before: whoever has asked for more may have the answer still to come, and count on it.
            if let kept { self.kept = max(self.kept ?? 0, kept) }
            wanted = max(wanted ?? 0, until, self.kept ?? 0)
            ask(until: until, at: now, &actions)
        case .resume(let until):
            (wanted, kept, bound, isPresumed) = (until, until, until, true)
            ask(until: until, at: now, &actions)
        case .release: release(at: now, &actions)
        case .answered(let answer): answered(answer, at: now, draw: draw, &actions)
        case .reachable: if outstanding == nil, wanted != nil, retry != nil { send(at: now, &actions) }
        case .moved(let policy): moved(policy, at: now, &actions)
        case .renew: if outstanding == nil, wanted != nil { send(at: now, &actions) }
        case .due: due(at: now, &actions)
        }
        return actions
    }

    // MARK: - Asking

    /// A REGISTER for what is wanted, now or after the one that is under way.
    private mutating func ask(until: UInt64, at now: UInt64, _ actions: inout [Action]) {
        if outstanding == nil { send(at: now, &actions) } else { owed = max(owed ?? 0, until) }
    }

    mutating func send(at now: UInt64, _ actions: inout [Action]) {
        owed = nil
        (refresh, retry) = (nil, nil)
        let expires = expiresToAsk(at: now)
        let patience = isStanding || expires == 0 ? nil : now &+ policy.patience.nanoseconds
        outstanding = Outstanding(expires: expires, wish: wanted ?? 0, sentAt: now, patience: patience)
        actions.append(.send(expires: expires))
    }

    /// The request again, with credentials or a longer time, or elsewhere. It asks for what is wanted by now, unless it takes
    /// back.
    mutating func repeatRequest(at now: UInt64, isCounted: Bool = true, _ actions: inout [Action]) {
        guard var again = outstanding else { return }
        if again.expires > 0, let wanted {
            // Those who have come meanwhile wait for it too, if nobody does any more.
            if owed != nil, again.patience == nil { again.patience = now &+ policy.patience.nanoseconds }
            owed = nil
            again.wish = wanted
            again.expires = expiresToAsk(at: now)
        }
        again.sentAt = now
        if isCounted { again.repeats += 1 }
        outstanding = again
        actions.append(.send(expires: again.expires))
    }

    private mutating func moved(_ policy: RegistrationPolicy, at now: UInt64, _ actions: inout [Action]) {
        self.policy = policy
        (failures, isRefused, isAlarmed, shortest) = (0, false, false, 0)
        if outstanding != nil { repeatRequest(at: now, isCounted: false, &actions) }
    }

    private func expiresToAsk(at now: UInt64) -> UInt32 {
        guard let wanted else { return 0 }
        let seconds =
            isStanding
            ? policy.expires : UInt32(clamping: (max(wanted, now) - now).dividedUp(by: 1_000_000_000))
        return min(max(seconds, shortest, 1), RegistrationPolicy.longest)
    }

    private mutating func release(at now: UInt64, _ actions: inout [Action]) {
        (wanted, kept, owed) = (nil, nil, nil)
        (refresh, retry) = (nil, nil)
        // The answer that is still to come says whether there is something to take back.
        guard outstanding == nil else { return }
        conclude(at: now, &actions)
    }

    /// Nothing is wanted: what is bound is taken back.
    mutating func conclude(at now: UInt64, _ actions: inout [Action]) {
        if let bound, bound > now { return send(at: now, &actions) }
        bound = nil
        actions.append(.finish)
    }

    // MARK: - Time

    private mutating func due(at now: UInt64, _ actions: inout [Action]) {
        if let patience = outstanding?.patience, patience <= now {
            outstanding?.patience = nil
            if !isStanding { wantLater() }
            actions.append(.answer(.failed(.noAnswer)))
            return
        }
        // What the trunk itself is registered by has run out, whatever is under way; nobody else relies on it.
        if isStanding, let bound, bound <= now { self.bound = nil }
        guard outstanding == nil else { return }
        if let bound, bound <= now { ranOut(at: now, &actions) }
        guard wanted != nil else { return }
        if let time = [refresh, retry].compactMap({ $0 }).min(), time <= now { send(at: now, &actions) }
    }

    /// What the request that is out asks for is wanted no more: what counts is what applications rely on, and the wishes that
    /// have come since.
    mutating func wantLater() { wanted = owed.map { max($0, kept ?? 0) } ?? kept }

    /// The time that was granted is over.
    mutating func ranOut(at now: UInt64, _ actions: inout [Action]) {
        bound = nil
        guard let kept else { return }
        // Where applications had it no longer than that, it has run out and is not lost.
        if kept > now { actions.append(.lost) }
        (wanted, self.kept) = (nil, nil)
        (refresh, retry) = (nil, nil)
        isPresumed = false
        actions.append(.finish)
    }
}

extension UInt64 {
    fileprivate func dividedUp(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor > 0 ? 1 : 0) }
}
