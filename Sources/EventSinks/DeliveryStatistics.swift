import Synchronization

/// What the delivery engine has done since it was made, and what it holds.
public struct DeliveryStatistics: Sendable, Equatable {
    /// Events handed over and not settled.
    public internal(set) var pending = 0
    /// What they occupy.
    public internal(set) var pendingBytes = 0
    /// Attempts under way.
    public internal(set) var inFlight = 0
    /// Sinks known, those without events for up to a minute included.
    public internal(set) var sinks = 0

    /// Events handed over. Each is settled once: `accepted = pending + delivered + subscriptionsGone +
    /// credentialsExpired + all dropped`, once the thread has seen it.
    public internal(set) var accepted = 0
    /// Events that a sink took.
    public internal(set) var delivered = 0
    /// Subscriptions ended by 410.
    public internal(set) var subscriptionsGone = 0
    /// Subscriptions ended by 401 to an expired credential.
    public internal(set) var credentialsExpired = 0
    /// POSTs begun.
    public internal(set) var attempts = 0
    /// POSTs after which the event is to be sent again, if its bound allows.
    public internal(set) var failedAttempts = 0
    /// From handing over to the sink's answer, of delivered events.
    public internal(set) var latency = LatencyHistogram()
    private var drops = [Int](repeating: 0, count: DropCause.allCases.count)

    /// Events dropped for that cause.
    public func dropped(_ cause: DropCause) -> Int { drops[DeliveryStatistics.places[cause] ?? 0] }

    /// Events dropped for any cause.
    public var dropped: Int { drops.reduce(0, +) }

    private static let places = Dictionary(
        uniqueKeysWithValues: DropCause.allCases.enumerated().map { ($0.element, $0.offset) })

    mutating func record(_ outcome: DeliveryOutcome) {
        switch outcome.result {
        case .delivered:
            delivered += 1
            latency.record(outcome.latency)
        case .dropped(let cause): drops[DeliveryStatistics.places[cause] ?? 0] += 1
        case .subscriptionGone: subscriptionsGone += 1
        case .credentialExpired: credentialsExpired += 1
        }
    }
}

/// How long things took, in buckets that a metrics endpoint can show.
public struct LatencyHistogram: Sendable, Equatable {
    /// The upper bounds of all buckets but the last, in milliseconds.
    public static let bounds: [Int64] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
    ]

    /// How many took at most as long as each bound and longer than the one before; the last: longer than all.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// All together.
    public private(set) var sum = Duration.zero
    /// The longest.
    public private(set) var maximum = Duration.zero

    mutating func record(_ duration: Duration) {
        let place = LatencyHistogram.bounds.firstIndex { duration <= .milliseconds($0) }
        counts[place ?? LatencyHistogram.bounds.count] += 1
        sum += duration
        maximum = max(maximum, duration)
    }
}

/// The statistics between the thread that counts and those that read.
final class StatisticsBox: Sendable {
    private let state = Mutex(DeliveryStatistics())

    var current: DeliveryStatistics { state.withLock { $0 } }

    func update(_ change: (inout DeliveryStatistics) -> Void) { state.withLock { change(&$0) } }
}
