import CallCore
import Foundation

/// What the call layer says to a request that had to wait.
enum CallReply: Sendable {
    case created(Result<Session, CAMARAError>)
    case changed(Result<SessionChangeResult, CAMARAError>)
}

/// Takes replies from the call layer's thread; never waits.
protocol ReplySink: Sendable {
    func post(_ reply: CallReply, to exchange: UInt64)
}

/// The call-handling API: reads requests, asks ``CallControl``, says what to answer. It knows dialects only as a table
/// and sockets not at all.
struct CallHandling {
    let calls: any CallControl
    let emergencyNumbers: EmergencyNumbers
    let registrations: (any RegistrationDirectory)?
    let makeSessionID: @Sendable () -> SessionID
    private let decoder = JSONDecoder()

    init(
        calls: any CallControl, emergencyNumbers: EmergencyNumbers, registrations: (any RegistrationDirectory)?,
        makeSessionID: @escaping @Sendable () -> SessionID
    ) {
        self.calls = calls
        self.emergencyNumbers = emergencyNumbers
        self.registrations = registrations
        self.makeSessionID = makeSessionID
    }

    /// What an operation came to.
    enum Outcome {
        case session(Session, status: Int)
        case noContent
        /// ``CallControl`` replies later. `abandonable` is the call to give up if the client leaves.
        case waiting(abandonable: SessionID?)
    }

    /// POST …/sessions. The order of the checks is the API's: who, whether an emergency, form, right to the number, SDP.
    func create(
        _ request: HTTPRequest, by caller: Caller, in dialect: Dialect, correlator: String,
        replyTo sink: some ReplySink, as exchange: UInt64
    ) throws(CAMARAError) -> Outcome {
        let body = try decode(request)
        guard !body.isEmergency(by: emergencyNumbers) else {
            // No trunk for emergency calls exists, and as an ordinary call this one must never go out (emergency §2).
            throw .emergencyNotSupported
        }
        try checkRegistration(request, of: caller, in: dialect)
        let creation = try body.creation(dialect)
        let identity = try CallHandling.identity(of: creation.originator, caller)
        let offer = try SessionBody.description(creation.sdp, "offer")
        let id = makeSessionID()
        let call = CallRequest(
            id: id, owner: caller.owner, identity: identity, originator: creation.originator,
            receiver: creation.receiver, originatorAddress: creation.originatorAddress,
            originatorName: creation.originatorName, receiverAddress: creation.receiverAddress,
            receiverName: creation.receiverName, callType: creation.callType,
            clientCorrelator: creation.clientCorrelator, offer: offer, correlator: correlator)
        calls.create(call) { sink.post(.created($0), to: exchange) }
        return .waiting(abandonable: id)
    }

    /// GET …/sessions/{mediaSessionId}
    func read(_ id: String, by caller: Caller) throws(CAMARAError) -> Outcome {
        .session(try visibleSession(id, to: caller), status: 200)
    }

    /// PUT …/sessions/{mediaSessionId}/status, and without `/status` as CAMARA's messages have it. Whether the session
    /// is the caller's comes before the body, so that a stranger's request tells nothing about it.
    func update(
        _ id: String, with request: HTTPRequest, by caller: Caller, in dialect: Dialect, replyTo sink: some ReplySink,
        as exchange: UInt64
    ) throws(CAMARAError) -> Outcome {
        let session = try visibleSession(id, to: caller)
        let change = try decode(request).change(dialect)
        calls.update(session.id, with: change) { sink.post(.changed($0), to: exchange) }
        return .waiting(abandonable: nil)
    }

    /// DELETE …/sessions/{mediaSessionId}: the call ends whatever comes of it, so nothing is waited for. A session that
    /// has ended already stays so.
    func end(_ id: String, by caller: Caller) throws(CAMARAError) -> Outcome {
        let session = try visibleSession(id, to: caller)
        if !session.status.isFinal { calls.end(session.id) }
        return .noContent
    }

    /// What a reply of the call layer comes to.
    static func outcome(of reply: CallReply) throws(CAMARAError) -> Outcome {
        switch reply {
        case .created(let result): return .session(try result.get(), status: 201)
        case .changed(let result):
            switch try result.get() {
            case .session(let session): return .session(session, status: 200)
            case .accepted: return .noContent
            }
        }
    }

    /// The session, if it is the caller's; others' sessions look like none.
    private func visibleSession(_ id: String, to caller: Caller) throws(CAMARAError) -> Session {
        guard let session = calls.session(SessionID(rawValue: id)), session.owner == caller.owner else {
            throw .sessionNotFound
        }
        return session
    }

    private func decode(_ request: HTTPRequest) throws(CAMARAError) -> SessionBody {
        guard !request.body.isEmpty else { throw .invalidArgument("The request has no body; a JSON object is needed.") }
        do {
            return try decoder.decode(SessionBody.self, from: request.body)
        } catch DecodingError.typeMismatch {
            throw .invalidArgument("The request body must be a JSON object.")
        } catch {
            throw .invalidArgument("The request body is not valid JSON.")
        }
    }

    private func checkRegistration(
        _ request: HTTPRequest, of caller: Caller, in dialect: Dialect
    ) throws(CAMARAError) {
        guard let registrations, dialect.requiresRegistration else { return }
        guard let registration = request.value(of: .registrationID), !registration.isEmpty else {
            throw .invalidArgument("The registrationId header is required.")
        }
        guard registrations.isLive(registration, of: caller.owner) else {
            throw CAMARAError(403, .permissionDenied, "registrationId is not a live registration of this caller.")
        }
    }

    /// The verified number a call is made for (camara-rules, "Tokens"). Anonymous originators have it asserted all the
    /// same (ims-headers, "Privacy").
    private static func identity(of originator: Address, _ caller: Caller) throws(CAMARAError) -> PhoneNumber? {
        switch caller.identity {
        case .believed: return originator.phoneNumber
        case .verified(nil):
            throw CAMARAError(
                403, .permissionDenied,
                "Client does not have sufficient permissions to perform this action: the token names no phone number.")
        case .verified(let number?):
            guard originator == .anonymous || originator.phoneNumber == number else { throw .invalidTokenContext }
            return number
        }
    }
}
