import CallCore
import Foundation

/// From a request to its response, without a socket: finds the mount and the operation, checks what is common to all of
/// them, and puts results and errors into the API's words. Used on one thread.
final class Router {
    private let mounts: [MountedAPI]
    private let callHandling: CallHandling
    private let authenticator: any Authenticator
    private let makeCorrelator: @Sendable () -> String
    private let encoder: JSONEncoder

    init(
        mounts: [Mount], prefix: String, callHandling: CallHandling, authenticator: any Authenticator,
        makeCorrelator: @escaping @Sendable () -> String
    ) {
        self.mounts = mounts.map { MountedAPI($0, prefix: prefix) }
        self.callHandling = callHandling
        self.authenticator = authenticator
        self.makeCorrelator = makeCorrelator
        encoder = JSONEncoder()
        // Sorted, so that equal sessions are equal bytes.
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    }

    /// What is known about an exchange besides its response: for the request log, and to word a late reply.
    struct Exchange {
        var method: HTTPMethod
        /// The path with its identifiers left out, for logs; empty for a path of no mount.
        var route = ""
        var correlator: String
        var session: SessionID?
        var dialect = Dialect.seed
    }

    enum Outcome {
        case answered(HTTPResponse)
        /// The reply comes to the sink; ``response(to:in:)`` words it. `abandonable` is the call to give up if the
        /// client leaves first.
        case waiting(abandonable: SessionID?)
    }

    /// Carries a request out as far as that goes without waiting.
    func handle(
        _ request: HTTPRequest, as id: UInt64, replyTo sink: some ReplySink
    ) -> (exchange: Exchange, outcome: Outcome) {
        let correlator = Correlator(requested: request.value(of: .correlator), orElse: makeCorrelator)
        var exchange = Exchange(method: request.method, correlator: correlator.text)
        do throws(CAMARAError) {
            guard let (mount, path) = find(request.path) else { throw .unknownPath }
            exchange.route = mount.route(path)
            exchange.dialect = mount.dialect
            guard !correlator.isRefused else {
                throw .invalidArgument("x-correlator does not match CAMARA's pattern.")
            }
            let operation = SessionOperation(request.method, path)
            switch operation {
            case .describe(let allow): return (exchange, .answered(described(allow, in: exchange)))
            case .notAllowed(let allow):
                var response = response(to: .methodNotAllowed, in: exchange)
                response.headers.append(HTTPResponse.Header(name: "Allow", value: allow))
                return (exchange, .answered(response))
            default: break
            }
            let caller = try authenticator.authenticate(request.value(of: .authorization))
            if let scope = operation.scope { try caller.require(scope) }
            let outcome = try carryOut(
                operation, request, by: caller, in: &exchange, replyTo: sink, as: id)
            if case .waiting(let abandonable) = outcome {
                exchange.session = abandonable ?? exchange.session
                return (exchange, .waiting(abandonable: abandonable))
            }
            return (exchange, .answered(response(to: outcome, in: exchange)))
        } catch {
            return (exchange, .answered(response(to: error, in: exchange)))
        }
    }

    /// Words the call layer's reply.
    func response(to reply: CallReply, in exchange: Exchange) -> HTTPResponse {
        do throws(CAMARAError) {
            return response(to: try CallHandling.outcome(of: reply), in: exchange)
        } catch {
            return response(to: error, in: exchange)
        }
    }

    /// Words an error.
    func response(to error: CAMARAError, in exchange: Exchange) -> HTTPResponse {
        var error = error
        if error.code == .incompatibleState { error.code = exchange.dialect.stateConflict }
        var response = HTTPResponse(status: error.status, headers: headers(exchange))
        if let seconds = error.retryAfter {
            response.headers.append(HTTPResponse.Header(name: "Retry-After", value: String(seconds)))
        }
        if error.status == 401 {
            response.headers.append(HTTPResponse.Header(name: "WWW-Authenticate", value: "Bearer"))
        }
        response.body = encode(ErrorRepresentation(error: error))
        return response
    }

    /// The client of a POST that waits has left.
    func abandon(_ call: SessionID) {
        callHandling.calls.abandon(call)
    }

    /// An exchange for a request nobody could read.
    func unreadableExchange(_ method: HTTPMethod, correlator requested: String?) -> Exchange {
        Exchange(method: method, correlator: Correlator(requested: requested, orElse: makeCorrelator).text)
    }

    private func carryOut(
        _ operation: SessionOperation, _ request: HTTPRequest, by caller: Caller, in exchange: inout Exchange,
        replyTo sink: some ReplySink, as id: UInt64
    ) throws(CAMARAError) -> CallHandling.Outcome {
        switch operation {
        case .create:
            try checkMediaTypes(of: request, in: exchange.dialect)
            return try callHandling.create(
                request, by: caller, in: exchange.dialect, correlator: exchange.correlator, replyTo: sink, as: id)
        case .read(let session):
            exchange.session = SessionID(rawValue: session)
            try checkAccept(request)
            return try callHandling.read(session, by: caller)
        case .update(let session):
            exchange.session = SessionID(rawValue: session)
            try checkMediaTypes(of: request, in: exchange.dialect)
            return try callHandling.update(
                session, with: request, by: caller, in: exchange.dialect, replyTo: sink, as: id)
        case .end(let session):
            exchange.session = SessionID(rawValue: session)
            return try callHandling.end(session, by: caller)
        case .missingIdentifier: throw .invalidArgument("mediaSessionId is missing in the path.")
        case .malformedIdentifier:
            throw .invalidArgument("mediaSessionId in the path is not an identifier of 1 to 256 characters.")
        case .describe, .notAllowed: throw .methodNotAllowed
        }
    }

    private func checkMediaTypes(of request: HTTPRequest, in dialect: Dialect) throws(CAMARAError) {
        guard dialect.acceptsAnyContentType || MediaType.isJSON(request.value(of: .contentType)) else {
            throw .unsupportedMediaType
        }
        try checkAccept(request)
    }

    private func checkAccept(_ request: HTTPRequest) throws(CAMARAError) {
        guard MediaType.acceptsJSON(request.value(of: .accept)) else { throw .notAcceptable }
    }

    private func find(_ path: String) -> (MountedAPI, SessionPath)? {
        for mount in mounts where path.hasPrefix(mount.path) {
            if let session = SessionPath(path.dropFirst(mount.path.count)) { return (mount, session) }
        }
        return nil
    }

    private func response(to outcome: CallHandling.Outcome, in exchange: Exchange) -> HTTPResponse {
        switch outcome {
        case .session(let session, let status):
            HTTPResponse(
                status: status, headers: headers(exchange),
                body: encode(SessionRepresentation(session: session, dialect: exchange.dialect)))
        case .noContent, .waiting:
            HTTPResponse(
                status: 204, headers: [HTTPResponse.Header(name: Correlator.header, value: exchange.correlator)])
        }
    }

    private func described(_ allow: String, in exchange: Exchange) -> HTTPResponse {
        HTTPResponse(
            status: 204,
            headers: [
                HTTPResponse.Header(name: Correlator.header, value: exchange.correlator),
                HTTPResponse.Header(name: "Allow", value: allow),
            ])
    }

    private func headers(_ exchange: Exchange) -> [HTTPResponse.Header] {
        [
            HTTPResponse.Header(name: "Content-Type", value: "application/json"),
            HTTPResponse.Header(name: Correlator.header, value: exchange.correlator),
        ]
    }

    /// Strings, numbers and objects always encode; nothing here can fail.
    private func encode(_ value: some Encodable) -> Data {
        (try? encoder.encode(value)) ?? Data()
    }
}

/// A mount under its full path, with the texts the log needs made once.
private struct MountedAPI {
    let path: String
    let dialect: Dialect
    private let collection: String
    private let session: String
    private let status: String

    init(_ mount: Mount, prefix: String) {
        path = prefix + mount.path
        switch mount.api {
        case .callHandling(let dialect): self.dialect = dialect
        }
        collection = path + "/sessions"
        session = path + "/sessions/{mediaSessionId}"
        status = path + "/sessions/{mediaSessionId}/status"
    }

    func route(_ path: SessionPath) -> String {
        switch path {
        case .collection: collection
        case .session, .malformedIdentifier: session
        case .status, .statusWithoutIdentifier: status
        }
    }
}
