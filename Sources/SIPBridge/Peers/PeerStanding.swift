/// What calls have shown of a peer's address lately, and until when new ones leave it alone: a value without a clock; times
/// are nanoseconds of one that never goes back.
///
/// When its time is over, one call tries it; the others go on leaving it alone until that call has been answered.
struct PeerStanding: Sendable, Equatable {
    /// What became of an INVITE there.
    enum Outcome: Sendable, Equatable {
        /// A response of the peer's own other than 100 and 503.
        case answered
        /// 503, with its Retry-After in seconds.
        case unavailable(retryAfter: Int?)
        /// Its transport failed.
        case unreachable
        /// No response at all in time.
        case silent
    }

    /// Why it is left alone.
    enum Reason: String, Sendable {
        /// By its own wish, the Retry-After of a 503.
        case asked
        case unavailable
        case unreachable
        case silent
    }

    /// What an operator may want to know.
    enum Change: Sendable, Equatable {
        case leftAlone(Reason, nanoseconds: UInt64)
        /// Calls go there as before.
        case back
    }

    /// One 503 without Retry-After says nothing about the server (RFC 3261 §21.5.4: as 500), and one transport failure may be
    /// a full buffer of ours: so many in a row do.
    static let maximumStrikes: UInt8 = 3
    /// No Retry-After is believed for longer.
    static let maximumRetryAfter = 3_600

    /// New calls leave it alone until then; 0 while nothing is held against it.
    private(set) var aloneUntil: UInt64 = 0
    /// Nil while nothing is held against it.
    private(set) var reason: Reason?
    private var strikes: UInt8 = 0

    /// Whether a call had better go elsewhere.
    func isLeftAlone(at now: UInt64) -> Bool { now < aloneUntil }

    /// Whether a call must go elsewhere (RFC 3261 §21.5.4).
    func refusesCalls(at now: UInt64) -> Bool { reason == .asked && now < aloneUntil }

    /// Nothing speaks against it: what nearly always is so, told without further looking.
    var isUnblemished: Bool { reason == nil && strikes == 0 }

    /// What an INVITE came to. `cooldown` in nanoseconds; 0: it is never left alone but at its own wish.
    mutating func record(_ outcome: Outcome, at now: UInt64, cooldown: UInt64) -> Change? {
        switch outcome {
        case .answered:
            strikes = 0
            // The answer may be to an INVITE that was there before the wish.
            guard reason != nil, !refusesCalls(at: now) else { return nil }
            clear()
            return .back
        case .unavailable(let seconds?):
            let length = UInt64(min(max(seconds, 1), PeerStanding.maximumRetryAfter)) * 1_000_000_000
            let isNews = !refusesCalls(at: now)
            aloneUntil = max(now + length, isNews ? 0 : aloneUntil)
            reason = .asked
            return isNews ? .leftAlone(.asked, nanoseconds: length) : nil
        case .unavailable(nil): return strike(.unavailable, at: now, cooldown: cooldown)
        case .unreachable: return strike(.unreachable, at: now, cooldown: cooldown)
        case .silent: return leaveAlone(.silent, at: now, cooldown: cooldown)
        }
    }

    /// A call goes there. The first one after its time is over is the one that tries it.
    mutating func tried(at now: UInt64, cooldown: UInt64) {
        if reason != nil, reason != .asked, now >= aloneUntil { aloneUntil = now + cooldown }
    }

    /// Nothing is held against it any more.
    mutating func clear() {
        reason = nil
        strikes = 0
        aloneUntil = 0
    }

    private mutating func strike(_ reason: Reason, at now: UInt64, cooldown: UInt64) -> Change? {
        strikes = min(strikes + 1, PeerStanding.maximumStrikes)
        return strikes < PeerStanding.maximumStrikes ? nil : leaveAlone(reason, at: now, cooldown: cooldown)
    }

    private mutating func leaveAlone(_ reason: Reason, at now: UInt64, cooldown: UInt64) -> Change? {
        guard cooldown > 0, !refusesCalls(at: now) else { return nil }
        let isNews = self.reason == nil || self.reason == .asked
        self.reason = reason
        aloneUntil = now + cooldown
        return isNews ? .leftAlone(reason, nanoseconds: cooldown) : nil
    }
}
