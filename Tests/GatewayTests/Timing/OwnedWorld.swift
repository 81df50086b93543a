import CallCore
import Foundation
import Services
import Store

@testable import RESTFront
@testable import SIPBridge

/// The API over the real places where sessions, registrations and subscriptions are kept, without a socket. All of them are
/// somebody else's than the caller's.
final class OwnedWorld {
    /// Reads the sessions; nothing else is asked for.
    private final class Calls: CallControl {
        let sessions: SessionStore

        init(_ sessions: SessionStore) { self.sessions = sessions }

        func session(_ id: SessionID, of owner: SessionOwner) -> Session? { sessions.session(id, of: owner) }
        func liveSessions(of client: String) -> Int { 0 }
        func refusalForLoad(waited: UInt64, isExempt: () -> Bool) -> CAMARAError? { nil }
        func abandon(_ id: SessionID) {}
        func end(_ id: SessionID) {}
        func create(_ request: CallRequest, reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void) {
            reply(.failure(.sessionNotFound))
        }
        func update(
            _ id: SessionID, with change: SessionChange,
            reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
        ) { reply(.failure(.sessionNotFound)) }
    }

    private struct NoReplies: ReplySink {
        func post(_ reply: Result<Outcome, CAMARAError>, to exchange: UInt64) {}
        func post(caller: Result<Caller, CAMARAError>, to exchange: UInt64) {}
    }

    /// What is asked for by its id.
    enum Kind: String, CaseIterable {
        case session = "/webrtc-call-handling/v0.4/sessions/"
        case registration = "/webrtc-registration/v0.4/sessions/"
        case subscription = "/webrtc-events/v0.3/subscriptions/"
    }

    /// The ids of what is there: half of it another client's, half of it another user's of the caller's client.
    let ids: [Kind: [String]]
    private let router: Router
    private var exchange: UInt64 = 0

    init(entries: Int) async throws {
        var random = SystemRandom()
        var ids: [Kind: [String]] = [:]
        let sessions = SessionStore(retention: .init(), clock: MonotonicClock.now)
        let store = try StoreLocation.memory.open()
        let description = try SessionDescription(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
                + String(repeating: "a=candidate:1 1 udp 2113937151 192.0.2.9 9 typ host\r\n", count: 60))
        let text = String(repeating: "text ", count: 40)
        let token = String(repeating: "t", count: 900)
        for index in 0..<entries {
            // The insecure authenticator's client.
            let owner = SessionOwner(
                client: index % 2 == 0 ? "anonymous" : "another-client-with-a-long-name",
                user: PhoneNumber("+4930\(90_000_000 + index)"))
            let session = Session(
                id: .random(using: &random), owner: owner, originatorAddress: "tel:+17085852753",
                originatorName: text, receiverAddress: "tel:+17085854000", receiverName: text, clientCorrelator: text,
                device: SessionDevice(registrationID: RegistrationID(rawValue: text), deviceID: text),
                correlator: text, offer: description, answer: description, status: .connected, reason: text)
            sessions.publish(session)
            let registration = Registration(
                id: .random(using: &random), owner: owner, number: try requireNumber("+4930\(90_000_000 + index)"),
                deviceID: text, createdAt: Date(), expiresAt: .distantFuture)
            try await store.add(registration, ifPresent: .refuse)
            let subscription = Subscription(
                id: .random(using: &random), owner: owner, types: [EventType(.sessionStatus)],
                detail: .init(deviceID: text), sink: try SinkURL("https://sink.example/a/long/path/of/a/sink"),
                credential: try SinkCredential(accessToken: token, expiresAt: .distantFuture), expiresAt: nil,
                maximumEvents: nil, initialEvent: false, createdAt: Date(), dialect: .v03)
            try await store.add(subscription)
            ids[.session, default: []].append(session.id.rawValue)
            ids[.registration, default: []].append(registration.id.rawValue)
            ids[.subscription, default: []].append(subscription.id.rawValue)
        }
        self.ids = ids
        let calls = Calls(sessions)
        let backend = Backend(
            calls: calls, registrations: Registrar(store: store),
            subscriptions: Notifier(Notifier.Options(source: "urn:test"), store: store),
            emergencyNumbers: try EmergencyNumbers(["112": "sos"]), makeSessionID: { SessionID(rawValue: "new") },
            now: { Date() })
        router = Router(
            mounts: backend.served(Mount.published, prefix: ""), calls: calls,
            authenticator: InsecureAuthenticator(), makeCorrelator: { "generated" })
    }

    /// How long a request takes, and what came of it.
    func time(_ method: HTTPMethod, _ kind: Kind, _ id: String) -> (nanoseconds: UInt64, response: HTTPResponse?) {
        exchange += 1
        let request = HTTPRequest(method: method, path: kind.rawValue + id, body: Data("{}".utf8))
        let began = MonotonicClock.now()
        let (_, outcome) = router.handle(request, as: exchange, replyTo: NoReplies())
        let took = MonotonicClock.now() - began
        guard case .answered(let response) = outcome else { return (took, nil) }
        return (took, response)
    }
}

private struct NoNumber: Error {}

private func requireNumber(_ text: String) throws -> PhoneNumber {
    guard let number = PhoneNumber(text) else { throw NoNumber() }
    return number
}
