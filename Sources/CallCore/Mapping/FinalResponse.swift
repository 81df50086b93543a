/// A final response to the initial INVITE, or the stack's own verdict where none came.
public enum FinalResponse: Equatable, Sendable {
    /// A response from the network. `q850` is the cause of its Reason header, if that names one (RFC 3326).
    case sip(status: Int, q850: Int?)
    /// Timer B, or no response at all within the time allowed.
    case noResponse
    /// DNS, TCP or TLS failed, or the datagram could not be sent.
    case transportFailure
}

/// What a final response means: the row of mapping §2 it falls under.
public struct FinalOutcome: Equatable, Sendable {
    /// The session's final status.
    public var status: SessionStatus
    /// What the POST answers while it still waits.
    public var error: CAMARAError
    /// Rows marked † in mapping §2: told as a resource with `sessionCreate.calleeOutcome: resource`.
    public var isCalleeOutcome: Bool
    /// Something the operator has to mend: credentials, identities.
    public var isAlarm: Bool
}

extension FinalResponse {
    /// Seconds a client is told to wait where the network gave no Retry-After of its own.
    public static let defaultRetryAfter = 5

    /// The row of mapping §2. `hasRung`: 180 came before. `retryAfter`: the response's Retry-After in seconds.
    public func outcome(hasRung: Bool, retryAfter: Int? = nil) -> FinalOutcome {
        let wait = retryAfter ?? FinalResponse.defaultRetryAfter
        switch self {
        case .noResponse:
            return .failed(504, .timeout, "The network did not respond in time.")
        case .transportFailure:
            return .failed(503, .unavailable, "The network cannot be reached.", retryAfter: wait)
        case .sip(let status, let q850):
            if FinalResponse.carriesQ850(status), let cause = q850,
                let outcome = FinalResponse.override(cause, sip: status, retryAfter: wait)
            {
                return outcome
            }
            return FinalResponse.row(FinalResponse.known(status), sip: status, hasRung: hasRung, retryAfter: wait)
        }
    }

    /// Whether another trunk may be tried (mapping §2): never after any 18x (`hasProgress`), on 486, 487 or 6xx; a Q.850 cause decides
    /// by itself; else the trunk's own list of statuses.
    public func mayFailOver(statuses: Set<Int>, hasProgress: Bool) -> Bool {
        if hasProgress { return false }
        switch self {
        case .noResponse, .transportFailure: return true
        case .sip(let status, let q850):
            if status == 486 || status == 487 || status >= 600 { return false }
            if FinalResponse.carriesQ850(status), let cause = q850, FinalResponse.isMapped(cause) {
                return FinalResponse.networkCauses.contains(cause)
            }
            return statuses.contains(status) || statuses.contains(FinalResponse.known(status))
        }
    }

    /// The statuses whose Q.850 cause says more than they do.
    static func carriesQ850(_ status: Int) -> Bool {
        status == 480 || status == 403 || (500...599).contains(status)
    }

    /// No circuit, out of order, temporary failure, congestion, no channel (Q.850 §2.2).
    private static let networkCauses: Set<Int> = [34, 38, 41, 42, 44]

    private static func isMapped(_ cause: Int) -> Bool {
        override(cause, sip: 480, retryAfter: 0) != nil
    }

    private static func override(_ cause: Int, sip: Int, retryAfter: Int) -> FinalOutcome? {
        switch cause {
        case 17: .callee(.busy, "The callee is busy", sip)
        case 18, 19: .callee(.noAnswer, "The callee does not answer", sip)
        case 21: .callee(.declined, "The callee declined the call", sip)
        case 1, 3, 20, 27: .unknownCallee(sip)
        case 28: .failed(400, .invalidArgument, "receiverAddress is incomplete or ambiguous (SIP \(sip)).")
        case _ where networkCauses.contains(cause):
            .failed(503, .unavailable, "The network is short of resources (SIP \(sip)).", retryAfter: retryAfter)
        default: nil
        }
    }

    /// An unknown status counts as x00 of its class (RFC 3261 §8.1.3.2).
    private static func known(_ status: Int) -> Int {
        switch status {
        case 300...302, 305, 380, 400...408, 410, 412...416, 420...424, 428...430, 433, 436...438, 480...489, 491, 493,
            500...505, 513, 555, 580, 600, 603, 604, 606...608:
            status
        default: max(3, min(6, status / 100)) * 100
        }
    }

    private static func row(_ known: Int, sip: Int, hasRung: Bool, retryAfter: Int) -> FinalOutcome {
        switch known {
        case 300, 301, 302:
            .init(
                status: .notReachable,
                error: CAMARAError(502, .badGateway, "The network redirected the call out of reach (SIP \(sip))."))
        case 401, 407:
            .alarm("The network does not accept the gateway's credentials (SIP \(sip)).")
        case 402, 403:
            .failed(403, .permissionDenied, "The network does not permit this call (SIP \(sip)).")
        case 404, 410, 604: .unknownCallee(sip)
        case 408: .callee(.noAnswer, "The callee does not answer", sip)
        case 424: .failed(400, .invalidArgument, "The network refused the location (SIP 424).")
        case 428, 429, 436, 437, 438: .alarm("The network refused the identity of the call (SIP \(sip)).")
        case 433:
            .init(
                status: .declined,
                error: CAMARAError(403, .permissionDenied, "The callee does not accept anonymous calls (SIP 433)."))
        case 480: .callee(hasRung ? .noAnswer : .notReachable, "The callee is not available", sip)
        case 484, 485:
            .failed(400, .invalidArgument, "receiverAddress is incomplete or ambiguous (SIP \(sip)).")
        case 486, 600: .callee(.busy, "The callee is busy", sip)
        case 487:
            .init(
                status: .sessionCancelled, error: CAMARAError(409, .aborted, "The call was cancelled (SIP 487)."))
        case 488, 606:
            .failed(400, .invalidArgument, "offer is not acceptable to the callee (SIP \(sip)).")
        case 491, 500, 580:
            .failed(503, .unavailable, "The network cannot take the call now (SIP \(sip)).", retryAfter: retryAfter)
        case 503:
            .failed(503, .unavailable, "The network is overloaded or in maintenance (SIP 503).", retryAfter: retryAfter)
        case 504: .failed(504, .timeout, "The network did not reach the callee in time (SIP 504).")
        case 603, 607, 608: .callee(.declined, "The callee declined the call", sip)
        default: .failed(502, .badGateway, "The network refused the request (SIP \(sip)).")
        }
    }
}

extension FinalOutcome {
    fileprivate init(status: SessionStatus, error: CAMARAError) {
        self.init(status: status, error: error, isCalleeOutcome: false, isAlarm: false)
    }

    fileprivate static func failed(
        _ status: Int, _ code: CAMARAError.Code, _ message: String, retryAfter: Int? = nil
    ) -> FinalOutcome {
        .init(status: .failed, error: CAMARAError(status, code, message, retryAfter: retryAfter))
    }

    fileprivate static func alarm(_ message: String) -> FinalOutcome {
        .init(
            status: .failed, error: CAMARAError(502, .badGateway, message), isCalleeOutcome: false, isAlarm: true)
    }

    /// What the callee decided or failed to do: 422, because a 403 would read as a token fault.
    fileprivate static func callee(_ status: SessionStatus, _ message: String, _ sip: Int) -> FinalOutcome {
        .init(
            status: status, error: CAMARAError(422, .serviceNotApplicable, "\(message) (SIP \(sip))."),
            isCalleeOutcome: true, isAlarm: false)
    }

    fileprivate static func unknownCallee(_ sip: Int) -> FinalOutcome {
        .init(
            status: .notReachable,
            error: CAMARAError(404, .identifierNotFound, "receiverAddress is not known to the network (SIP \(sip))."))
    }
}
