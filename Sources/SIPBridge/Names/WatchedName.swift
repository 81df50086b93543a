import Resolver

/// A peer's name that is looked up again and again: when, and what the answers are for. A value without a clock; times are
/// nanoseconds of one that never goes back.
struct WatchedName: Sendable {
    let trunk: Int
    let hop: Int
    /// The look-up under way; nil between look-ups.
    private(set) var resolution: NameResolution?
    /// Which look-up it is: answers to an earlier one are of no use.
    private(set) var round = 0
    /// When the next one is due; `UInt64.max` while one is under way.
    private(set) var due: UInt64
    private var asked: Set<NameResolution.Question> = []
    private var failures = 0

    private static let second: UInt64 = 1_000_000_000
    /// Answers are used no shorter and no longer than that before they are asked for again.
    private static let life = second...3_600 * second
    /// After a failure: 1, 2, 4 … seconds.
    private static let longestPause = 30 * second

    /// Nobody asks for it any more; the place is free.
    private(set) var isAbandoned = false

    /// - Parameter round: the last look-up of what had the place before.
    init(trunk: Int, hop: Int, now: UInt64, after round: Int = 0) {
        self.round = round
        self.trunk = trunk
        self.hop = hop
        due = now
    }

    /// It is not looked up any more.
    mutating func abandon() {
        isAbandoned = true
        round += 1
        resolution = nil
        due = .max
    }

    /// Begins a look-up.
    mutating func begin(_ peer: TrunkPeer, ways: [NameResolution.Way]) {
        round += 1
        due = .max
        asked = []
        resolution = NameResolution(peer, ways: ways)
    }

    /// An answer to the look-up under way.
    mutating func answered(_ question: NameResolution.Question, _ answer: NameResolution.Answer, round: Int) {
        if round == self.round { resolution?.answered(question, answer) }
    }

    /// What is to be asked that was not; nil once the look-up has an outcome.
    mutating func questions() -> [NameResolution.Question]? {
        guard case .needs(let questions)? = resolution?.progress else { return nil }
        let new = questions.filter { !asked.contains($0) }
        asked.formUnion(new)
        return new
    }

    /// It has led to addresses for so many seconds: asked again a fifth before they are over.
    mutating func succeeded(life: UInt32, now: UInt64, using random: inout some RandomNumberGenerator) {
        resolution = nil
        failures = 0
        let life = min(max(UInt64(life) * WatchedName.second, WatchedName.life.lowerBound), WatchedName.life.upperBound)
        due = now + life / 10 * 8 - UInt64.random(in: 0...(life / 10), using: &random)
    }

    /// It has led nowhere: asked again soon. True the first time in a row.
    mutating func failed(now: UInt64, using random: inout some RandomNumberGenerator) -> Bool {
        resolution = nil
        failures += 1
        let pause = min(WatchedName.second << UInt64(min(failures - 1, 5)), WatchedName.longestPause)
        due = now + pause - UInt64.random(in: 0...(pause / 10), using: &random)
        return failures == 1
    }
}
