import CallCore
import Foundation

/// From a request to its response, without a socket: finds the mount and the operation, checks what is common to all of
/// them, and puts results and errors into the API's words. Used on one thread.
final class Router {
    private let mounts: [(path: String, api: any API)]
    /// Nil where what is served has nothing to do with calls.
    let calls: (any CallControl)?
    private let authenticator: any Authenticator
    private let limiter: ClientLimiter?
    let makeCorrelator: @Sendable () -> String
    let creations: [Creation]
    let texts = RefusalTexts()

    /// - Parameters:
    ///   - mounts: what is served under which path, the configured prefix included.
    ///   - limiter: nil where clients have no limits.
    init(
        mounts: [(path: String, api: any API)], calls: (any CallControl)?, authenticator: any Authenticator,
        limiter: ClientLimiter? = nil, makeCorrelator: @escaping @Sendable () -> String
    ) {
        self.mounts = mounts
        self.calls = calls
        self.authenticator = authenticator
        self.limiter = limiter
        self.makeCorrelator = makeCorrelator
        creations = Router.creations(of: mounts)
    }

    /// What is known about an exchange besides its response: for the request log, and to word a late reply.
    struct Exchange {
        var method: HTTPMethod
        /// The path with its identifiers left out, for logs; empty for a path of no mount.
        var route = ""
        var correlator: String
        var session: SessionID?
        var stateConflict = CAMARAError.Code.conflict
        /// Refused because there is no time for a call.
        var isRefusedForLoad = false
    }

    enum Handled {
        case answered(HTTPResponse)
        /// The reply comes to the sink; ``response(to:in:)-(Result<Outcome,CAMARAError>,_)`` words it. `abandonable` is
        /// the call to give up if the client leaves first.
        case waiting(abandonable: SessionID?)
        /// Who sends the request is being asked; the answer comes to the sink, and ``resume(_:as:in:id:replyTo:)`` goes on.
        /// Nothing else knows of the request: to forget it, withdraw and drop this.
        case authenticating(Pending)
    }

    /// A request that is carried out once it is known who sends it.
    struct Pending {
        fileprivate let request: HTTPRequest
        fileprivate let operation: Route.Operation
        fileprivate let api: any API
        /// For who drops it before it is known who sends it.
        fileprivate(set) var withdraw: Authenticator.Withdrawal = {}

        /// Whether it would add a session.
        var opensSession: Bool { operation.opensSession }
        /// Whether it ends something, which is carried out even if nobody waits for the answer any more.
        var isEnd: Bool { request.method == .delete }

        /// What is answered where our own limits or a silent provider stand in the way. Whoever needs help is told at once
        /// to dial natively, not to try again later (emergency §2, §4).
        fileprivate func refusal(_ error: CAMARAError) -> CAMARAError {
            [429, 503].contains(error.status) && opensSession && api.isEmergency(request)
                ? .emergencyNotSupported : error
        }
    }

    /// Carries a request out as far as that goes without waiting.
    /// - Parameter waited: how long the request has waited for this, in nanoseconds; asked of those that open a session.
    func handle(
        _ request: HTTPRequest, as id: UInt64, replyTo sink: any ReplySink, waited: () -> UInt64 = { 0 }
    ) -> (exchange: Exchange, outcome: Handled) {
        let correlator = Correlator(requested: request.value(of: .correlator), orElse: makeCorrelator)
        var exchange = Exchange(method: request.method, correlator: correlator.text)
        var refused: Pending?
        do throws(CAMARAError) {
            guard let (mount, route) = find(request) else { throw .unknownPath }
            exchange.route = mount.path + route.template
            exchange.stateConflict = mount.api.stateConflict
            guard !correlator.isRefused else {
                throw .invalidArgument("x-correlator does not match CAMARA's pattern.")
            }
            if let answer = route.answer { return (exchange, .answered(response(to: answer, in: exchange))) }
            guard let operation = route.operation else {
                guard request.method != .options else { return (exchange, .answered(described(route, in: exchange))) }
                var response = response(to: .methodNotAllowed, in: exchange)
                response.headers.append(HTTPResponse.Header(name: "Allow", value: route.allow))
                return (exchange, .answered(response))
            }
            exchange.session = operation.session
            // Before anything is spent on it, and before it is asked who sends it.
            if operation.opensSession,
                let refusal = calls?.refusalForLoad(
                    waited: waited(), isExempt: { mount.api.isEmergency(request) })
            {
                exchange.isRefusedForLoad = true
                throw refusal
            }
            let authorization = request.value(of: .authorization)
            var pending = Pending(request: request, operation: operation, api: mount.api)
            refused = pending
            guard let caller = try authenticator.authenticate(authorization) else {
                pending.withdraw = authenticator.lookUp(authorization ?? "") { sink.post(caller: $0, to: id) }
                return (exchange, .authenticating(pending))
            }
            return try carryOut(pending, as: caller, in: exchange, id, sink)
        } catch {
            return (exchange, .answered(response(to: refused?.refusal(error) ?? error, in: exchange)))
        }
    }

    /// Goes on with a request whose sender has been asked for.
    func resume(
        _ pending: Pending, as caller: Result<Caller, CAMARAError>, in exchange: Exchange, id: UInt64,
        replyTo sink: any ReplySink
    ) -> (exchange: Exchange, outcome: Handled) {
        do throws(CAMARAError) {
            return try carryOut(pending, as: try caller.get(), in: exchange, id, sink)
        } catch {
            return (exchange, .answered(response(to: pending.refusal(error), in: exchange)))
        }
    }

    private func carryOut(
        _ pending: Pending, as caller: Caller, in exchange: Exchange, _ id: UInt64, _ sink: any ReplySink
    ) throws(CAMARAError) -> (exchange: Exchange, outcome: Handled) {
        let (request, operation) = (pending.request, pending.operation)
        if let limiter {
            try limiter.admit(
                caller.client, opensSession: operation.opensSession, mustPass: mustPass(pending, as: caller))
        }
        if let scope = operation.scope { try caller.require(scope) }
        try checkMediaTypes(of: request, for: operation)
        let outcome = try operation.carryOut(
            Route.Context(
                request: request, caller: caller, correlator: exchange.correlator,
                reply: Reply(sink: sink, exchange: id)))
        guard case .waiting(let abandonable) = outcome else {
            return (exchange, .answered(response(to: outcome, in: exchange)))
        }
        var exchange = exchange
        exchange.session = abandonable ?? exchange.session
        return (exchange, .waiting(abandonable: abandonable))
    }

    /// What no limit may keep from happening: the end of a call, an emergency call that can be made, and whatever its caller
    /// does in it (emergency §4).
    private func mustPass(_ pending: Pending, as caller: Caller) -> Bool {
        if endsLiveCall(pending.operation, of: caller) { return true }
        if pending.opensSession { return pending.api.takesEmergency(pending.request) }
        guard let id = pending.operation.session, let session = calls?.session(id, of: caller.owner) else {
            return false
        }
        return session.callType == .emergency && !session.status.isFinal
    }

    /// Whether a call of the caller's would go on if this were refused. Ids that are nobody's, somebody else's or of a
    /// call that has ended are no way around the limits.
    private func endsLiveCall(_ operation: Route.Operation, of caller: Caller) -> Bool {
        guard operation.endsSession, let id = operation.session, operation.scope.map(caller.may) ?? true else {
            return false
        }
        return calls?.session(id, of: caller.owner)?.status.isFinal == false
    }

    /// Words a late reply.
    func response(to reply: Result<Outcome, CAMARAError>, in exchange: Exchange) -> HTTPResponse {
        switch reply {
        case .success(let outcome): response(to: outcome, in: exchange)
        case .failure(let error): response(to: error, in: exchange)
        }
    }

    /// Words an error.
    func response(to error: CAMARAError, in exchange: Exchange) -> HTTPResponse {
        var error = error
        if error.code == .incompatibleState { error.code = exchange.stateConflict }
        var response = HTTPResponse(status: error.status, headers: headers(exchange))
        if let seconds = error.retryAfter {
            response.headers.append(HTTPResponse.Header(name: "Retry-After", value: String(seconds)))
        }
        if error.status == 401 {
            response.headers.append(HTTPResponse.Header(name: "WWW-Authenticate", value: "Bearer"))
        }
        response.body = Data(ErrorRepresentation(error: error).json)
        return response
    }

    /// The client of a POST that waits has left.
    func abandon(_ call: SessionID) {
        calls?.abandon(call)
    }

    /// An exchange for a request nobody could read.
    func unreadableExchange(_ method: HTTPMethod, correlator requested: String?) -> Exchange {
        Exchange(method: method, correlator: Correlator(requested: requested, orElse: makeCorrelator).text)
    }

    private func checkMediaTypes(of request: HTTPRequest, for operation: Route.Operation) throws(CAMARAError) {
        if operation.reads == .json, !MediaType.isJSON(request.value(of: .contentType)) {
            throw .unsupportedMediaType
        }
        if operation.answersJSON, !MediaType.acceptsJSON(request.value(of: .accept)) { throw .notAcceptable }
    }

    private func find(_ request: HTTPRequest) -> ((path: String, api: any API), Route)? {
        // By bytes: to count characters is to look each one up.
        for mount in mounts where request.path.utf8.starts(with: mount.path.utf8) {
            let rest = Substring(request.path.utf8.dropFirst(mount.path.utf8.count))
            if let route = mount.api.route(request.method, rest) {
                return (mount, route)
            }
        }
        return nil
    }

    private func response(to outcome: Outcome, in exchange: Exchange) -> HTTPResponse {
        switch outcome {
        case .content(let value, let status):
            HTTPResponse(status: status, headers: headers(exchange), body: Data(value.json))
        case .document(let document):
            HTTPResponse(
                status: document.status,
                headers: document.headers + [HTTPResponse.Header(name: Correlator.header, value: exchange.correlator)],
                body: document.body)
        case .noContent, .waiting:
            HTTPResponse(
                status: 204, headers: [HTTPResponse.Header(name: Correlator.header, value: exchange.correlator)])
        }
    }

    private func described(_ route: Route, in exchange: Exchange) -> HTTPResponse {
        HTTPResponse(
            status: 204,
            headers: [
                HTTPResponse.Header(name: Correlator.header, value: exchange.correlator),
                HTTPResponse.Header(name: "Allow", value: route.allow),
            ])
    }

    private func headers(_ exchange: Exchange) -> [HTTPResponse.Header] {
        [
            HTTPResponse.Header(name: "Content-Type", value: "application/json"),
            HTTPResponse.Header(name: Correlator.header, value: exchange.correlator),
        ]
    }
}
