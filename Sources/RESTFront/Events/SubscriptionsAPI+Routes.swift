import CallCore

extension SubscriptionsAPI: API {
    var stateConflict: CAMARAError.Code { dialect.stateConflict }

    func route(_ method: HTTPMethod, _ rest: Substring) -> Route? {
        guard let path = ResourcePath(rest, collection: "subscriptions") else { return nil }
        // GET `…/subscriptions/` asks for one subscription whose identifier is missing, not for the list: a client that
        // lost the identifier must not take an array for a subscription (CAMARA's SUBSCRIPTION_ID_REQUIRED).
        let isUnfinished = path == .collection && rest.utf8.last == UInt8(ascii: "/")
        return Route(
            template: path == .collection ? "/subscriptions" : "/subscriptions/{subscriptionId}",
            allow: path == .collection ? "GET, HEAD, POST, OPTIONS" : allowOfResource,
            operation: operation(method, path, isUnfinished: isUnfinished))
    }

    private var allowOfResource: String {
        dialect.hasUpdate ? "GET, HEAD, PUT, DELETE, OPTIONS" : "GET, HEAD, DELETE, OPTIONS"
    }

    private func operation(_ method: HTTPMethod, _ path: ResourcePath, isUnfinished: Bool) -> Route.Operation? {
        switch (path, method) {
        case (.collection, .post):
            return Route.Operation(scope: nil, reads: .json) { context throws(CAMARAError) in try create(context) }
        case (.collection, .get) where !isUnfinished, (.collection, .head) where !isUnfinished:
            return Route.Operation(scope: scope.read) { context throws(CAMARAError) in list(by: context.caller) }
        case (.resource(let id), .get), (.resource(let id), .head):
            return Route.Operation(scope: scope.read) { context throws(CAMARAError) in
                try read(id, by: context.caller)
            }
        case (.resource(let id), .put) where dialect.hasUpdate:
            return Route.Operation(scope: scope.update, reads: .json) { context throws(CAMARAError) in
                try update(id, context)
            }
        case (.resource(let id), .delete):
            return Route.Operation(scope: scope.delete, answersJSON: false) { context throws(CAMARAError) in
                try delete(id, context)
            }
        case (.collection, _), (.malformedIdentifier, _): return withoutIdentifier(method, path)
        default: return nil
        }
    }

    /// An operation on one subscription whose identifier is missing or cannot be one: 400, not 404 or 405 (camara-rules,
    /// "Errors"), for a caller who may do it at all.
    private func withoutIdentifier(_ method: HTTPMethod, _ path: ResourcePath) -> Route.Operation? {
        let scope: String
        switch method {
        case .get, .head: scope = self.scope.read
        case .put where dialect.hasUpdate: scope = self.scope.update
        case .delete: scope = self.scope.delete
        default: return nil
        }
        let error: CAMARAError =
            path == .collection ? .missingIdentifier("subscriptionId") : .malformedIdentifier("subscriptionId")
        return Route.Operation(scope: scope, answersJSON: false) { _ throws(CAMARAError) in throw error }
    }
}
