import CallCore

/// The scopes of the events API under one of its names (camara-rules, "Scopes").
struct EventsScope {
    /// The API's name, which begins every scope.
    let namespace: EventType.Namespace

    var read: String { "\(namespace.rawValue):read" }
    var update: String { "\(namespace.rawValue):update" }
    var delete: String { "\(namespace.rawValue):delete" }

    /// Each event type has a scope of its own.
    func create(_ type: EventType) -> String { "\(namespace.rawValue):\(type.text):create" }

    /// Refuses a caller who could subscribe to nothing here, whatever the body says: such a one learns nothing about
    /// bodies.
    /// - Throws: the 403, with a placeholder for the event.
    func requireAnyCreate(of caller: Caller) throws(CAMARAError) {
        guard case .scopes(let granted) = caller.grant else { return }
        let types = EventType.Kind.allCases.map { EventType($0, in: namespace) }.filter(\.isSubscribable)
        guard types.contains(where: { granted.contains(create($0)) }) else {
            let name = namespace.rawValue
            throw .missingScope("\(name):org.camaraproject.\(name).v0.<event>:create")
        }
    }
}
