/// What is asked of the name servers: a name, in lower case and without a final dot, and a type.
struct Question: Sendable, Hashable {
    let name: String
    let type: RecordType

    init(_ name: String, _ type: RecordType) {
        let lower = name.lowercased()
        self.name = lower.hasSuffix(".") ? String(lower.dropLast()) : lower
        self.type = type
    }

    /// Whose share of the look-ups a name takes where the caller names nobody: all below one domain together.
    var domain: String { name.split(separator: ".").suffix(2).joined(separator: ".") }

    /// RFC 1035 §2.3.4, and characters that names of hosts and services have.
    var isSound: Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    }
            }
    }
}

/// Which look-ups wait, are under way and are answered from what is known: the whole policy of ``Resolver``, without a
/// socket, a clock or a thread. Methods take the time (nanoseconds of a clock that never goes back) and append to
/// ``actions`` what is to be done.
///
/// Those who ask the same share one query. Groups take turns, and each has a share: one with many names on dead servers
/// leaves room for the others.
struct LookUpTable: Sendable {
    typealias Answer = Result<[DNSRecord], ResolverError>

    struct Limits: Sendable {
        /// Queries under way.
        var inFlight = 128
        /// Queries under way for one group.
        var inFlightPerGroup = 16
        /// Look-ups that are not answered.
        var pending = 10_000
        /// From asking to the answer.
        var timeout: UInt64 = 5_000_000_000
        /// Answers kept.
        var cached = 10_000
        /// An answer is kept that long at the least and at the most, whatever it says.
        var timeToLive: ClosedRange<UInt64> = 1_000_000_000...3_600_000_000_000
        /// That there is no such name or record is kept that long.
        var negativeTimeToLive: UInt64 = 5_000_000_000
    }

    enum Action: Sendable, Equatable {
        case query(Question)
        case complete(UInt64, Answer)
    }

    private struct Entry: Sendable {
        let group: String
        var askers: [UInt64] = []
        var isUnderWay = false
    }

    private struct Group: Sendable {
        var inFlight = 0
        var waiting = Line<Question>()
        var hasTurn = false
    }

    private let limits: Limits
    /// What is to be done, in this order; the owner takes it and empties it.
    var actions: [Action] = []
    private var entries: [Question: Entry] = [:]
    private var questions: [UInt64: Question] = [:]
    private var groups: [String: Group] = [:]
    private var turns = Line<String>()
    private var deadlines = Line<(id: UInt64, time: UInt64)>()
    private var cache: AnswerCache
    private(set) var inFlight = 0

    init(limits: Limits) {
        self.limits = limits
        cache = AnswerCache(maximum: limits.cached)
    }

    /// Look-ups that are not answered.
    var pending: Int { questions.count }

    /// When ``advance(to:)`` is due; nil for never.
    var nextDeadline: UInt64? { deadlines.first?.time }

    /// A look-up; ids are never used twice.
    mutating func ask(_ id: UInt64, _ question: Question, group: String?, now: UInt64) {
        guard question.isSound else { return complete(id, .failure(.badName)) }
        if let known = cache.answer(question, now: now) { return complete(id, known) }
        guard questions.count < limits.pending else { return complete(id, .failure(.busy)) }
        questions[id] = question
        deadlines.append((id, now > .max - limits.timeout ? .max : now + limits.timeout))
        if entries[question] != nil {
            entries[question]?.askers.append(id)
            return
        }
        let group = group ?? question.domain
        entries[question] = Entry(group: group, askers: [id])
        groups[group, default: Group()].waiting.append(question)
        giveTurn(group)
        pump()
    }

    /// The query's answer.
    mutating func answered(_ question: Question, _ answer: Answer, now: UInt64) {
        guard let entry = entries[question], entry.isUnderWay else { return }
        entries[question] = nil
        switch answer {
        case .success(let records):
            let least = UInt64(records.map(\.timeToLive).min() ?? 0) * 1_000_000_000
            let life = min(max(least, limits.timeToLive.lowerBound), limits.timeToLive.upperBound)
            cache.keep(question, answer, until: now + life)
        case .failure(.noSuchName), .failure(.noSuchRecord):
            cache.keep(question, answer, until: now + limits.negativeTimeToLive)
        case .failure: break
        }
        for id in entry.askers where questions.removeValue(forKey: id) != nil { complete(id, answer) }
        inFlight -= 1
        groups[entry.group]?.inFlight -= 1
        giveTurn(entry.group)
        forget(entry.group)
        pump()
    }

    /// The look-up is given up. A query under way goes on: what it brings is kept for the next.
    mutating func cancel(_ id: UInt64) { giveUp(id, .cancelled) }

    /// Ends what has waited too long.
    mutating func advance(to now: UInt64) {
        while let first = deadlines.first, first.time <= now {
            deadlines.popFirst()
            giveUp(first.id, .timeout)
        }
    }

    /// Ends all.
    mutating func cancelAll() {
        for id in questions.keys.sorted() { giveUp(id, .cancelled) }
    }

    // MARK: - Inside

    private mutating func complete(_ id: UInt64, _ answer: Answer) { actions.append(.complete(id, answer)) }

    private mutating func giveUp(_ id: UInt64, _ error: ResolverError) {
        guard let question = questions.removeValue(forKey: id) else { return }
        complete(id, .failure(error))
        entries[question]?.askers.removeAll { $0 == id }
        // A question that nobody waits for any more is dropped from its line when its turn comes.
        while let first = deadlines.first, questions[first.id] == nil { deadlines.popFirst() }
    }

    private mutating func giveTurn(_ name: String) {
        guard let group = groups[name], !group.hasTurn, !group.waiting.isEmpty,
            group.inFlight < limits.inFlightPerGroup
        else { return }
        groups[name]?.hasTurn = true
        turns.append(name)
    }

    private mutating func forget(_ name: String) {
        if let group = groups[name], group.inFlight == 0, group.waiting.isEmpty { groups[name] = nil }
    }

    private mutating func pump() {
        while inFlight < limits.inFlight, let name = turns.popFirst() {
            groups[name]?.hasTurn = false
            if let question = groups[name]?.waiting.popFirst() {
                if entries[question]?.askers.isEmpty ?? true {
                    entries[question] = nil
                } else {
                    entries[question]?.isUnderWay = true
                    groups[name]?.inFlight += 1
                    inFlight += 1
                    actions.append(.query(question))
                }
            }
            giveTurn(name)
            forget(name)
        }
    }
}
