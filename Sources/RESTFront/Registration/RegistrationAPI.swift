import CallCore
import Foundation

/// The registration API: reads requests, asks ``RegistrationControl``, says what to answer. It knows dialects only as a
/// table and sockets not at all.
struct RegistrationAPI {
    let dialect: RegistrationDialect
    let registrations: any RegistrationControl
    private let decoder = JSONDecoder()

    /// CAMARA's bound for the answer to GET …/sessions?deviceId=.
    static let maximumListed = 10

    init(dialect: RegistrationDialect, registrations: any RegistrationControl) {
        self.dialect = dialect
        self.registrations = registrations
    }

    /// POST …/sessions. The order of the checks: form, right to the number, range, limits.
    func create(_ context: Route.Context) throws(CAMARAError) -> Outcome {
        let creation = try decoder.body(RegistrationBody.self, of: context.request).creation(dialect)
        let request = RegistrationRequest(
            owner: context.caller.owner, number: try RegistrationAPI.number(creation.phoneNumber, context.caller),
            deviceID: creation.deviceID, expiresAt: creation.expiresAt, expiryRule: dialect.expiryRule,
            replacesStale: dialect.replacesStale)
        let (reply, status) = (context.reply, dialect.createdStatus)
        registrations.register(request) { result in
            reply(result.map { .content(RegistrationRepresentation(registration: $0), status: status) })
        }
        return .waiting(abandonable: nil)
    }

    /// GET …/sessions/{registrationId}
    func read(_ id: String, by caller: Caller) throws(CAMARAError) -> Outcome {
        .content(RegistrationRepresentation(registration: try visible(id, to: caller)), status: 200)
    }

    /// GET …/sessions?deviceId=: the caller's own, oldest first. Other parameters are ignored.
    func list(_ query: String?, by caller: Caller) throws(CAMARAError) -> Outcome {
        let values = QueryParameters(query).values(of: "deviceId")
        guard let first = values.first else {
            throw .invalidArgument("deviceId is missing in the query, or registrationId in the path.")
        }
        guard values.count == 1 else { throw .invalidArgument("deviceId is in the query more than once.") }
        guard let deviceID = first else { throw .invalidArgument("deviceId in the query is not percent-encoded text.") }
        try dialect.deviceIDs.check(deviceID, named: "deviceId in the query")
        let own = registrations.registrations(of: caller.owner, deviceID: deviceID)
        return .content(
            own.prefix(RegistrationAPI.maximumListed).map { RegistrationRepresentation(registration: $0) }, status: 200)
    }

    /// PUT …/sessions/{registrationId}; a body is optional (its schema requires nothing). Whether the registration is the
    /// caller's comes before the body, so that a stranger's request tells nothing about it.
    func refresh(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let registration = try visible(id, to: context.caller)
        let body =
            context.request.body.isEmpty
            ? RegistrationBody() : try decoder.body(RegistrationBody.self, of: context.request)
        let reply = context.reply
        registrations.refresh(registration.id, until: try body.refresh(dialect), dialect.expiryRule) { result in
            reply(result.map { .content(RegistrationRepresentation(registration: $0), status: 200) })
        }
        return .waiting(abandonable: nil)
    }

    /// DELETE …/sessions/{registrationId}
    func end(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let registration = try visible(id, to: context.caller)
        let reply = context.reply
        registrations.end(registration.id) { result in reply(result.map { .noContent }) }
        return .waiting(abandonable: nil)
    }

    /// The registration, if it is live and its owner is the caller: the client and, with a three-legged token, its user.
    /// Others' registrations look like none.
    private func visible(_ id: String, to caller: Caller) throws(CAMARAError) -> Registration {
        guard let registration = registrations.registration(RegistrationID(rawValue: id), of: caller.owner)
        else { throw .resourceNotFound }
        return registration
    }

    /// The number a registration is for (camara-rules, "Tokens"): the token's, or, where no token names one, the body's.
    private static func number(_ given: PhoneNumber?, _ caller: Caller) throws(CAMARAError) -> PhoneNumber {
        switch (caller.identity, given) {
        case (.verified(let number?), nil): return number
        case (.verified(_?), _?):
            throw CAMARAError(
                422, .unnecessaryIdentifier, "phoneNumber must be left out: the access token names the phone number.")
        case (.verified(nil), let number?), (.believed, let number?): return number
        case (.verified(nil), nil), (.believed, nil):
            throw CAMARAError(
                422, .missingIdentifier, "phoneNumber is required: the access token names no phone number.")
        }
    }
}
