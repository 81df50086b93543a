import Synchronization

/// A call that a peer places to the gateway: the caller's side of one dialog, which does what its test says. It knows no
/// call logic: a test says when to acknowledge, and may forget to.
package final class PlacedCall: Sendable {
    /// The number it dials.
    package let number: String
    /// All its messages, for ladders.
    package let wire: Wire
    /// The INVITE's transaction.
    package let transaction: PeerTransaction
    private let peer: SIPPeer
    private let gateway: SIPPeer.Origin
    private let incoming: PeerCall

    private struct Dialog {
        /// To, with the gateway's tag, as the last response that had one brought it.
        var to: String
        var target: String
        var sequence = 1
    }
    private let dialog: Mutex<Dialog>

    init(number: String, to gateway: SocketAddress, from peer: SIPPeer, sdp: String?, headers: [WireMessage.Header]) {
        self.number = number
        self.peer = peer
        self.gateway = .udp(gateway)
        let id = peer.nextCallNumber()
        let incoming = PeerCall(number: number, peer: peer)
        self.incoming = incoming
        wire = incoming.wire
        let uri = "sip:\(number)@\(gateway);user=phone"
        var all: [WireMessage.Header] = [
            .init("From", "<sip:+19195550100@\(peer.address);user=phone>;tag=caller-\(id)"), .init("To", "<\(uri)>"),
            .init("Call-ID", "placed-\(id)@\(peer.address)"), .init("CSeq", "1 INVITE"),
            .init("Contact", "<sip:caller@\(peer.address)>"),
            .init("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, OPTIONS"),
        ]
        if sdp != nil { all.append(.init("Content-Type", "application/sdp")) }
        all.removeAll { usual in headers.contains { $0.name.isSame(as: usual.name) } }
        let invite = WireMessage(
            .request(.invite, uri: uri), headers: all + headers, body: Array((sdp ?? "").utf8))
        dialog = Mutex(Dialog(to: "<\(uri)>", target: uri))
        peer.assign(invite.callID, to: incoming)
        transaction = peer.send(invite, to: .udp(gateway), wire: wire)
    }

    /// The messages so far, one a line.
    package var ladder: String { wire.ladder }

    /// The INVITE as it was sent.
    package var invite: WireMessage { transaction.request }

    /// Statuses of responses to the INVITE that no test has asked for.
    package var unread: [Int] { transaction.unread }

    /// Takes the next response of this status to the INVITE. Requests that follow are within its dialog.
    package func response(_ status: Int, within patience: Duration = Patience.standard) async throws -> WireMessage {
        note(try await transaction.response(status, within: patience))
    }

    /// Takes the final response to the INVITE, whatever it is; it waits for its ACK.
    package func final() async throws -> WireMessage { note(try await transaction.final()) }

    /// Takes a 200 and acknowledges it.
    @discardableResult
    package func answered(ack sdp: String? = nil) async throws -> WireMessage {
        let answer = try await response(200)
        acknowledge(answer, sdp: sdp)
        return answer
    }

    /// Takes the final response, which refuses, and acknowledges it.
    @discardableResult
    package func refused() async throws -> WireMessage {
        let refusal = try await final()
        acknowledge(refusal)
        return refusal
    }

    private func note(_ response: WireMessage) -> WireMessage {
        dialog.withLock { dialog in
            if response.toTag != nil, let to = response["To"] { dialog.to = to }
            if let target = response.contactURI { dialog.target = target }
        }
        return response
    }

    /// ACK: of a 2xx in its dialog, of anything else in the INVITE's transaction (RFC 3261 §13.2.2.4, §17.1.1.3).
    package func acknowledge(_ response: WireMessage, sdp: String? = nil) {
        let isAnswer = (200..<300).contains(response.status ?? 0)
        send(
            .ack, uri: isAnswer ? nil : invite.requestURI, sdp: sdp, cseq: invite.cseq?.number ?? 1,
            branch: isAnswer ? nil : invite.branch)
    }

    /// CANCEL of the INVITE (RFC 3261 §9.1).
    @discardableResult
    package func cancel(headers: [WireMessage.Header] = []) -> PeerTransaction {
        let headers = headers + [.init("To", invite["To"] ?? "")]
        return send(
            .cancel, uri: invite.requestURI, headers: headers, cseq: invite.cseq?.number ?? 1, branch: invite.branch)
    }

    /// PRACK of a reliable response (RFC 3262 §7.2).
    @discardableResult
    package func prack(_ response: WireMessage, sdp: String? = nil) -> PeerTransaction {
        let acknowledged = "\(response["RSeq"] ?? "0") \(response["CSeq"] ?? "")"
        return send(.prack, sdp: sdp, headers: [.init("RAck", acknowledged)])
    }

    /// BYE.
    @discardableResult
    package func hangUp(headers: [WireMessage.Header] = []) -> PeerTransaction { send(.bye, headers: headers) }

    /// Sends a request in the call's dialog.
    @discardableResult
    package func send(
        _ method: SIPMethod, uri: String? = nil, sdp: String? = nil, headers: [WireMessage.Header] = [],
        cseq: Int? = nil, branch: String? = nil
    ) -> PeerTransaction {
        let (to, target, number) = dialog.withLock { dialog in
            if cseq == nil { dialog.sequence += 1 }
            return (dialog.to, dialog.target, cseq ?? dialog.sequence)
        }
        let uri = uri ?? target
        var all: [WireMessage.Header] = [
            .init("From", invite["From"] ?? ""), .init("To", to), .init("Call-ID", invite.callID),
            .init("CSeq", "\(number) \(method)"), .init("Contact", invite["Contact"] ?? ""),
        ]
        if sdp != nil { all.append(.init("Content-Type", "application/sdp")) }
        all.removeAll { usual in headers.contains { $0.name.isSame(as: usual.name) } }
        return peer.send(
            WireMessage(.request(method, uri: uri), headers: all + headers, body: Array((sdp ?? "").utf8)),
            to: WireMessage.address(of: uri).map { .udp($0) } ?? gateway, wire: wire, branch: branch)
    }

    // MARK: - What the gateway asks

    /// Takes the next request of `method` in this call, at once or when it comes.
    package func request(_ method: SIPMethod, within patience: Duration = Patience.standard) async throws
        -> PeerRequest
    {
        try await incoming.request(method, within: patience)
    }

    /// Takes the next BYE and answers it 200.
    @discardableResult
    package func acceptBye(within patience: Duration = Patience.standard) async throws -> WireMessage {
        try await incoming.acceptBye(within: patience)
    }

    /// Requests that came and that no test has asked for.
    package var unreadRequests: [SIPMethod] { incoming.unread }
}
