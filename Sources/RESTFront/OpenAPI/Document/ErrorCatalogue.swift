import CallCore

/// What the description says about each error code (camara-rules, "Errors"). A code added to ``CAMARAError/Code`` does not
/// compile before it is described here.
struct ErrorCatalogue {
    /// One code.
    struct Entry {
        /// The HTTP status it comes with.
        var status: Int
        /// When it is answered.
        var meaning: String
        /// A message as the server words it.
        var example: String

        init(_ status: Int, _ meaning: String, _ example: String) {
            self.status = status
            self.meaning = meaning
            self.example = example
        }
    }

    static func entry(_ code: CAMARAError.Code) -> Entry {
        switch code {
        case .invalidArgument:
            Entry(400, "A header, the path, the query or the body breaks a rule.", "originatorAddress is required.")
        case .outOfRange:
            Entry(400, "A value is outside its range.", "locationDetails.coordinates.latitude is out of range.")
        case .invalidProtocol: Entry(400, "Events are told over HTTP alone.", "protocol must be HTTP.")
        case .invalidCredential:
            Entry(
                400, "The sink's credential is no access token.", "sinkCredential.credentialType must be ACCESSTOKEN.")
        case .invalidToken:
            Entry(400, "The sink's token is no bearer token.", "sinkCredential.accessTokenType must be bearer.")
        case .invalidSink:
            Entry(400, "The sink is no HTTPS address that events may go to.", "sink must be an https URL.")
        case .unauthenticated:
            Entry(401, "No token, or none that is valid.", CAMARAError.unauthenticated.message)
        case .permissionDenied:
            Entry(
                403, "The token does not allow it, or the network refuses the caller.",
                "Client does not have sufficient permissions to perform this action.")
        case .invalidTokenContext:
            Entry(
                403, "The originator is not the number of the token.", CAMARAError.invalidTokenContext.message)
        case .subscriptionMismatch:
            Entry(
                403, "The token's scopes do not cover every event type asked for.",
                "The access token does not allow to subscribe to this event type.")
        case .maximumDevicesPerUser:
            Entry(403, "The number has as many devices as it may have.", "The number has its maximum of devices.")
        case .maximumRegistrationPerUser:
            Entry(
                403, "The user has as many registrations as one may have.", "The user has the maximum of registrations."
            )
        case .maximumRegistrationPerNumber:
            Entry(
                403, "The number has as many registrations as it may have.",
                "The number has its maximum of registrations.")
        case .notFound:
            Entry(404, "No such resource, or one of somebody else.", CAMARAError.resourceNotFound.message)
        case .identifierNotFound:
            Entry(404, "The network does not know the number.", "The callee does not exist (SIP 404).")
        case .methodNotAllowed:
            Entry(
                405, "The path does not have the method; `Allow` lists those it has.",
                CAMARAError.methodNotAllowed.message)
        case .notAcceptable:
            Entry(406, "`Accept` leaves out application/json.", CAMARAError.notAcceptable.message)
        case .alreadyExists:
            Entry(
                409, "The device is registered for the number already.",
                "An active registration of this device and number exists.")
        case .aborted:
            Entry(409, "Another request changed the resource at the same time.", "Another update is under way.")
        case .conflict:
            Entry(409, "The change does not fit the session's state.", "The session has ended.")
        case .incompatibleState:
            Entry(409, "The change does not fit the session's state.", "The session has ended.")
        case .unsupportedMediaType:
            Entry(415, "The body is not JSON.", CAMARAError.unsupportedMediaType.message)
        case .serviceNotApplicable:
            Entry(
                422, "The callee is busy, does not answer, declines or cannot be reached.",
                "The callee is busy (SIP 486).")
        case .missingIdentifier:
            Entry(
                422, "The token names no phone number, so the body has to.",
                "phoneNumber is required: the access token names none.")
        case .unnecessaryIdentifier:
            Entry(
                422, "The token names the phone number, so the body must not.",
                "phoneNumber must not be given: the access token names it.")
        case .multieventNotSupported:
            Entry(
                422, "This version takes one event type for a subscription.",
                "A subscription can have one event type only.")
        case .tooManyRequests:
            Entry(429, "The client sends more requests than it may.", "Too many requests.")
        case .quotaExceeded:
            Entry(429, "The client has as many of these as it may have.", "The client has its maximum of sessions.")
        case .internal: Entry(500, "The server has failed.", "The server has failed to answer this request.")
        case .emergencyNotSupported:
            Entry(501, "The call is an emergency call.", CAMARAError.emergencyNotSupported.message)
        case .badGateway:
            Entry(502, "The network refused what the gateway sent.", "The network refused the call (SIP 400).")
        case .unavailable:
            Entry(
                503, "The network or the server is overloaded, or the server shuts down.",
                CAMARAError.serverEnds.message)
        case .timeout: Entry(504, "The network did not answer in time.", CAMARAError.noAnswerInTime.message)
        }
    }

    /// What is said of a status as a whole.
    static func title(_ status: Int) -> String {
        switch status {
        case 400: "The request breaks a rule; the message names the property."
        case 401: "Not authenticated."
        case 403: "Not allowed."
        case 404: "Not found."
        case 405: "The path does not have the method."
        case 406: "The answer would be JSON, which `Accept` leaves out."
        case 409: "In conflict with the resource as it is."
        case 413: "The body is larger than the server allows."
        case 415: "The body is not JSON."
        case 422: "Well-formed, but cannot be done."
        case 429: "Too much at once; `Retry-After` says when to try again."
        case 500: "The server has failed."
        case 501: "Emergency calls are not supported."
        case 502: "The network refused the request."
        case 503: "Not available at present."
        case 504: "The network did not answer in time."
        default: "An error."
        }
    }
}
