import CallCore

/// Holds each client to its limits (camara-rules, "Limits"). On the HTTP thread alone, so it needs no lock.
///
/// It looks at authenticated clients only. Failed authentications have no limit of their own: behind a proxy all of them
/// come from one address, so a limit on addresses would lock out everybody; and none costs more than one signature check,
/// or, with introspection, one of a bounded number of questions, which good tokens that nobody remembers have to share.
final class ClientLimiter {
    private let limits: ClientLimits
    private let liveSessions: (String) -> Int
    private let clock: () -> UInt64
    private var buckets: RequestBuckets

    /// For `Retry-After` on a full quota, in seconds: nobody knows when one of the client's calls will end.
    static let quotaRetryAfter = 10

    /// - Parameters:
    ///   - liveSessions: how many sessions of a client live now; must not wait.
    ///   - clock: the monotonic clock, nanoseconds.
    init(_ limits: ClientLimits, liveSessions: @escaping (String) -> Int, clock: @escaping () -> UInt64) {
        self.limits = limits
        self.liveSessions = liveSessions
        self.clock = clock
        buckets = RequestBuckets(requestsPerSecond: limits.requestsPerSecond, burst: limits.burst)
    }

    /// Whether a request of `client` may go on.
    /// - Parameters:
    ///   - opensSession: whether it would add a session.
    ///   - mustPass: it counts, but is never refused: a call that could not be ended would go on, and an emergency call has no
    ///     limit. Asked only where a limit has been reached.
    /// - Throws: the 429.
    func admit(_ client: String, opensSession: Bool, mustPass: @autoclosure () -> Bool) throws(CAMARAError) {
        if let wait = buckets.take(client, at: clock()), !mustPass() {
            throw .tooManyRequests(retryAfter: Int(clamping: (wait + 999_999_999) / 1_000_000_000))
        }
        guard opensSession, liveSessions(client) >= limits.sessions, !mustPass() else { return }
        throw .sessionQuotaExceeded(limits.sessions)
    }
}

extension CAMARAError {
    /// 429 for a client that asks too often.
    static func tooManyRequests(retryAfter seconds: Int) -> CAMARAError {
        CAMARAError(
            429, .tooManyRequests, "The client sends more requests than it may; try again later.",
            retryAfter: max(1, seconds))
    }

    /// 429 for a client that has as many sessions as it may.
    static func sessionQuotaExceeded(_ sessions: Int) -> CAMARAError {
        CAMARAError(
            429, .quotaExceeded,
            "The client has as many live sessions as it may, \(sessions); a further one is possible when one has ended.",
            retryAfter: ClientLimiter.quotaRetryAfter)
    }
}
