/// The final response to a REGISTER, as far as it matters.
public struct RegisterAnswer: Sendable, Hashable {
    /// The response's, or the stack's own 408 and 503.
    public var status: Int
    /// Made by the stack: no response, or no way to the registrar.
    public var isInternal: Bool
    /// The seconds that our Contact has in a 2xx, else its Expires; nil where it says nothing.
    public var granted: UInt32?
    /// Min-Expires of a 423.
    public var minExpires: UInt32?
    /// Retry-After, seconds.
    public var retryAfter: UInt32?
    /// A challenge that the trunk's credentials may still answer.
    public var isAnswerable: Bool
    /// No answer of a registrar that could grant it, and another address is left to be tried at once (RFC 3263 §4.3).
    public var hasNext: Bool

    /// Takes every value as given.
    public init(
        status: Int, isInternal: Bool = false, granted: UInt32? = nil, minExpires: UInt32? = nil,
        retryAfter: UInt32? = nil, isAnswerable: Bool = false, hasNext: Bool = false
    ) {
        self.status = status
        self.isInternal = isInternal
        self.granted = granted
        self.minExpires = minExpires
        self.retryAfter = retryAfter
        self.isAnswerable = isAnswerable
        self.hasNext = hasNext
    }

    /// What it means where it grants nothing.
    var failure: RegistrationFailure {
        if isInternal { return status == 408 ? .noAnswer : .unreachable }
        switch status {
        case 401, 407: return .credentials(status)
        case 403, 404, 410, 604: return .account(status)
        case 408, 504: return .noAnswer
        case 200..<300, 423, 429, 430, 480, 486, 491, 500, 502, 503, 580, 600: return .unavailable(status, retryAfter)
        default: return .refused(status)
        }
    }
}

/// Why the network has not registered an address of record.
public enum RegistrationFailure: Error, Sendable, Hashable {
    /// The trunk's name or password is wrong, or there is none.
    case credentials(Int)
    /// The account does not exist, or may not register.
    case account(Int)
    /// The request is refused for another reason that stays.
    case refused(Int)
    /// Not now; with the seconds of Retry-After.
    case unavailable(Int, UInt32?)
    case noAnswer
    case unreachable

    /// Nothing changes by trying again.
    var isRefusal: Bool {
        switch self {
        case .credentials, .account, .refused: true
        case .unavailable, .noAnswer, .unreachable: false
        }
    }

    /// The operator's to mend, even if it concerns a single number.
    var isOperators: Bool {
        switch self {
        case .credentials, .refused: true
        case .account, .unavailable, .noAnswer, .unreachable: false
        }
    }

    /// In words, for the log.
    var alarm: String {
        switch self {
        case .credentials(let status): "the registrar refuses the credentials (SIP \(status)); check auth"
        case .account(let status): "the registrar refuses the account (SIP \(status)); check register.user and domain"
        case .refused(let status): "the registrar refuses the registration (SIP \(status))"
        case .unavailable(let status, _): "the registrar does not register at present (SIP \(status)); tried again"
        case .noAnswer: "the registrar does not answer; tried again"
        case .unreachable: "the registrar cannot be reached; tried again"
        }
    }

    /// What the application is told that asked for it (as in mapping §2: never 401).
    public var error: CAMARAError {
        switch self {
        case .credentials, .refused:
            CAMARAError(502, .badGateway, "The network refused the gateway's registration of the number.")
        case .account: CAMARAError(403, .permissionDenied, "The network does not register this number.")
        case .unavailable(_, let wait):
            CAMARAError(
                503, .unavailable, "The network does not register numbers at present.",
                retryAfter: wait.map { Int(min($0, 3_600)) } ?? FinalResponse.defaultRetryAfter)
        case .noAnswer: CAMARAError(504, .timeout, "The network did not respond in time.")
        case .unreachable:
            CAMARAError(
                503, .unavailable, "The network cannot be reached.", retryAfter: FinalResponse.defaultRetryAfter)
        }
    }
}
