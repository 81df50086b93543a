/// How one attempt ended, as the transport saw it.
enum AttemptResult: Sendable, Equatable {
    /// A whole response head came.
    /// - Parameters:
    ///   - retryAfter: what `Retry-After` asks for, in nanoseconds from now.
    ///   - credentialIsExpired: the credential sent had passed its expiry.
    case answered(status: Int, retryAfter: UInt64?, credentialIsExpired: Bool)
    /// No answer: name, connection, TLS, time.
    case failed(TransportFailure)
    /// Every address of the host is one that must not be connected to.
    case refusedAddress
    /// The request cannot be made; nothing will change that.
    case malformed
}

/// Why no answer came, in words for a log: never an address.
public enum TransportFailure: String, Sendable, CaseIterable {
    case nameNotResolved = "host name not resolved"
    case notConnected = "not connected"
    case tls = "TLS handshake failed"
    case certificate = "certificate not trusted"
    case timeout = "timed out"
    case disconnected = "connection closed without an answer"
    case badResponse = "not an HTTP response, or one with too long a head"
    case other = "transport failure"
}

/// What follows from an attempt (camara-rules, "Events").
enum Verdict: Sendable, Equatable {
    case delivered
    /// Again later; not before `after` nanoseconds if the sink asked for that.
    case retry(after: UInt64?)
    /// Never. `isAnswer`: the sink is alive, only this event is not taken.
    case drop(DropCause, isAnswer: Bool)
    /// 410: the sink is gone and the subscription with it.
    case subscriptionGone
    /// 401 to a credential that has expired.
    case credentialExpired

    /// - Parameter isLast: the event is `subscription-ended`: its subscription cannot end once more.
    init(_ result: AttemptResult, isLast: Bool) {
        self =
            switch result {
            case .answered(200...299, _, _): .delivered
            case .answered(410, _, _) where !isLast: .subscriptionGone
            case .answered(401, _, true) where !isLast: .credentialExpired
            case .answered(429, let retryAfter, _), .answered(500...599, let retryAfter, _): .retry(after: retryAfter)
            case .answered(300...399, _, _): .drop(.redirected, isAnswer: true)
            case .answered(400...499, _, _): .drop(.rejected, isAnswer: true)
            // 1xx as a final answer, or a number that HTTP does not have.
            case .answered, .failed: .retry(after: nil)
            case .refusedAddress: .drop(.refusedAddress, isAnswer: false)
            case .malformed: .drop(.malformed, isAnswer: false)
            }
    }
}
