/// Whether calls are being refused for want of time, as they are by the hundred where more come than can be carried: then
/// less waits than in a burst, which is over soon.
public struct OverloadPressure: Sendable, Equatable {
    /// Refusals within a second that make it so, for a second.
    public static let many = 64
    private static let second: UInt64 = 1_000_000_000

    private var count = 0
    private var since: UInt64 = 0
    /// Until when it is so; nanoseconds of the clock that ``refused(at:)`` was told.
    public private(set) var until: UInt64 = 0

    /// Nothing has been refused.
    public init() {}

    /// A call has been refused at `now`, in nanoseconds of a clock that never goes back.
    public mutating func refused(at now: UInt64) {
        if now &- since >= OverloadPressure.second { (since, count) = (now, 0) }
        count += 1
        if count >= OverloadPressure.many { until = now &+ OverloadPressure.second }
    }
}
