import CSofiaSIP
import CallCore

/// The handles of a change in mid-call, and the PUT that waits for it. Each handle has this one owner.
struct MidCall {
    /// A request of the peer that is being answered.
    struct Incoming {
        var server: OpaquePointer
        var isInvite: Bool
        /// The session interval it names, seconds, and whether we are to refresh.
        var interval: UInt32?
        var isOurs: Bool
        /// The least that the peer takes, seconds; 0: it has not said.
        var minSE: UInt32
        /// Further header lines of a 2xx.
        var headers: String?
        /// What the responses tell of the session (RFC 7989 §8).
        var session: RequestIdentifier
        /// The status it was answered with; 0 before.
        var status = 0

        /// What a 2xx to it has agreed on.
        var refresh: Negotiation.Event {
            .refreshed(sessionExpires: interval, refresherIsUs: isOurs, minSE: minSE)
        }
    }

    /// The request that has just come; lives for one callback.
    var incoming: Incoming?
    /// The request whose answer the application owes.
    var asked: Incoming?
    /// Our re-INVITE, or an UPDATE in its place, until its final response.
    var client: OpaquePointer?
    /// That is a re-INVITE.
    var isInvite = false
    /// What it was sent with, which its CANCEL repeats (RFC 7989 §6).
    var session = SessionIdentifier(own: .none)
    /// It is to be cancelled as soon as a provisional response has come (RFC 3261 §9.1).
    var owesCancel = false
    /// The peer's re-INVITE, answered 2xx, until its ACK.
    var server: OpaquePointer?
    /// The PUT that waits for the network.
    var reply: (@Sendable (Result<SessionChangeResult, CAMARAError>) -> Void)?
    /// The PUT that brings an answer; set while it is carried out.
    var answerReply: (@Sendable (Result<SessionChangeResult, CAMARAError>) -> Void)?
    /// Whether the PUT that waits is answered with the session, else without content.
    var repliesWithSession = false

    mutating func release() {
        if let client { csip_client_destroy(client) }
        if let server { csip_server_destroy(server) }
        if let asked { csip_server_destroy(asked.server) }
        client = nil
        server = nil
        asked = nil
    }
}
