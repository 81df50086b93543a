/// Which events are to be kept over a restart, and from when on: those that have waited for a moment, and those whose first
/// attempt has failed. Most are delivered before that, and never cost a write to the disk.
///
/// Events are kept in the order in which they came, as far as one order's go: it has one attempt under way, so what fails
/// first in it is its oldest. Methods take the time in nanoseconds of a clock that never goes back.
struct Keeping: Sendable {
    /// How long an event may wait before it is kept: what a crash can lose.
    static let patience: UInt64 = 50_000_000

    private struct Arrival: Sendable {
        let id: UInt64
        let due: UInt64
    }

    /// Accepted, neither settled nor kept.
    private var unkept: Set<UInt64> = []
    /// The same in the order in which they came, and some that have been kept or settled meanwhile, for a moment.
    private var arrivals = Fifo<Arrival>()

    /// An event was handed over at `time` that nothing keeps yet. Ids grow.
    mutating func accepted(_ id: UInt64, at time: UInt64) {
        unkept.insert(id)
        arrivals.append(Arrival(id: id, due: instant(time, after: Keeping.patience)))
    }

    /// An attempt has failed that will be repeated.
    /// - Returns: whether the event is to be kept now; false for one that is already.
    mutating func failed(_ id: UInt64) -> Bool {
        defer { dropDead() }
        return unkept.remove(id) != nil
    }

    /// Nothing more happens to the event: it will not be kept.
    mutating func settled(_ id: UInt64) {
        unkept.remove(id)
        dropDead()
    }

    /// Whether the event is kept, so that a change of it is to be kept as well.
    func isKept(_ id: UInt64) -> Bool { !unkept.contains(id) }

    /// The events that have waited long enough, to be kept now, oldest first.
    mutating func takeOld(now: UInt64) -> [UInt64] {
        var old: [UInt64] = []
        while let first = arrivals.first, first.due <= now {
            arrivals.popFirst()
            unkept.remove(first.id)
            old.append(first.id)
            dropDead()
        }
        return old
    }

    /// When ``takeOld(now:)`` is due; nil for never.
    var nextDeadline: UInt64? { arrivals.first?.due }

    /// Whatever is not kept yet, oldest first: nobody will ask again.
    mutating func takeAll() -> [UInt64] {
        defer { self = Keeping() }
        return unkept.sorted()
    }

    /// The first of the arrivals is one that waits, so that nobody wakes up for another.
    private mutating func dropDead() {
        while let first = arrivals.first, !unkept.contains(first.id) { arrivals.popFirst() }
    }
}
