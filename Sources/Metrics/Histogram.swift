/// How long things took: counts in fixed buckets, and the sum of all. A plain value, owned by whoever counts; recording
/// allocates nothing.
public struct Histogram: Sendable, Equatable {
    /// The buckets' upper bounds in nanoseconds, ascending; one more bucket holds what is longer than all.
    public let bounds: [UInt64]
    /// How many took at most as long as each bound and longer than the one before; the last: longer than all.
    public private(set) var counts: [Int]
    /// All of them together, in nanoseconds.
    public private(set) var sum: UInt64 = 0

    /// - Parameter bounds: upper bounds in milliseconds, ascending.
    public init(milliseconds bounds: [UInt64]) {
        self.bounds = bounds.map { $0 * 1_000_000 }
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// A histogram that was counted elsewhere. `counts` has one entry more than `bounds`; what is missing counts as 0.
    public init(milliseconds bounds: [UInt64], counts: [Int], sum nanoseconds: UInt64) {
        self.init(milliseconds: bounds)
        for (place, count) in zip(self.counts.indices, counts) { self.counts[place] = count }
        sum = nanoseconds
    }

    /// Counts one that took so many nanoseconds.
    public mutating func record(nanoseconds: UInt64) {
        var place = 0
        while place < bounds.count, bounds[place] < nanoseconds { place += 1 }
        counts[place] += 1
        sum &+= nanoseconds
    }

    /// How many there were.
    public var count: Int { counts.reduce(0, +) }
}
