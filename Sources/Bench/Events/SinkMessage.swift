/// What benchmark and sink process say to each other, a line each.
enum SinkMessage: Equatable {
    /// The sink to the benchmark: it listens at `port`, and `authority` is the file to check it against.
    case ready(port: UInt16, authority: String)
    /// The benchmark to the sink: tell the counts as soon as so many sessions and subscriptions have ended.
    case tell(whenEnded: Int, subscriptions: Int)
    /// The sink to the benchmark: a call has been announced; `caller` is its number's twelve digits behind `+1`.
    case invited(session: String, caller: UInt64)
    /// The sink to the benchmark.
    case counts(EventLedger.Counts)

    private static let fields: [WritableKeyPath<EventLedger.Counts, Int> & Sendable] = [
        \.events, \.invitations, \.sessions, \.ended, \.subscriptionsEnded, \.doubled, \.missing, \.disordered,
        \.misdirected,
        \.unreadable,
    ]

    /// Without the line's end.
    var line: String {
        switch self {
        case .ready(let port, let authority): "ready \(port) \(authority)"
        case .tell(let ended, let subscriptions): "tell \(ended) \(subscriptions)"
        case .invited(let session, let caller): "invited \(session) \(caller)"
        case .counts(let counts):
            (["counts"] + SinkMessage.fields.map { String(counts[keyPath: $0]) }).joined(separator: " ")
        }
    }

    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: line.hasPrefix("ready ") ? 2 : .max)
        switch (words.first, words.count) {
        case ("ready", 3):
            guard let port = UInt16(words[1]) else { return nil }
            self = .ready(port: port, authority: String(words[2]))
        case ("tell", 3):
            guard let ended = Int(words[1]), let subscriptions = Int(words[2]) else { return nil }
            self = .tell(whenEnded: ended, subscriptions: subscriptions)
        case ("invited", 3):
            guard let caller = UInt64(words[2]) else { return nil }
            self = .invited(session: String(words[1]), caller: caller)
        case ("counts", SinkMessage.fields.count + 1):
            var counts = EventLedger.Counts()
            for (field, word) in zip(SinkMessage.fields, words.dropFirst()) {
                guard let number = Int(word) else { return nil }
                counts[keyPath: field] = number
            }
            self = .counts(counts)
        default: return nil
        }
    }
}
