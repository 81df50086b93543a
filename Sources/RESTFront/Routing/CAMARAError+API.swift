import CallCore

extension CAMARAError {
    /// 401. One text for every cause: it tells nobody how far a forged token came.
    public static let unauthenticated = CAMARAError(
        401, .unauthenticated,
        "Request not authenticated due to missing, invalid, or expired credentials. A new authentication is required.")

    /// 403 for a missing scope.
    static func missingScope(_ scope: String) -> CAMARAError {
        CAMARAError(
            403, .permissionDenied,
            "Client does not have sufficient permissions to perform this action: the scope \(scope) is needed.")
    }

    /// 403 for a `registrationId` header that names nothing the caller may use.
    static let registrationNotUsable = CAMARAError(
        403, .permissionDenied, "registrationId is not a live registration of this caller.")

    /// 404 for a path that is none of the API's.
    static let unknownPath = CAMARAError(404, .notFound, "The specified resource is not found: no such path.")

    /// 405; the response names the allowed methods in `Allow`.
    static let methodNotAllowed = CAMARAError(
        405, .methodNotAllowed, "The requested method is not allowed or not supported on the target resource.")

    /// 406.
    static let notAcceptable = CAMARAError(
        406, .notAcceptable, "The server can only answer with application/json, which Accept leaves out.")

    /// 413, with the code CAMARA's catalogue has for it.
    static let bodyTooLarge = CAMARAError(413, .invalidArgument, "The request body is larger than the server allows.")

    /// 415.
    static let unsupportedMediaType = CAMARAError(
        415, .unsupportedMediaType, "The server only reads application/json.")

    /// 503 for requests that are waiting when the server ends.
    static let serverEnds = CAMARAError(
        503, .unavailable, "Service unavailable: the server is shutting down.", retryAfter: 5)

    /// 504 for a request the call layer did not answer in time.
    static let noAnswerInTime = CAMARAError(504, .timeout, "Request timeout exceeded.")

    /// 400 for a path without the identifier its method needs.
    static func missingIdentifier(_ name: String) -> CAMARAError {
        .invalidArgument("\(name) is missing in the path.")
    }

    /// 400 for an identifier that cannot be one.
    static func malformedIdentifier(_ name: String) -> CAMARAError {
        .invalidArgument("\(name) in the path is not an identifier of 1 to 256 characters.")
    }

    /// 400 naming a property and what it must be.
    static func property(_ name: String, _ problem: String) -> CAMARAError {
        .invalidArgument("\(name) \(problem).")
    }
}
