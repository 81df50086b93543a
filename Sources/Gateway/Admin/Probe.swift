import Metrics

/// Whether a thread answers, and how fast: asked now and then, once at a time. A value without a clock of its own; times
/// are monotonic nanoseconds.
struct Probe: Sendable {
    /// How long it took to answer.
    private(set) var delays = Histogram(milliseconds: Probe.bounds)
    /// When it was asked what it has not answered.
    private(set) var askedAt: UInt64?

    /// In milliseconds.
    static let bounds: [UInt64] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]

    /// It is to be asked now; false while an answer is still owed.
    mutating func ask(at now: UInt64) -> Bool {
        guard askedAt == nil else { return false }
        askedAt = now
        return true
    }

    /// It has answered.
    mutating func answered(at now: UInt64) {
        guard let asked = askedAt else { return }
        delays.record(nanoseconds: now - min(asked, now))
        askedAt = nil
    }

    /// Whether no answer is owed for longer than `patience`.
    func isAlive(at now: UInt64, patience: UInt64) -> Bool {
        guard let askedAt, now > askedAt else { return true }
        return now - askedAt <= patience
    }
}
