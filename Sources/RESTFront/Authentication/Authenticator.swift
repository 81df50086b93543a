import CallCore

/// Says who sends a request.
///
/// Most requests bring a token that is known already, so the answer at once is a plain return: no closure is made and no
/// thread changed for it. Only where somebody else has to be asked does the answer come later.
public protocol Authenticator: Sendable {
    /// Takes a question back.
    typealias Withdrawal = @Sendable () -> Void

    /// The caller behind an `Authorization` header's value (nil where the request has none), or nil if somebody else has
    /// to be asked: then ``lookUp(_:answer:)`` asks. Called on the HTTP thread, once per request; must not wait.
    /// - Throws: the 401 or 503 to answer.
    func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller?

    /// Asks for the caller that ``authenticate(_:)`` did not know. Called on the HTTP thread; must not wait. `answer` is
    /// called once, on any thread, within seconds, perhaps before this returns.
    /// - Returns: what to call, on any thread, if nobody needs the answer any more, so that who left takes no place of
    ///   those who wait; `answer` may then never be called.
    @discardableResult
    func lookUp(
        _ authorization: String, answer: @escaping @Sendable (Result<Caller, CAMARAError>) -> Void
    ) -> Withdrawal
}

extension Authenticator {
    /// For those that know every caller at once.
    @discardableResult
    public func lookUp(
        _ authorization: String, answer: @escaping @Sendable (Result<Caller, CAMARAError>) -> Void
    ) -> Withdrawal {
        answer(.failure(.unauthenticated))
        return {}
    }
}

/// Mode `insecure`: every request is client `anonymous`, may do everything, and its originator is believed. For loopback
/// listeners and tests.
public struct InsecureAuthenticator: Authenticator {
    /// Every instance is the same.
    public init() {}

    /// The anonymous client, whatever the header says.
    public func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
        Caller(client: "anonymous", identity: .believed, grant: .everything)
    }
}
