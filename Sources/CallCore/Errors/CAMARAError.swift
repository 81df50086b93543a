/// An error in CAMARA's words: what the API answers as `{"status", "code", "message"}`.
/// The message says which property and why; it never holds a secret, a full number or a network address.
public struct CAMARAError: Error, Equatable, Sendable {
    /// The HTTP status, 400…599.
    public var status: Int
    /// What the error is, for programs.
    public var code: Code
    /// At most 512 characters (CAMARA's `ErrorInfo`).
    public var message: String
    /// Seconds for `Retry-After`, where the code has one (429, 503).
    public var retryAfter: Int?

    /// Takes every value as given.
    public init(_ status: Int, _ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.message = String(message.prefix(512))
        self.retryAfter = retryAfter
    }

    /// The codes of the common catalogue, of the three APIs and of the seed document.
    public enum Code: String, Sendable, CaseIterable {
        case invalidArgument = "INVALID_ARGUMENT"
        case outOfRange = "OUT_OF_RANGE"
        case invalidProtocol = "INVALID_PROTOCOL"
        case invalidCredential = "INVALID_CREDENTIAL"
        case invalidToken = "INVALID_TOKEN"
        case invalidSink = "INVALID_SINK"
        case unauthenticated = "UNAUTHENTICATED"
        case permissionDenied = "PERMISSION_DENIED"
        case invalidTokenContext = "INVALID_TOKEN_CONTEXT"
        case subscriptionMismatch = "SUBSCRIPTION_MISMATCH"
        case maximumDevicesPerUser = "MAX_DEVICES_PER_USER"
        case maximumRegistrationPerUser = "MAX_REGISTRATION_PER_USER"
        case maximumRegistrationPerNumber = "MAX_REGISTRATION_PER_MSISDN"
        case notFound = "NOT_FOUND"
        case identifierNotFound = "IDENTIFIER_NOT_FOUND"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case notAcceptable = "NOT_ACCEPTABLE"
        case alreadyExists = "ALREADY_EXISTS"
        case aborted = "ABORTED"
        case conflict = "CONFLICT"
        case incompatibleState = "INCOMPATIBLE_STATE"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case serviceNotApplicable = "SERVICE_NOT_APPLICABLE"
        case missingIdentifier = "MISSING_IDENTIFIER"
        case unnecessaryIdentifier = "UNNECESSARY_IDENTIFIER"
        case multieventNotSupported = "MULTIEVENT_SUBSCRIPTION_NOT_SUPPORTED"
        case tooManyRequests = "TOO_MANY_REQUESTS"
        case quotaExceeded = "QUOTA_EXCEEDED"
        case `internal` = "INTERNAL"
        case emergencyNotSupported = "CALLTYPE_EMERGENCY_NOT_SUPPORTED"
        case badGateway = "BAD_GATEWAY"
        case unavailable = "UNAVAILABLE"
        case timeout = "TIMEOUT"
    }
}

extension CAMARAError {
    /// 501, with the seed document's text exactly.
    public static let emergencyNotSupported = CAMARAError(
        501, .emergencyNotSupported, "Server does not support call type EMERGENCY.")

    /// 403, with the seed document's text exactly.
    public static let invalidTokenContext = CAMARAError(
        403, .invalidTokenContext, "originator info is not consistent with access token.")

    /// 404 for a session that does not exist, is no longer kept, or belongs to somebody else.
    public static let sessionNotFound = CAMARAError(404, .notFound, "The specified resource is not found.")

    /// The same for any other resource.
    public static let resourceNotFound = sessionNotFound

    /// 400 naming the property and what is allowed.
    public static func invalidArgument(_ message: String) -> CAMARAError {
        CAMARAError(400, .invalidArgument, message)
    }
}
