/// How the gateway comes to its end, decided: a value without a clock, a signal or a call of its own.
///
/// The first signal drains: no new calls, live ones may end by themselves. The deadline (`drain.deadline`), or a second
/// signal, ends what is left. The last events may take a while longer, a shorter one if somebody is in a hurry. The third
/// signal is for who cannot wait at all.
struct Drain: Sendable, Equatable {
    /// How far it is.
    enum Phase: Sendable, Equatable {
        case serving
        /// New calls are refused; live ones are waited for until then.
        case draining(until: ContinuousClock.Instant)
        /// As `draining`, but nothing is waited for any longer.
        case hurried
    }

    /// What a signal means now.
    enum Reaction: String, Sendable, Equatable {
        case drain = "draining"
        /// End what is left, now, and in order.
        case hurry = "ending every call now"
        /// End the process, whatever is left.
        case exit = "ending at once"
    }

    /// How long live calls may go on: `drain.deadline`.
    let deadline: Duration
    /// How long the last events may take to reach their sinks.
    let lastDeliveries: Duration
    /// The same when somebody is in a hurry.
    let hurriedDeliveries: Duration
    private(set) var phase = Phase.serving

    init(deadline: Duration, lastDeliveries: Duration = .seconds(5), hurriedDeliveries: Duration = .seconds(2)) {
        self.deadline = deadline
        self.lastDeliveries = lastDeliveries
        self.hurriedDeliveries = hurriedDeliveries
    }

    /// SIGTERM, SIGINT or `gateway drain`.
    mutating func signalled(at now: ContinuousClock.Instant) -> Reaction {
        switch phase {
        case .serving:
            phase = .draining(until: now + deadline)
            return .drain
        case .draining:
            phase = .hurried
            return .hurry
        case .hurried: return .exit
        }
    }

    /// Whether live calls are still waited for.
    func waits(for liveCalls: Int, at now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .draining(let until): liveCalls > 0 && now < until
        case .serving, .hurried: false
        }
    }

    /// How long what has been told may take to reach its sinks.
    var timeForDeliveries: Duration { phase == .hurried ? hurriedDeliveries : lastDeliveries }
}
