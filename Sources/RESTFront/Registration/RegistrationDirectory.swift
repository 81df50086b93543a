import CallCore

/// Knows which registrations are live, for the `registrationId` header of POST …/sessions.
///
/// A server without a directory accepts the header and requires it nowhere: the registration API that hands the ids out
/// is not part of it then, and a header nobody can obtain must not be asked for.
public protocol RegistrationDirectory: Sendable {
    /// Whether `registration` is live and belongs to `owner`. Called on the HTTP thread; must not wait.
    func isLive(_ registration: String, of owner: SessionOwner) -> Bool
}
