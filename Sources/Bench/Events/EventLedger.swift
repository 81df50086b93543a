/// Keeps account of the events that a sink has taken: none twice, each session's numbered from 1 without a gap and in
/// that order, and each subscription's of one caller.
struct EventLedger {
    /// What it came to so far.
    struct Counts: Equatable {
        /// `session-status` events, each counted once.
        var events = 0
        /// `session-invitation` events.
        var invitations = 0
        /// Sessions that had an event, and those that had their last.
        var sessions = 0
        var ended = 0
        var subscriptionsEnded = 0
        /// Events that came again, and others with a number that their session had already.
        var doubled = 0
        /// Numbers below a session's highest that have not come.
        var missing = 0
        /// Events that came behind one with a higher number.
        var disordered = 0
        /// Events of a session that is not their subscription's caller's.
        var misdirected = 0
        /// Requests that were no event, or one without what it must have.
        var unreadable = 0

        /// What must not be, but for sessions whose last events never came: a ledger does not know of them.
        var faults: Int { doubled + missing + disordered + misdirected + unreadable }
    }

    /// The highest `sequenceNumber` that is told apart. A complete call has three.
    static let highestNumber = 64

    private struct Told {
        /// Bit n - 1 for number n.
        var numbers: UInt64 = 0
        var highest = 0
    }

    private(set) var counts = Counts()
    private var ids: Set<String> = []
    private var sessions: [String: Told] = [:]
    private var callers: [String: String] = [:]

    /// Takes a request's event; nil if it was none.
    /// - Returns: whether it is one that had not come before.
    @discardableResult
    mutating func take(_ event: EventText?) -> Bool {
        guard let event else {
            counts.unreadable += 1
            return false
        }
        guard ids.insert(event.id).inserted else {
            counts.doubled += 1
            return false
        }
        switch event.kind {
        case .invitation: counts.invitations += 1
        case .subscriptionEnded: counts.subscriptionsEnded += 1
        case .status(let session, let number, let originator, let isFinal):
            guard (1...EventLedger.highestNumber).contains(number) else {
                counts.unreadable += 1
                return false
            }
            counts.events += 1
            if callers[event.subscription, default: originator] != originator { counts.misdirected += 1 }
            callers[event.subscription] = originator
            if sessions[session] == nil { counts.sessions += 1 }
            sessions[session] = counted(number, of: sessions[session] ?? Told())
            if isFinal { counts.ended += 1 }
        }
        return true
    }

    private mutating func counted(_ number: Int, of told: Told) -> Told {
        var told = told
        let bit: UInt64 = 1 << UInt64(number - 1)
        if told.numbers & bit != 0 {
            counts.doubled += 1
        } else if number < told.highest {
            counts.disordered += 1
            counts.missing -= 1
        } else {
            counts.missing += number - told.highest - 1
            told.highest = number
        }
        told.numbers |= bit
        return told
    }
}
