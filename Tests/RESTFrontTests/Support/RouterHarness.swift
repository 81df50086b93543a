import CallCore
import Foundation
import Synchronization

@testable import RESTFront

/// The router without a socket: requests in, responses out.
final class RouterHarness {
    let calls = FakeCalls()
    private let router: Router
    private let sink = Replies()
    private var exchange: UInt64 = 0

    /// The time of day in every test: 2023-11-14T22:13:20Z.
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    init(
        authenticator: any Authenticator = InsecureAuthenticator(), prefix: String = "",
        registrations: (any RegistrationControl)? = nil, subscriptions: (any SubscriptionControl)? = nil,
        mounts: [Mount] = Mount.published, limits: ClientLimits? = nil, clock: @escaping () -> UInt64 = { 0 },
        takesEmergencyCalls: Bool = false, takesLocations: Bool = false
    ) throws {
        let numbers = try EmergencyNumbers(["112": "sos", "911": "sos", "110": "sos.police"])
        let backend = Backend(
            calls: calls, registrations: registrations, subscriptions: subscriptions, emergencyNumbers: numbers,
            takesEmergencyCalls: takesEmergencyCalls, takesLocations: takesLocations,
            makeSessionID: { SessionID(rawValue: "0123456789ABCDEF") }, now: { RouterHarness.now })
        router = Router(
            mounts: backend.served(mounts, prefix: prefix), calls: calls, authenticator: authenticator,
            limiter: limits.map { [calls] in
                ClientLimiter($0, liveSessions: { calls.liveSessions(of: $0) }, clock: clock)
            },
            makeCorrelator: { "generated" })
    }

    /// The response to a request; the fake call layer replies at once.
    func respond(_ request: HTTPRequest) -> HTTPResponse {
        exchange += 1
        var (context, outcome) = router.handle(request, as: exchange, replyTo: sink)
        if case .authenticating(let pending) = outcome {
            guard let caller = sink.takeCaller(exchange) else { return HTTPResponse(status: 0) }
            (context, outcome) = router.resume(pending, as: caller, in: context, id: exchange, replyTo: sink)
        }
        switch outcome {
        case .answered(let response): return response
        case .authenticating: return HTTPResponse(status: 0)
        case .waiting:
            guard let reply = sink.take(exchange) else { return HTTPResponse(status: 0) }
            return router.response(to: reply, in: context)
        }
    }

    func respond(
        _ method: HTTPMethod, _ path: String, _ body: String = "", fields: [(HeaderField, String)] = []
    ) -> HTTPResponse {
        respond(HTTPRequest(method: method, path: path, fields: fields.map { ($0.0, $0.1) }, body: Data(body.utf8)))
    }

    /// What the log is told of a request.
    func exchange(_ method: HTTPMethod, _ path: String, _ body: String = "") -> Router.Exchange {
        exchange += 1
        return router.handle(
            HTTPRequest(method: method, path: path, body: Data(body.utf8)), as: exchange, replyTo: sink
        ).exchange
    }

    private final class Replies: ReplySink {
        private let replies = Mutex<[UInt64: Result<Outcome, CAMARAError>]>([:])
        private let callers = Mutex<[UInt64: Result<Caller, CAMARAError>]>([:])

        func post(_ reply: Result<Outcome, CAMARAError>, to exchange: UInt64) {
            replies.withLock { $0[exchange] = reply }
        }

        func post(caller: Result<Caller, CAMARAError>, to exchange: UInt64) {
            callers.withLock { $0[exchange] = caller }
        }

        func takeCaller(_ exchange: UInt64) -> Result<Caller, CAMARAError>? {
            callers.withLock { $0.removeValue(forKey: exchange) }
        }

        func take(_ exchange: UInt64) -> Result<Outcome, CAMARAError>? {
            replies.withLock { $0.removeValue(forKey: exchange) }
        }
    }
}

extension HTTPResponse {
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:]
    }

    /// The body as a list of JSON objects; nil if it is none.
    var list: [[String: Any]]? { try? JSONSerialization.jsonObject(with: body) as? [[String: Any]] }

    var code: String? { json["code"] as? String }
    var message: String { json["message"] as? String ?? "" }
}

/// The published mounts by name, for tables.
enum Version: String, CaseIterable {
    case seed, v03, v04

    var path: String {
        switch self {
        case .seed: "/webrtc/sessions"
        case .v03: "/webrtc-call-handling/v0.3/sessions"
        case .v04: "/webrtc-call-handling/v0.4/sessions"
        }
    }
}
