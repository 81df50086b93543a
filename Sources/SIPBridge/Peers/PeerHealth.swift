/// Whether an address answers OPTIONS (configuration `health`): a value without a clock; times are nanoseconds of one that
/// never goes back. It changes its mind only after several probes in a row.
struct PeerHealth: Sendable, Equatable {
    /// When it is probed, and how often it has to fail or answer.
    struct Rules: Sendable, Hashable {
        /// Nanoseconds from one probe to the next, give or take a tenth; 0: none is sent.
        var interval: UInt64
        /// How long an answer is waited for, in nanoseconds.
        var timeout: UInt64
        /// Probes in a row without a good answer until it is down.
        var down: Int
        /// Good answers in a row until it is up again.
        var up: Int
    }

    /// What is believed.
    enum State: String, Sendable {
        /// Not known yet: as good as up.
        case unknown
        case up
        case down
    }

    /// What is to be done.
    struct Step: Equatable, Sendable {
        /// The answer to the probe that is out is no longer waited for.
        var givesUp = false
        /// A probe is to be sent.
        var sends = false
        /// The new state, if it is another.
        var change: State?
    }

    private(set) var state = State.unknown
    /// From the last good probe to its answer, in nanoseconds.
    private(set) var roundTrip: UInt64?
    /// When ``advance(to:_:using:)`` is due; `UInt64.max`: never.
    private(set) var due = UInt64.max
    private var failures = 0
    private var answers = 0
    /// When the probe that is out was sent.
    private var sentAt: UInt64?

    /// How long the first probes of many addresses are spread over.
    private static let spread: UInt64 = 1_000_000_000

    /// Begins to probe, if it is to be probed at all.
    mutating func begin(at now: UInt64, _ rules: Rules, using random: inout some RandomNumberGenerator) {
        guard rules.interval > 0 else { return }
        due = now + UInt64.random(in: 0...min(rules.interval, PeerHealth.spread), using: &random)
    }

    /// No probe is sent any more.
    mutating func end() {
        due = .max
        sentAt = nil
    }

    /// Does what is due by now.
    mutating func advance(to now: UInt64, _ rules: Rules, using random: inout some RandomNumberGenerator) -> Step {
        var step = Step()
        guard now >= due else { return step }
        if let sent = sentAt {
            step.givesUp = true
            step.change = failed(rules)
            schedule(after: sent, rules, using: &random)
            guard now >= due else { return step }
        }
        step.sends = true
        sentAt = now
        due = now + rules.timeout
        return step
    }

    /// The final response to the probe that is out. 503 is a server that takes no requests; any other says that it is there.
    mutating func answered(
        status: Int, at now: UInt64, _ rules: Rules, using random: inout some RandomNumberGenerator
    ) -> State? {
        guard let sent = sentAt else { return nil }
        schedule(after: sent, rules, using: &random)
        guard status != 503 else { return failed(rules) }
        roundTrip = now - min(now, sent)
        failures = 0
        answers = min(answers + 1, rules.up)
        guard state != .up, state == .unknown || answers >= rules.up else { return nil }
        state = .up
        return .up
    }

    /// The probe that is out could not be sent, or the stack says that nobody is there.
    mutating func unreachable(_ rules: Rules, using random: inout some RandomNumberGenerator) -> State? {
        guard let sent = sentAt else { return nil }
        schedule(after: sent, rules, using: &random)
        return failed(rules)
    }

    private mutating func failed(_ rules: Rules) -> State? {
        answers = 0
        failures = min(failures + 1, rules.down)
        guard state != .down, failures >= rules.down else { return nil }
        state = .down
        return .down
    }

    private mutating func schedule(after sent: UInt64, _ rules: Rules, using random: inout some RandomNumberGenerator) {
        sentAt = nil
        let tenth = rules.interval / 10
        due = sent + rules.interval - tenth + UInt64.random(in: 0...(2 * tenth), using: &random)
    }
}
