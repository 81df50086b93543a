/// How much one sink may be given at once, and when: a window that grows with success and halves with failure, and a circuit
/// breaker. A sink that was never heard of starts small, one that hangs soon holds a single connection, a dead one none.
struct SinkHealth: Sendable, Equatable {
    struct Limits: Sendable, Equatable {
        /// The window of a sink that nothing is known of.
        var initialWindow: Int
        /// The window of a sink that takes everything.
        var maximumWindow: Int
        /// Failures in a row that open the breaker.
        var threshold: Int
        /// How long it stays open, by openings in a row.
        var backoff: Backoff
    }

    enum State: Sendable, Equatable {
        case closed
        /// Nothing is sent until then.
        case open(until: UInt64)
        /// One attempt is under way that decides.
        case probing
    }

    private(set) var state = State.closed
    private(set) var window: Int
    private var failures = 0
    private var openings = 0

    init(_ limits: Limits) {
        window = limits.initialWindow
    }

    /// Whether one more may be sent while `inFlight` are.
    func permits(inFlight: Int, now: UInt64) -> Bool {
        switch state {
        case .closed: inFlight < window
        case .open(let until): now >= until && inFlight == 0
        case .probing: false
        }
    }

    /// Whether the next attempt is a probe.
    var isOpen: Bool { if case .open = state { true } else { false } }

    /// An attempt begins that ``permits(inFlight:now:)`` allowed.
    mutating func started() {
        if isOpen { state = .probing }
    }

    /// Whether the breaker has opened and no probe has succeeded since. A pause alone is not down.
    var isDown: Bool { openings > 0 }

    /// The sink answered, in a way that is not its failure.
    mutating func succeeded(_ limits: Limits) {
        failures = 0
        window = min(limits.maximumWindow, window + 1)
        // One that was under way when the breaker opened, or a pause began, does not end it early.
        guard state == .probing else { return }
        state = .closed
        openings = 0
    }

    /// An attempt ended without a word on the sink's health: a probe decides nothing, the next one may.
    mutating func undecided(now: UInt64) {
        if state == .probing { state = .open(until: now) }
    }

    /// The sink did not answer, or answered that it cannot.
    mutating func failed(_ limits: Limits, now: UInt64, using random: inout some RandomNumberGenerator) {
        window = max(1, window / 2)
        failures += 1
        // Attempts that were under way when the breaker opened add nothing.
        guard !isOpen, state == .probing || failures >= limits.threshold else { return }
        openings += 1
        state = .open(until: instant(now, after: limits.backoff.delay(failures: openings, using: &random)))
    }

    /// The sink asked for a pause until then.
    mutating func pause(until: UInt64) {
        if case .open(let already) = state, already >= until { return }
        state = .open(until: until)
    }
}
