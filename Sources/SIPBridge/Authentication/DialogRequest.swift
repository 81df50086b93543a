import CSofiaSIP
import CallCore

/// A request of ours inside a dialog, as it is sent, and sent again if it is challenged (RFC 3261 §22.2).
struct DialogRequest {
    enum Method: Equatable {
        case bye, invite, update
        case prack(rseq: UInt32, cseq: UInt32)

        var name: String {
            switch self {
            case .bye: "BYE"
            case .invite: "INVITE"
            case .update: "UPDATE"
            case .prack: "PRACK"
            }
        }
    }

    var method: Method
    /// Header lines but credentials and the session's, LF between them.
    var headers: String?
    var body = ""
    /// Of a body that is not SDP.
    var contentType: String?
    /// Its call's; nil before it is sent.
    var authentication: CallAuthentication?
    /// The header lines it was sent with for the realms that have asked.
    var credentials: String?
    /// How challenges to it were answered.
    var exchange = DigestExchange()
    /// It is cancelled: no challenge to it is answered.
    var isGivenUp = false

    /// Sends it; nil where the message cannot be built or routed.
    func send(
        on leg: OpaquePointer, _ id: UInt64, hop: String, in session: SessionIdentifier
    ) -> OpaquePointer? {
        session.withLines(headers, credentials) { lines in
            switch method {
            case .prack(let rseq, let cseq): return csip_leg_prack(leg, id, hop, rseq, cseq, lines)
            case .bye: return csip_leg_request(leg, id, CSIP_BYE, hop, lines, nil, 0)
            case .invite, .update:
                var text = body
                return withOptionalCString(contentType) { type in
                    text.withUTF8 {
                        csip_leg_request_typed(
                            leg, id, method == .invite ? CSIP_INVITE : CSIP_UPDATE, hop, lines, type, $0.baseAddress,
                            $0.count)
                    }
                }
            }
        }
    }
}
