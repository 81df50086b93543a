/// Which tokens are being asked about, and who waits for it: one question for a token however many use it, a bounded number
/// at a time, a bounded number of waiters. Decides only; moments are nanoseconds of the monotonic clock.
struct Introspections<Waiter> {
    struct Limits: Sendable {
        /// Questions at a time.
        var inFlight: Int
        /// Waiters of all tokens together.
        var waiting: Int
        /// How long a waiter waits, for a free place and for the answer together.
        var patience: UInt64
        /// What is left of it must be enough for an answer; else it is not worth asking.
        var shortestQuestion: UInt64 = 50_000_000
    }

    /// A question to send.
    struct Question: Equatable {
        var digest: TokenDigest
        var token: String
        /// How long its answer is waited for.
        var patience: UInt64
    }

    enum Joined: Equatable {
        /// Send this; the waiter is told with its answer.
        case ask(Question)
        /// The waiter is told when another's question is answered, or when one is sent for it.
        case waits
        /// There are too many waiters already.
        case full
    }

    private struct Entry {
        var waiters: [Waiter]
        /// Kept until the question is sent.
        var token: String?
        var since: UInt64
    }

    private let limits: Limits
    private var entries: [TokenDigest: Entry] = [:]
    /// Those whose question is not sent yet, the oldest first.
    private var queue: [TokenDigest] = []
    private(set) var inFlight = 0
    private(set) var waiting = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Somebody wants to know about a token.
    mutating func join(_ digest: TokenDigest, token: Substring, _ waiter: Waiter, at now: UInt64) -> Joined {
        guard waiting < limits.waiting else { return .full }
        waiting += 1
        if entries[digest] != nil {
            entries[digest]?.waiters.append(waiter)
            return .waits
        }
        guard inFlight < limits.inFlight else {
            entries[digest] = Entry(waiters: [waiter], token: String(token), since: now)
            queue.append(digest)
            return .waits
        }
        entries[digest] = Entry(waiters: [waiter], token: nil, since: now)
        inFlight += 1
        return .ask(Question(digest: digest, token: String(token), patience: limits.patience))
    }

    /// Somebody needs to know no more. A question that nobody waits for and that is not sent yet is forgotten; one on its
    /// way keeps its place among those, but none among the waiters.
    mutating func leave(_ digest: TokenDigest, where isLeaver: (Waiter) -> Bool) {
        guard let place = entries[digest]?.waiters.firstIndex(where: isLeaver) else { return }
        entries[digest]?.waiters.remove(at: place)
        waiting -= 1
        guard let entry = entries[digest], entry.waiters.isEmpty, entry.token != nil else { return }
        entries[digest] = nil
        queue.removeAll { $0 == digest }
    }

    /// A question has been answered.
    /// - Returns: who waited for it, who has waited too long meanwhile, and what to ask next.
    mutating func finish(
        _ digest: TokenDigest, at now: UInt64
    ) -> (told: [Waiter], tooLate: [Waiter], next: [Question]) {
        inFlight -= 1
        let told = entries.removeValue(forKey: digest)?.waiters ?? []
        waiting -= told.count
        var tooLate: [Waiter] = []
        var next: [Question] = []
        var taken = 0
        for digest in queue {
            guard let entry = entries[digest], let token = entry.token else {
                taken += 1
                continue
            }
            let waited = now > entry.since ? now - entry.since : 0
            if waited + limits.shortestQuestion > limits.patience {
                entries[digest] = nil
                waiting -= entry.waiters.count
                tooLate += entry.waiters
            } else if inFlight < limits.inFlight {
                entries[digest]?.token = nil
                inFlight += 1
                next.append(Question(digest: digest, token: token, patience: limits.patience - waited))
            } else {
                break
            }
            taken += 1
        }
        queue.removeFirst(taken)
        return (told, tooLate, next)
    }
}
