import CallCore

extension CallHandling: API {
    var stateConflict: CAMARAError.Code { dialect.stateConflict }

    func route(_ method: HTTPMethod, _ rest: Substring) -> Route? {
        guard let path = ResourcePath(rest, collection: "sessions", hasStatus: true) else { return nil }
        return Route(template: template(path), allow: allow(path), operation: operation(method, path))
    }

    private func template(_ path: ResourcePath) -> String {
        switch path {
        case .collection: "/sessions"
        case .resource, .malformedIdentifier: "/sessions/{mediaSessionId}"
        case .status, .statusWithoutIdentifier: "/sessions/{mediaSessionId}/status"
        }
    }

    private func allow(_ path: ResourcePath) -> String {
        switch path {
        case .collection: "POST, OPTIONS"
        case .resource, .malformedIdentifier: "GET, HEAD, PUT, DELETE, OPTIONS"
        case .status, .statusWithoutIdentifier: "PUT, OPTIONS"
        }
    }

    private var input: Route.Operation.Input { dialect.acceptsAnyContentType ? .anything : .json }

    private func operation(_ method: HTTPMethod, _ path: ResourcePath) -> Route.Operation? {
        switch (path, method) {
        case (.collection, .post):
            return Route.Operation(scope: Scope.create.rawValue, reads: input, opensSession: true) {
                context throws(CAMARAError) in
                try create(context)
            }
        case (.resource(let id), .get), (.resource(let id), .head):
            return Route.Operation(scope: Scope.read.rawValue, session: SessionID(rawValue: id)) {
                context throws(CAMARAError) in
                try read(id, context)
            }
        case (.resource(let id), .put), (.status(let id), .put):
            return Route.Operation(scope: Scope.write.rawValue, reads: input, session: SessionID(rawValue: id)) {
                context throws(CAMARAError) in
                try update(id, context)
            }
        case (.resource(let id), .delete):
            return Route.Operation(
                scope: Scope.delete.rawValue, answersJSON: false, endsSession: true, session: SessionID(rawValue: id)
            ) {
                context throws(CAMARAError) in
                try end(id, context)
            }
        case (.collection, .get), (.collection, .head), (.statusWithoutIdentifier, .get),
            (.statusWithoutIdentifier, .head):
            return .refused(.read, .missingIdentifier("mediaSessionId"))
        case (.collection, .put), (.statusWithoutIdentifier, .put):
            return .refused(.write, .missingIdentifier("mediaSessionId"))
        case (.collection, .delete), (.statusWithoutIdentifier, .delete):
            return .refused(.delete, .missingIdentifier("mediaSessionId"))
        case (.malformedIdentifier, .get), (.malformedIdentifier, .head):
            return .refused(.read, .malformedIdentifier("mediaSessionId"))
        case (.malformedIdentifier, .put): return .refused(.write, .malformedIdentifier("mediaSessionId"))
        case (.malformedIdentifier, .delete): return .refused(.delete, .malformedIdentifier("mediaSessionId"))
        default: return nil
        }
    }
}

extension Route.Operation {
    /// GET, PUT or DELETE without the identifier they need: 400, not 404 or 405 (camara-rules, "Errors"), for a caller who
    /// may do it at all.
    fileprivate static func refused(_ scope: Scope, _ error: CAMARAError) -> Route.Operation {
        Route.Operation(scope: scope.rawValue, answersJSON: false) { _ throws(CAMARAError) in throw error }
    }
}
