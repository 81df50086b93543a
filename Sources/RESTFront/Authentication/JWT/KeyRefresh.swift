import CallCore

/// When a provider's keys are fetched again, and how long they are good if that fails. Decides only; moments are
/// nanoseconds of the monotonic clock.
struct KeyRefresh: Sendable {
    /// The times of ``RemoteKeySet``.
    struct Bounds: Sendable, Equatable {
        /// Where the provider does not say how long its keys are fresh.
        var standard: Duration = .seconds(600)
        /// Its word counts within these (`Cache-Control: max-age`).
        var shortest: Duration = .seconds(60)
        var longest: Duration = .seconds(86_400)
        /// After the first failure; doubled with each further one.
        var firstRetry: Duration = .seconds(1)
        var longestRetry: Duration = .seconds(60)
        /// How long keys stay good after they should have been refreshed.
        var grace: Duration = .seconds(86_400)
        /// Between fetches for keys that tokens name and nobody knows.
        var unknownKey: Duration = .seconds(10)
    }

    private let bounds: Bounds
    /// When the next fetch is due.
    private(set) var due: UInt64
    private var isFetching = false
    private var failures = 0
    private var lastUnknownKey: UInt64?
    /// When the present keys are no longer good; nil before there are any.
    private var goodUntil: UInt64?

    /// The first fetch is due at `now`.
    init(_ bounds: Bounds, now: UInt64) {
        self.bounds = bounds
        due = now
    }

    /// Whether a fetch is due; it has begun then.
    mutating func begin(at now: UInt64) -> Bool {
        guard !isFetching, now >= due else { return false }
        isFetching = true
        return true
    }

    /// Whether a token's unknown `kid` is worth a fetch; it has begun then. Forged tokens must not make the gateway a
    /// flood for its provider, so it is one in ``Bounds/unknownKey``, however many there are.
    mutating func beginForUnknownKey(at now: UInt64) -> Bool {
        if let last = lastUnknownKey, now < last &+ bounds.unknownKey.nanoseconds { return false }
        lastUnknownKey = now
        // A fetch that is on its way may bring the key.
        guard !isFetching else { return false }
        isFetching = true
        return true
    }

    /// Keys have come, fresh for `maximumAge` seconds by the provider's word.
    mutating func succeed(at now: UInt64, maximumAge: Int?) {
        isFetching = false
        failures = 0
        let age = maximumAge.map { min(max(.seconds($0), bounds.shortest), bounds.longest) } ?? bounds.standard
        due = now &+ age.nanoseconds
        goodUntil = due &+ bounds.grace.nanoseconds
    }

    /// No keys have come.
    /// - Parameter spread: 0..<1, at random: several gateways must not ask in step.
    mutating func fail(at now: UInt64, spread: Double) {
        isFetching = false
        failures += 1
        let doubled = bounds.firstRetry * (1 << min(failures - 1, 20))
        let pause = min(doubled, bounds.longestRetry).nanoseconds
        due = now &+ pause - UInt64(Double(pause) * 0.25 * min(max(spread, 0), 1))
    }

    /// Whether the keys are still good.
    func isGood(at now: UInt64) -> Bool {
        goodUntil.map { now < $0 } ?? false
    }

    /// Seconds until the next fetch, rounded up; at least 1.
    func secondsUntilDue(at now: UInt64) -> Int {
        due > now ? Int((due - now + 999_999_999) / 1_000_000_000) : 1
    }
}
