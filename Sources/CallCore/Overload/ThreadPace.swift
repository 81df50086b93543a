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
    private var deepDue: UInt64 = 0
    /// Commands of the turn.
    private var done = 0

    /// What is believed before anything was measured.
    static let initial: UInt64 = 200_000
    /// No command counts for less, or more: a machine that has stood still for a second, once, is no slow one. So four hundred
    /// calls are never too many for 200 ms.
    static let bounds: ClosedRange<UInt64> = 5_000...500_000
    /// Commands that make a new estimate, of which a quarter goes into the one before.
    static let sample = 32
    /// Nanoseconds from one look at the network to the next.
    static let lookInterval: UInt64 = 10_000_000
    /// Nanoseconds from a deep look to the next, at least.
    static let deepInterval: UInt64 = 20_000_000

    /// Nothing measured yet.
    public init() {}

    /// A turn has begun and carried out so many commands; at `now` nanoseconds of a clock that never goes back.
    public mutating func turn(at now: UInt64, commands done: Int) {
        defer { (self.now, self.done) = (now, done) }
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

    /// How far a look goes.
    public struct Look: Sendable, Equatable {
        /// Turns that read what has come, at most.
        public var turns: UInt32
        /// Whether it goes on after that, up to ``ThreadPace/deepTurns`` or ``ThreadPace/deepLength``.
        public var isDeep: Bool
    }

    /// The next look. A short one keeps nobody waiting, but in a network that is busy it may see no end: messages come while
    /// it reads. Where that has been so for a while a deep one shows whether the thread is behind or only busy.
    /// - Parameter isBehind: whether commands wait as well; these may not have all the time then.
    public func look(isBehind: Bool) -> Look {
        let least: UInt32 = isBehind ? 64 : 16
        // A command may make three messages come.
        let turns = max(least, UInt32(clamping: 3 * done))
        return Look(turns: turns, isDeep: fullSince != nil && now >= deepDue)
    }

    /// Turns of a deep look, at most.
    public static let deepTurns: UInt32 = 1_024
    /// Nanoseconds after which a deep look goes no further.
    public static let deepLength: UInt64 = 10_000_000

    /// Whether the network may have had something left when the thread last looked. It must not rest then: nobody else would
    /// see when that is no longer so.
    public var isFull: Bool { fullSince != nil }

    /// It has looked, until `time`.
    public mutating func looked(_ look: Look, isEmpty: Bool, at time: UInt64) {
        lastLook = time
        guard !isEmpty else {
            fullSince = nil
            lag = 0
            return
        }
        if look.isDeep || fullSince == nil {
            // Commands have twice the time that a deep look takes, at least.
            let length = look.isDeep && time > now ? time - now : 0
            deepDue = time &+ max(ThreadPace.deepInterval, 2 * length)
        }
        let since = fullSince ?? time
        fullSince = since
        lag = time > since ? time - since : 0
    }
}
