import CSofiaSIP
import CallCore

/// The handles of a change in mid-call, and the PUT that waits for it. Each handle has this one owner.
struct MidCall {
    /// A request of the peer that is being answered; lives for one callback.
    struct Incoming {
        var server: OpaquePointer
        var request: csip_request
        /// Further header lines of a 2xx.
        var headers: String?
        /// The status it was answered with; 0 before.
        var status = 0
    }

    var incoming: Incoming?
    /// Our re-INVITE until its final response.
    var client: OpaquePointer?
    /// It is to be cancelled as soon as a provisional response has come (RFC 3261 §9.1).
    var owesCancel = false
    /// The peer's re-INVITE, answered 2xx, until its ACK.
    var server: OpaquePointer?
    var reply: (@Sendable (Result<SessionChangeResult, CAMARAError>) -> Void)?
    /// Whether that PUT is answered with the session, else without content.
    var repliesWithSession = false

    mutating func release() {
        if let client { csip_client_destroy(client) }
        if let server { csip_server_destroy(server) }
        client = nil
        server = nil
    }
}
