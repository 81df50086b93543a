import CallCore

/// Who sends a request and what it may do.
public struct Caller: Sendable, Equatable {
    /// The client's id, the first part of ownership.
    public var client: String
    /// For whom it may call.
    public var identity: Identity
    /// What it may do.
    public var grant: Grant

    /// A caller an ``Authenticator`` believes.
    public init(client: String, identity: Identity, grant: Grant) {
        self.client = client
        self.identity = identity
        self.grant = grant
    }

    /// For whom the caller may call.
    public enum Identity: Sendable, Equatable {
        /// Nobody checked; the body's originator is believed (mode `insecure`).
        case believed
        /// The token's phone number; nil for a two-legged token.
        case verified(PhoneNumber?)
    }

    /// Which operations the caller may use.
    public enum Grant: Sendable, Equatable {
        case everything
        case scopes(Set<String>)
    }

    /// The owner of what the caller makes, and the only one who sees it.
    public var owner: SessionOwner {
        if case .verified(let number) = identity {
            SessionOwner(client: client, user: number)
        } else {
            SessionOwner(client: client)
        }
    }

    /// Whether the caller has the scope.
    func may(_ scope: String) -> Bool {
        if case .scopes(let granted) = grant { granted.contains(scope) } else { true }
    }

    /// - Throws: the 403 that names the scope.
    func require(_ scope: String) throws(CAMARAError) {
        guard may(scope) else { throw .missingScope(scope) }
    }
}

/// The scopes of call handling (camara-rules, "Scopes").
enum Scope: String {
    case create = "webrtc-call-handling:sessions:create"
    case read = "webrtc-call-handling:sessions:read"
    case write = "webrtc-call-handling:sessions:write"
    case delete = "webrtc-call-handling:sessions:delete"
}
