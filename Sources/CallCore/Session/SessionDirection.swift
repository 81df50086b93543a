/// Who started a session's call.
public enum SessionDirection: String, Sendable, CaseIterable {
    /// The application, with POST …/sessions.
    case outbound
    /// The network, with an INVITE: the session was announced by `session-invitation`.
    case inbound
}
