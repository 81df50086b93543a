/// How a thread keeps up that carries out commands and reads the network, as it shows from one turn of its loop to the
/// next.
public struct ThreadPace: Sendable, Equatable {
    /// How long it takes for a command while it has no rest, in nanoseconds. What it reads between two of them is in it:
    /// commands wait for that as well.
    public private(set) var each = ThreadPace.initial
    /// For how long it has not come to the end of what the network has sent, in nanoseconds.
    public private(set) var lag: UInt64 = 0

    /// When the turn began.
    public private(set) var now: UInt64 = 0
    private var hasRested = true
    private var busy: UInt64 = 0
    private var commands = 0
    private var lastLook: UInt64 = 0
    private var fullSince: UInt64?
    private var lastDeepLook: UInt64 = 0

    /// What is believed before anything was measured.
    static let initial: UInt64 = 200_000
    /// No command counts for less, or more: a machine that has stood still for a second, once, is no slow one. So four hundred
    /// calls are never too many for 200 ms.
    static let bounds: ClosedRange<UInt64> = 5_000...500_000
    /// Commands that make a new estimate, of which a quarter goes into the one before.
    static let sample = 32
    /// Nanoseconds from one look at the network to the next.
    static let lookInterval: UInt64 = 10_000_000
    /// Nanoseconds from one deep look to the next.
    static let deepInterval: UInt64 = 20_000_000

    /// Nothing measured yet.
    public init() {}

    /// A turn has begun and carried out so many commands; at `now` nanoseconds of a clock that never goes back.
    public mutating func turn(at now: UInt64, commands done: Int) {
        defer { self.now = now }
        // Of one that has waited for work the length says nothing; nor does that of one for messages alone.
        guard !hasRested, done > 0, now >= self.now else { return }
        busy += min(now - self.now, UInt64(done) * ThreadPace.bounds.upperBound)
        commands += done
        guard commands >= ThreadPace.sample else { return }
        let sample = max(busy / UInt64(commands), ThreadPace.bounds.lowerBound)
        each = (each * 3 + sample) / 4
        (busy, commands) = (0, 0)
    }

    /// Whether the thread has waited for work in the turn.
    public mutating func rests(_ rests: Bool) { hasRested = rests }

    /// Whether it is to look if the network has anything left that has not been read; in every turn, where it had.
    public var mustLook: Bool { isFull || now &- lastLook >= ThreadPace.lookInterval }

    /// Messages that a look may read. A short one keeps nobody waiting, but of a busy network it sees no end: messages come
    /// while it reads. So where some have seen none, a long one now and then tells whether it is behind or only busy: calls
    /// that are up send no more while it lasts than fits in.
    /// - Parameter isBehind: whether commands wait as well; these may not have all the time then.
    public func depth(isBehind: Bool) -> UInt32 {
        if let fullSince, now &- max(fullSince, lastDeepLook) >= ThreadPace.deepInterval { return ThreadPace.deep }
        return isBehind ? 64 : 16
    }

    private static let deep: UInt32 = 1_024

    /// Whether the network had something left when the thread last looked. It must not rest then: nobody else would see when
    /// that is no longer so.
    public var isFull: Bool { fullSince != nil }

    /// It has looked, and read so many messages at most.
    public mutating func looked(isEmpty: Bool, depth: UInt32) {
        lastLook = now
        if depth == ThreadPace.deep { lastDeepLook = now }
        if isEmpty {
            fullSince = nil
            lag = 0
        } else {
            lag = now - (fullSince ?? now)
            fullSince = fullSince ?? now
        }
    }
}
