import CallCore

/// What an INVITE to a trunk with credentials remembers of them, for itself and its repetitions. A class, so that calls of
/// all other trunks pay for one pointer. On the SIP thread only.
final class InviteAuthentication {
    /// Whose credentials it carries.
    let account: Account
    /// How challenges to the INVITE were answered.
    var exchange = DigestExchange()
    /// The header lines it was sent with for the realms that have asked; its CANCEL and ACK repeat them (RFC 3261 §22.1).
    var credentials: String?

    init(_ account: Account) { self.account = account }
}
