import CallCore

/// What a call remembers of the credentials for a trunk: an INVITE with its repetitions and dialogs, or a call of the network.
/// A class, so that calls of all other trunks pay for one pointer. On the SIP thread only.
final class CallAuthentication {
    /// Whose credentials its requests carry.
    let account: Account
    /// The nonces that it was given, by proxies (407) or the other end (401), for this call alone.
    var nonces = DigestSessions()
    /// How challenges to the INVITE were answered.
    var exchange = DigestExchange()
    /// The header lines the INVITE was sent with for the realms that have asked; its CANCEL and ACK repeat them (RFC 3261 §22.1).
    var credentials: String?

    init(_ account: Account) { self.account = account }
}
