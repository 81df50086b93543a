/// What the API asks of the call layer. RESTFront calls it, SIPBridge implements it; neither knows the other.
///
/// Every function may be called from any thread and returns at once. `reply` is called exactly once, on the call
/// layer's own thread: hand the value over and return.
public protocol CallControl: AnyObject, Sendable {
    /// Starts an outbound call; replies with the session when the mapping's §1 says the POST is to be answered.
    func create(_ request: CallRequest, reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void)

    /// The client of a ``create(_:reply:)`` that has not replied yet has gone: the call is ended as by its originator
    /// and the reply, if one still comes, is of no interest. Unknown ids are ignored.
    func abandon(_ id: SessionID)

    /// The session as it is now, alive or kept after its end; nil if there is none or it is not `owner`'s, which must take
    /// the same time: nobody may learn from it whether a session exists. Does not wait for the call layer.
    func session(_ id: SessionID, of owner: SessionOwner) -> Session?

    /// Carries out a PUT. Replies 404 if the session is gone, 409 if the change does not fit its state.
    func update(
        _ id: SessionID, with change: SessionChange,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void)

    /// How many sessions of a client live: those it has asked for and that have not ended. Never fewer than it had asked
    /// for by this call, so that a limit cannot be overtaken. Does not wait for the call layer; any thread.
    func liveSessions(of client: String) -> Int

    /// What a call that is to be created is refused with, because the call layer has no time for it; nil if it has. Does not
    /// wait for the call layer; any thread.
    /// - Parameters:
    ///   - waited: how long the request has waited already, in nanoseconds.
    ///   - isExempt: whether it is to be created all the same, as an emergency call is; asked only where there is no time.
    func refusalForLoad(waited: UInt64, isExempt: () -> Bool) -> CAMARAError?

    /// Ends the session as its owner: CANCEL or BYE as its state demands. Nothing to do for one that has ended.
    func end(_ id: SessionID)
}
