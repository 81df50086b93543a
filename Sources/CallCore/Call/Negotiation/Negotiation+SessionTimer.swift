/// How the session is kept alive (RFC 4028), for both roles of the refresher.
extension Negotiation {
    /// An interval and who refreshes.
    public struct SessionTimer: Sendable, Hashable {
        /// Seconds.
        public var interval: UInt32
        /// Whether we refresh, else the peer does.
        public var isOurs: Bool
        /// Refreshes go out as UPDATE, else as re-INVITE.
        public var usesUpdate: Bool
        /// No interval counts as shorter, seconds: 90 (RFC 4028 §4), unless a trunk is configured for less.
        var least: UInt8
        /// Refreshes of ours by one method since the session was last refreshed; the second is the last.
        var tries = 0
        /// The session ends where nobody refreshes it. Not where a 2xx to a request of ours has named no interval: then there
        /// is no session expiration (RFC 4028 §7.2), and refreshes only find out whether the peer is still there.
        var isBounded = true
        /// Its end has come into sight: a refresh of ours is not granted yet.
        var isRunningOut = false

        /// Takes every value as given.
        public init(interval: UInt32, isOurs: Bool, usesUpdate: Bool, least: UInt8 = 90) {
            self.least = least
            self.interval = interval
            self.isOurs = isOurs
            self.usesUpdate = usesUpdate
        }

        /// Seconds; never below the smallest interval there is.
        private var length: Int { Int(max(interval, UInt32(least))) }

        /// Seconds from a refresh to our next one (RFC 4028 §10).
        var half: Int { length / 2 }

        /// How long the side that waits may, `seconds` after the last refresh: to a little before the end (RFC 4028 §10).
        func grace(after seconds: Int) -> Duration {
            let left = length - seconds
            return .seconds(left - min(32, left / 3))
        }
    }

    /// The interval of the session timer in seconds; 0 where there is none.
    public var sessionInterval: UInt32 { timer?.interval ?? 0 }

    /// Whether we refresh the session, else the peer does.
    public var isRefresher: Bool { timer?.isOurs ?? false }

    /// The peer takes no shorter interval than this, in seconds; nil or 0 where it has not said so.
    mutating func heed(minSE least: UInt32?) { minSE = max(minSE, least ?? 0) }

    /// Starts `timer`: the 2xx to the INVITE has agreed on it.
    mutating func begin(_ timer: SessionTimer) -> [Action] {
        self.timer = timer
        var actions: [Action] = []
        restartTimer(&actions)
        return actions
    }

    /// The refresher refreshes at half the interval; the other side gives up a little before it ends (RFC 4028 §10).
    private mutating func restartTimer(_ actions: inout [Action]) {
        guard let timer else { return }
        self.timer?.tries = 0
        self.timer?.isRunningOut = false
        if timer.isOurs {
            actions.append(.stop(.sessionExpiry))
            actions.append(.start(.refresh, .seconds(timer.half)))
        } else {
            actions.append(.stop(.refresh))
            actions.append(.start(.sessionExpiry, timer.grace(after: 0)))
        }
    }

    /// One by re-INVITE waits for the exchange that is open.
    mutating func refreshDue(_ actions: inout [Action]) {
        guard let timer else { return }
        guard timer.usesUpdate || isIdle else {
            actions.append(.start(.refresh, .seconds(2)))
            return
        }
        isRefreshing = !timer.usesUpdate
        actions.append(.refresh(usesUpdate: timer.usesUpdate))
        self.timer?.tries += 1
        // Until it is granted, the interval that runs bounds the session.
        guard timer.isBounded, !timer.isRunningOut else { return }
        self.timer?.isRunningOut = true
        actions.append(.start(.sessionExpiry, timer.grace(after: timer.half)))
    }

    /// Like a refresh by re-INVITE, though none is due. Only while no exchange is open.
    mutating func restate(_ actions: inout [Action]) {
        guard isIdle else { return }
        isRefreshing = true
        actions.append(.refresh(usesUpdate: false))
    }

    mutating func refreshAnswered(
        _ status: Int, sessionExpires: UInt32?, minSE: UInt32?, _ actions: inout [Action]
    ) {
        guard let timer else {
            if status == 408 || status == 481 { actions.append(.lost) }
            guard isRefreshing else { return }
            isRefreshing = false
            sendQueued(&actions)
            return
        }
        let asked = max(timer.interval, self.minSE)
        if status == 422 { heed(minSE: minSE) }
        switch status {
        case 200..<300:
            guard let sessionExpires else {
                untimed(&actions)
                break
            }
            self.timer?.interval = sessionExpires
            self.timer?.isBounded = true
            restartTimer(&actions)
        case 408, 481: actions.append(.lost)
        case 422:
            // RFC 4028 §7.4: again with the interval that the peer asks for.
            guard timer.tries == 1, let minSE, minSE > asked else {
                refuseAgain(&actions)
                break
            }
            self.timer?.interval = minSE
            actions.append(.start(.refresh, .milliseconds(100)))
        case 405 where timer.usesUpdate, 501 where timer.usesUpdate:
            // The far end takes no UPDATE, or has become one that takes none; every one takes a re-INVITE, which is no second
            // try of the same.
            self.timer?.usesUpdate = false
            self.timer?.tries = 0
            actions.append(.start(.refresh, .milliseconds(100)))
        default:
            // Refused, by glare (491) or a lack of resources: once more, and the interval that runs bounds the session.
            guard timer.tries == 1 else {
                refuseAgain(&actions)
                break
            }
            actions.append(.start(.refresh, .seconds(timer.half / 4)))
        }
        guard isRefreshing else { return }
        isRefreshing = false
        sendQueued(&actions)
    }

    /// The second refusal: the interval that runs bounds the session. Where none does, the next refresh has its usual time.
    private mutating func refuseAgain(_ actions: inout [Action]) {
        guard let timer, !timer.isBounded else { return }
        restartTimer(&actions)
    }

    /// A 2xx to a request of ours names no interval: the session does not end any more for want of a refresh (RFC 4028 §7.2).
    /// We go on refreshing, to notice where the peer has gone.
    mutating func untimed(_ actions: inout [Action]) {
        guard timer != nil else { return }
        timer?.isOurs = true
        timer?.isBounded = false
        restartTimer(&actions)
    }

    /// A change of ours names the session interval, and the peer wants a longer one: again with that, once (RFC 4028 §7.4).
    /// Whether it went out again.
    mutating func lengthen(to minSE: UInt32?, _ actions: inout [Action]) -> Bool {
        guard let timer else { return false }
        let asked = max(timer.interval, self.minSE)
        heed(minSE: minSE)
        guard let minSE, minSE > asked, case .sent(var proposal, _) = ours, !proposal.isRetry, !proposal.isCancelled
        else { return false }
        self.timer?.interval = minSE
        proposal.isRetry = true
        ours = .queued(proposal)
        sendQueued(&actions)
        return true
    }

    /// The peer refreshed the session, with an interval and roles of its own if it named any (RFC 4028 §9). A timer that begins
    /// like this refreshes by re-INVITE: whether the peer takes UPDATE it has not said.
    mutating func refreshed(_ sessionExpires: UInt32?, refresherIsUs: Bool, _ actions: inout [Action]) {
        if let sessionExpires {
            timer = SessionTimer(
                interval: sessionExpires, isOurs: refresherIsUs, usesUpdate: timer?.usesUpdate ?? false,
                least: timer?.least ?? 90)
        }
        restartTimer(&actions)
    }
}
