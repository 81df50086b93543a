import CallCore

extension RegistrationAPI: API {
    var stateConflict: CAMARAError.Code { dialect.stateConflict }

    func route(_ method: HTTPMethod, _ rest: Substring) -> Route? {
        guard let path = ResourcePath(rest, collection: "sessions") else { return nil }
        let (template, allow) =
            path == .collection
            ? ("/sessions", dialect.hasRead ? "GET, HEAD, POST, OPTIONS" : "POST, OPTIONS")
            : (
                "/sessions/{registrationId}",
                dialect.hasRead ? "GET, HEAD, PUT, DELETE, OPTIONS" : "PUT, DELETE, OPTIONS"
            )
        return Route(template: template, allow: allow, operation: operation(method, path))
    }

    /// An operation that exists only in a later dialect is none, which is 405; an identifier that is missing where the
    /// operation exists is 400 naming it (camara-rules, "Errors").
    private func operation(_ method: HTTPMethod, _ path: ResourcePath) -> Route.Operation? {
        if method == .get || method == .head, !dialect.hasRead { return nil }
        switch (path, method) {
        case (.collection, .post):
            return Route.Operation(scope: RegistrationScope.create.rawValue, reads: .json) {
                context throws(CAMARAError) in
                try create(context)
            }
        case (.collection, .get), (.collection, .head):
            return Route.Operation(scope: RegistrationScope.read.rawValue) { context throws(CAMARAError) in
                try list(context.request.query, by: context.caller)
            }
        case (.resource(let id), .get), (.resource(let id), .head):
            return Route.Operation(scope: RegistrationScope.read.rawValue) { context throws(CAMARAError) in
                try read(id, by: context.caller)
            }
        case (.resource(let id), .put):
            return Route.Operation(scope: RegistrationScope.write.rawValue, reads: .json) {
                context throws(CAMARAError) in
                try refresh(id, context)
            }
        case (.resource(let id), .delete):
            return Route.Operation(scope: RegistrationScope.delete.rawValue, answersJSON: false) {
                context throws(CAMARAError) in
                try end(id, context)
            }
        case (.collection, .put): return .refused(.write, .missingIdentifier("registrationId"))
        case (.collection, .delete): return .refused(.delete, .missingIdentifier("registrationId"))
        case (.malformedIdentifier, .get), (.malformedIdentifier, .head):
            return .refused(.read, .malformedIdentifier("registrationId"))
        case (.malformedIdentifier, .put): return .refused(.write, .malformedIdentifier("registrationId"))
        case (.malformedIdentifier, .delete): return .refused(.delete, .malformedIdentifier("registrationId"))
        default: return nil
        }
    }
}

extension Route.Operation {
    /// What is 400 for a caller who may do it at all.
    fileprivate static func refused(_ scope: RegistrationScope, _ error: CAMARAError) -> Route.Operation {
        Route.Operation(scope: scope.rawValue, answersJSON: false) { _ throws(CAMARAError) in throw error }
    }
}
