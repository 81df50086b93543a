import CallCore
import Foundation

/// The call-handling API: reads requests, asks ``CallControl``, says what to answer. It knows dialects only as a table
/// and sockets not at all.
struct CallHandling {
    let dialect: Dialect
    let calls: any CallControl
    let emergencyNumbers: EmergencyNumbers
    let takesEmergencyCalls: Bool
    let takesLocations: Bool
    let registrations: (any RegistrationControl)?
    let makeSessionID: @Sendable () -> SessionID
    private let decoder = JSONDecoder()

    init(
        dialect: Dialect, calls: any CallControl, emergencyNumbers: EmergencyNumbers, takesEmergencyCalls: Bool,
        takesLocations: Bool,
        registrations: (any RegistrationControl)?, makeSessionID: @escaping @Sendable () -> SessionID
    ) {
        self.dialect = dialect
        self.calls = calls
        self.emergencyNumbers = emergencyNumbers
        self.takesEmergencyCalls = takesEmergencyCalls
        self.takesLocations = takesLocations
        self.registrations = registrations
        self.makeSessionID = makeSessionID
    }

    /// POST …/sessions. The order of the checks is the API's: who, whether an emergency, form, right to the number, SDP.
    func create(_ context: Route.Context) throws(CAMARAError) -> Outcome {
        let caller = context.caller
        let body = try body(of: context.request)
        if let service = body.emergencyService(by: emergencyNumbers) {
            // Without a trunk for it: as an ordinary call this one must never go out (emergency §2).
            guard takesEmergencyCalls else { throw .emergencyNotSupported }
            return try createEmergency(body, service, context)
        }
        let registration = try registration(context.request, of: caller)
        let creation = try body.creation(dialect)
        let identity = try CallHandling.identity(of: creation.originator, caller, registration?.number)
        let offer = try SessionBody.description(creation.sdp, "offer")
        let id = makeSessionID()
        let call = CallRequest(
            id: id, owner: caller.owner, identity: identity, originator: creation.originator,
            receiver: creation.receiver, originatorAddress: creation.originatorAddress,
            originatorName: creation.originatorName, receiverAddress: creation.receiverAddress,
            receiverName: creation.receiverName, callType: creation.callType,
            clientCorrelator: creation.clientCorrelator, offer: offer,
            device: registration.map { SessionDevice(registrationID: $0.id, deviceID: $0.deviceID) },
            correlator: context.correlator,
            details: takesLocations ? creation.location.map { CallDetails(service: nil, location: $0) } : nil)
        return place(call, context.reply)
    }

    /// Hands the call over; the POST waits.
    func place(_ call: CallRequest, _ reply: Reply) -> Outcome {
        calls.create(call) { [dialect] result in
            reply(result.map { .content(SessionRepresentation(session: $0, dialect: dialect), status: 201) })
        }
        return .waiting(abandonable: call.id)
    }

    /// Whether a POST asks for an emergency call; one nobody can read does not.
    func isEmergency(_ request: HTTPRequest) -> Bool {
        (try? body(of: request))?.emergencyService(by: emergencyNumbers) != nil
    }

    /// The same, if there is a trunk for it.
    func takesEmergency(_ request: HTTPRequest) -> Bool { takesEmergencyCalls && isEmergency(request) }

    /// Whether a quick look is enough to say that a POST asks for none.
    func isCertainlyOrdinary(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
        OrdinaryBody.isCertain(body, by: emergencyNumbers)
    }

    /// GET …/sessions/{mediaSessionId}
    func read(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        .content(SessionRepresentation(session: try visibleSession(id, to: context), dialect: dialect), status: 200)
    }

    /// PUT …/sessions/{mediaSessionId}/status, and without `/status` as CAMARA's messages have it. Whether the session
    /// is the caller's comes before the body, so that a stranger's request tells nothing about it.
    func update(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let session = try visibleSession(id, to: context)
        var change = try body(of: context.request).change(dialect, isEmergency: session.callType == .emergency)
        if session.callType != .emergency, !takesLocations { change.location = nil }
        let reply = context.reply
        calls.update(session.id, with: change) { [dialect] result in
            reply(
                result.map { result in
                    switch result {
                    case .session(let session):
                        .content(SessionRepresentation(session: session, dialect: dialect), status: 200)
                    case .accepted: .noContent
                    }
                })
        }
        return .waiting(abandonable: nil)
    }

    /// DELETE …/sessions/{mediaSessionId}: the call ends whatever comes of it, so nothing is waited for. A session that
    /// has ended already stays so.
    func end(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let session = try visibleSession(id, to: context)
        if !session.status.isFinal { calls.end(session.id) }
        return .noContent
    }

    /// A request's body. What is plain is read plainly: that is what a call's POST is.
    private func body(of request: HTTPRequest) throws(CAMARAError) -> SessionBody {
        if let plain = PlainObject(request.body), let body = SessionBody(plain) { return body }
        return try decoder.body(SessionBody.self, of: request)
    }

    /// The session, if it is the caller's and, where the request names a device, that device's; others' look like none.
    private func visibleSession(_ id: String, to context: Route.Context) throws(CAMARAError) -> Session {
        guard let session = calls.session(SessionID(rawValue: id), of: context.caller.owner) else {
            throw .sessionNotFound
        }
        guard let named = context.request.value(of: .registrationID), !named.isEmpty else { return session }
        guard try isSession(session, ofDevice: named, context.caller) else { throw .sessionNotFound }
        return session
    }

    /// Whether a session belongs to the device whose registration a request names. Several devices of one user each have a
    /// session of the same call (mapping §3): none may answer in another's place by mistake.
    private func isSession(_ session: Session, ofDevice named: String, _ caller: Caller) throws(CAMARAError) -> Bool {
        // Its own registration may have ended meanwhile: calls go on without it (mapping §4).
        guard let registrations, session.device?.registrationID.rawValue != named else { return true }
        guard let registration = registrations.registration(RegistrationID(rawValue: named), of: caller.owner),
            CallHandling.isOfNumber(registration, caller)
        else { throw .registrationNotUsable }
        // A device that has registered anew is the same one.
        guard let device = session.device else { return true }
        return device.deviceID == registration.deviceID
    }

    /// The registration named by the `registrationId` header: live, the caller's, and of the token's number
    /// (camara-rules, "Tokens"). Where there is no registrar the header is accepted and required nowhere.
    func registration(_ request: HTTPRequest, of caller: Caller) throws(CAMARAError) -> Registration? {
        guard let registrations else { return nil }
        guard let text = request.value(of: .registrationID), !text.isEmpty else {
            guard dialect.requiresRegistration else { return nil }
            throw .invalidArgument("The registrationId header is required.")
        }
        guard let registration = registrations.registration(RegistrationID(rawValue: text), of: caller.owner),
            CallHandling.isOfNumber(registration, caller)
        else { throw .registrationNotUsable }
        return registration
    }

    /// Whether a registration of the caller's is one it may call with: with a three-legged token, of the token's number.
    private static func isOfNumber(_ registration: Registration, _ caller: Caller) -> Bool {
        if case .verified(let number?) = caller.identity { return registration.number == number }
        return true
    }

    /// The verified number a call is made for (camara-rules, "Tokens"): the token's; for a two-legged client, whose token
    /// names none, its registration's. Anonymous originators have it asserted all the same (ims-headers, "Privacy").
    private static func identity(
        of originator: Address, _ caller: Caller, _ registered: PhoneNumber?
    ) throws(CAMARAError) -> PhoneNumber? {
        let verified: PhoneNumber?
        switch caller.identity {
        case .believed: return originator.phoneNumber
        case .verified(let number): verified = number ?? registered
        }
        guard let verified else {
            throw CAMARAError(
                403, .permissionDenied,
                "Client does not have sufficient permissions to perform this action: neither the token nor a "
                    + "registration names a phone number.")
        }
        guard originator == .anonymous || originator.phoneNumber == verified else { throw .invalidTokenContext }
        return verified
    }
}
