import CallCore

extension CAMARAError {
    /// 503 for a token that cannot be judged at present: the provider's keys or its word are missing. Not 401: the token
    /// may be good, and a client told otherwise would throw it away and ask the provider for another.
    /// - Parameter seconds: for `Retry-After`; at least 1 is sent.
    static func tokensCannotBeVerified(retryAfter seconds: Int) -> CAMARAError {
        CAMARAError(
            503, .unavailable, "Service unavailable: tokens cannot be verified at present.", retryAfter: max(1, seconds)
        )
    }
}
