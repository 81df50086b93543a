import Testing

/// One SIP code of mapping §2: what the POST answers if it comes at once, and what becomes of the session.
struct StatusRow: Sendable, CustomTestStringConvertible {
    let code: Int
    /// HTTP status and CAMARA code of the POST.
    let outcome: String
    /// Final status of the session if it had rung before.
    let status: String
    /// Final status if it had not, where that differs.
    var statusUnrung: String?
    /// Marked † in the table: about the callee, and so a session's status where the configuration says so.
    var isAboutCallee = false

    var testDescription: String { "\(code) → \(outcome), \(status)" }

    /// The table. 422 has its own tests: it is retried.
    static let all: [StatusRow] =
        rows([300, 301, 302], "502 BAD_GATEWAY", "NotReachable")
        + rows([305, 380], "502 BAD_GATEWAY", "Failed")
        + rows([400, 405, 406, 413, 414, 415, 416, 420, 421, 493], "502 BAD_GATEWAY", "Failed")
        + rows([401, 407], "502 BAD_GATEWAY", "Failed")
        + rows([402, 403], "403 PERMISSION_DENIED", "Failed")
        + rows([404, 410, 604], "404 IDENTIFIER_NOT_FOUND", "NotReachable")
        + rows([408], "422 SERVICE_NOT_APPLICABLE", "NoAnswer", callee: true)
        + rows([412, 430, 423, 489], "502 BAD_GATEWAY", "Failed")
        + rows([424], "400 INVALID_ARGUMENT", "Failed")
        + rows([428, 429, 436, 437, 438], "502 BAD_GATEWAY", "Failed")
        + rows([433], "403 PERMISSION_DENIED", "Declined")
        + rows([480], "422 SERVICE_NOT_APPLICABLE", "NoAnswer", unrung: "NotReachable", callee: true)
        + rows([481, 482, 483], "502 BAD_GATEWAY", "Failed")
        + rows([484, 485], "400 INVALID_ARGUMENT", "Failed")
        + rows([486, 600], "422 SERVICE_NOT_APPLICABLE", "Busy", callee: true)
        + rows([487], "409 ABORTED", "SessionCancelled")
        + rows([488, 606], "400 INVALID_ARGUMENT", "Failed")
        + rows([491, 500], "503 UNAVAILABLE", "Failed")
        + rows([501, 505, 513, 555], "502 BAD_GATEWAY", "Failed")
        + rows([502], "502 BAD_GATEWAY", "Failed")
        + rows([503], "503 UNAVAILABLE", "Failed")
        + rows([504], "504 TIMEOUT", "Failed")
        + rows([580], "503 UNAVAILABLE", "Failed")
        + rows([603, 607, 608], "422 SERVICE_NOT_APPLICABLE", "Declined", callee: true)
        // Any other x as x00 of its class (RFC 3261 §8.1.3.2).
        + rows([310, 399], "502 BAD_GATEWAY", "NotReachable")
        + rows([460, 499], "502 BAD_GATEWAY", "Failed")
        + rows([550, 599], "503 UNAVAILABLE", "Failed")
        + rows([650, 699], "422 SERVICE_NOT_APPLICABLE", "Busy", callee: true)

    private static func rows(
        _ codes: [Int], _ outcome: String, _ status: String, unrung: String? = nil, callee: Bool = false
    ) -> [StatusRow] {
        codes.map {
            StatusRow(code: $0, outcome: outcome, status: status, statusUnrung: unrung, isAboutCallee: callee)
        }
    }
}
