/// How long to wait after failures in a row: exponential, capped, with half of it drawn at random so that what failed
/// together does not come back together.
public struct Backoff: Sendable, Equatable {
    /// After the first failure.
    public var initial: Duration
    /// However many failures.
    public var maximum: Duration

    /// The defaults are those of events to sinks.
    public init(initial: Duration = .milliseconds(500), maximum: Duration = .seconds(60)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// Nanoseconds after the `failures`th failure in a row (from 1): between half of `initial`·2^(failures-1) and all of it.
    func delay(failures: Int, using random: inout some RandomNumberGenerator) -> UInt64 {
        let cap = max(maximum.nanoseconds, 1)
        let base = min(max(initial.nanoseconds, 1), cap)
        let exponent = min(max(failures, 1) - 1, 62)
        let full = base > cap >> exponent ? cap : base << exponent
        return full / 2 + UInt64.random(in: 0...(full - full / 2), using: &random)
    }
}

extension Duration {
    /// Whole nanoseconds, from 0 to the largest number.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ UInt64(attoseconds / 1_000_000_000)
    }
}

/// `now + delay`, or the end of time.
func instant(_ now: UInt64, after delay: UInt64) -> UInt64 {
    let (sum, overflow) = now.addingReportingOverflow(delay)
    return overflow ? .max : sum
}
