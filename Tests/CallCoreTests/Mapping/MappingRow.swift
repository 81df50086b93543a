import CallCore

/// A row of mapping §2: a final response and what becomes of the session and of a POST that still waits.
struct MappingRow: Sendable, CustomStringConvertible {
    var sip: Int
    var status: SessionStatus
    /// Status after it had rung, where that differs.
    var rungStatus: SessionStatus
    var http: Int
    var code: CAMARAError.Code
    var isCalleeOutcome: Bool
    var isAlarm: Bool
    /// Whether the next trunk is tried by default.
    var failsOver: Bool

    init(
        _ sip: Int, _ status: SessionStatus, _ http: Int, _ code: CAMARAError.Code, callee: Bool = false,
        alarm: Bool = false, failsOver: Bool = false, rung: SessionStatus? = nil
    ) {
        self.sip = sip
        self.status = status
        rungStatus = rung ?? status
        self.http = http
        self.code = code
        isCalleeOutcome = callee
        isAlarm = alarm
        self.failsOver = failsOver
    }

    var description: String { "SIP \(sip)" }

    /// Every status that §2 lists, in its order, and some that no RFC defines (the last rows).
    static let all: [MappingRow] =
        rows([300, 301, 302], .notReachable, 502, .badGateway)
        + rows([305, 380], .failed, 502, .badGateway)
        + rows([400, 405, 406, 413, 414, 415, 416, 420, 421, 493], .failed, 502, .badGateway)
        + rows([401, 407], .failed, 502, .badGateway, alarm: true)
        + rows([402, 403], .failed, 403, .permissionDenied)
        + rows([404, 410, 604], .notReachable, 404, .identifierNotFound)
        + [MappingRow(408, .noAnswer, 422, .serviceNotApplicable, callee: true, failsOver: true)]
        + rows([412, 430], .failed, 502, .badGateway)
        + rows([422], .failed, 502, .badGateway)  // names no Min-SE, or not for the first time
        + rows([423, 489], .failed, 502, .badGateway)
        + rows([424], .failed, 400, .invalidArgument)
        + rows([428, 429, 436, 437, 438], .failed, 502, .badGateway, alarm: true)
        + rows([433], .declined, 403, .permissionDenied)
        + [MappingRow(480, .notReachable, 422, .serviceNotApplicable, callee: true, rung: .noAnswer)]
        + rows([481, 482, 483], .failed, 502, .badGateway)
        + rows([484, 485], .failed, 400, .invalidArgument)
        + rows([486, 600], .busy, 422, .serviceNotApplicable, callee: true)
        + rows([487], .sessionCancelled, 409, .aborted)
        + rows([488, 606], .failed, 400, .invalidArgument)
        + rows([491, 500], .failed, 503, .unavailable, failsOver: true)
        + rows([501, 505, 513, 555], .failed, 502, .badGateway)
        + rows([502], .failed, 502, .badGateway, failsOver: true)
        + rows([503], .failed, 503, .unavailable, failsOver: true)
        + rows([504], .failed, 504, .timeout, failsOver: true)
        + rows([580], .failed, 503, .unavailable)
        + rows([603, 607, 608], .declined, 422, .serviceNotApplicable, callee: true)
        + rows([303, 399], .notReachable, 502, .badGateway)
        + rows([409, 411, 417, 494, 499], .failed, 502, .badGateway)
        + rows([506, 599], .failed, 503, .unavailable, failsOver: true)
        + rows([601, 605, 609, 699], .busy, 422, .serviceNotApplicable, callee: true)

    private static func rows(
        _ sip: [Int], _ status: SessionStatus, _ http: Int, _ code: CAMARAError.Code, callee: Bool = false,
        alarm: Bool = false, failsOver: Bool = false
    ) -> [MappingRow] {
        sip.map {
            MappingRow($0, status, http, code, callee: callee, alarm: alarm, failsOver: failsOver)
        }
    }
}

/// A Q.850 cause that says more than the SIP status it comes with (mapping §2, last paragraphs).
struct CauseRow: Sendable, CustomStringConvertible {
    var cause: Int
    var status: SessionStatus
    var http: Int
    var code: CAMARAError.Code
    var isCalleeOutcome: Bool
    var failsOver: Bool

    var description: String { "Q.850 \(cause)" }

    static let all: [CauseRow] =
        [17].map { CauseRow($0, .busy, 422, .serviceNotApplicable, callee: true) }
        + [18, 19].map { CauseRow($0, .noAnswer, 422, .serviceNotApplicable, callee: true) }
        + [21].map { CauseRow($0, .declined, 422, .serviceNotApplicable, callee: true) }
        + [1, 3, 20, 27].map { CauseRow($0, .notReachable, 404, .identifierNotFound) }
        + [28].map { CauseRow($0, .failed, 400, .invalidArgument) }
        + [34, 38, 41, 42, 44].map { CauseRow($0, .failed, 503, .unavailable, failsOver: true) }

    init(
        _ cause: Int, _ status: SessionStatus, _ http: Int, _ code: CAMARAError.Code, callee: Bool = false,
        failsOver: Bool = false
    ) {
        self.cause = cause
        self.status = status
        self.http = http
        self.code = code
        isCalleeOutcome = callee
        self.failsOver = failsOver
    }

    /// The statuses whose Reason header counts.
    static let carriers = [403, 480, 500, 501, 502, 503, 504, 580, 599]
    /// Statuses that speak for themselves.
    static let others = [302, 400, 404, 408, 410, 484, 486, 487, 488, 491, 600, 603, 604, 606]
}
