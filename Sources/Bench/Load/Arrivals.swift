import Glibc

/// When calls begin.
enum Arrivals {
    /// A number of calls in flight at any time: each that ends starts the next. For a number of seconds.
    case closed(concurrency: Int, seconds: Double)
    /// Calls arrive as by many independent callers (a Poisson process), whatever became of the earlier ones.
    case poisson(rate: Double, seconds: Double)
    /// A number of calls, evenly spaced.
    case even(rate: Double, count: Int)
}

/// Yields the start times of one phase.
struct ArrivalSchedule {
    private let arrivals: Arrivals
    private let end: Nanoseconds
    private var begun = 0
    private var next: Double
    private var random = SplitMix64(state: 0x5EED)

    init(_ arrivals: Arrivals, from start: Nanoseconds) {
        self.arrivals = arrivals
        next = Double(start)
        switch arrivals {
        case .closed(_, let seconds), .poisson(_, let seconds): end = start + .seconds(seconds)
        case .even: end = .max
        }
    }

    /// Whether further calls may come.
    func isOver(at now: Nanoseconds) -> Bool {
        switch arrivals {
        case .closed: now >= end
        case .poisson: Nanoseconds(next) >= end
        case .even(_, let count): begun >= count
        }
    }

    /// The next start that is due; nil if none is at `now`, with `active` calls in flight.
    mutating func take(at now: Nanoseconds, active: Int) -> Nanoseconds? {
        guard !isOver(at: now) else { return nil }
        switch arrivals {
        case .closed(let concurrency, _):
            return active < concurrency ? .now : nil
        case .poisson(let rate, _):
            guard Nanoseconds(next) <= now else { return nil }
            let start = Nanoseconds(next)
            next += -log(1 - random.nextUnit()) / rate * 1e9
            return start
        case .even(let rate, _):
            guard Nanoseconds(next) <= now else { return nil }
            let start = Nanoseconds(next)
            next += 1e9 / rate
            begun += 1
            return start
        }
    }

    /// When ``take(at:active:)`` is worth asking again; nil if only the end of a call can tell.
    func nextStart(at now: Nanoseconds) -> Nanoseconds? {
        guard !isOver(at: now) else { return nil }
        switch arrivals {
        case .closed: return end
        case .poisson, .even: return Nanoseconds(next)
        }
    }
}

/// Random numbers that are the same in every run (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<1.
    mutating func nextUnit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
