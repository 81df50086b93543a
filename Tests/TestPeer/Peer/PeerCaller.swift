import Synchronization

/// A call that the peer makes to the gateway: an INVITE, and what belongs to its dialog. It knows no call logic: a test says
/// what is sent, ACK and PRACK too.
package final class PeerCaller: Sendable {
    /// All its messages but the gateway's own requests, for ladders.
    package let wire = Wire()
    /// Its INVITE.
    package let invite: PeerTransaction
    private let peer: SIPPeer
    /// Where its requests go that follow no route.
    package let gateway: SIPPeer.Origin

    private struct Dialog {
        var sequence = 1
        var remote: (to: String, target: String)?
        var routes: [String] = []
    }
    private let dialog = Mutex(Dialog())

    /// Sends the INVITE, over UDP if no `connection` is given. `headers` are added to the usual ones; one of the same name as a
    /// usual one takes its place.
    package init(
        _ peer: SIPPeer, calling user: String, at gateway: SocketAddress, sdp: String? = SDP.answer("caller"),
        headers: [WireMessage.Header] = [], over connection: SIPPeer.Origin? = nil
    ) {
        self.peer = peer
        self.gateway = connection ?? .udp(gateway)
        let type = sdp == nil ? [] : [WireMessage.Header("Content-Type", "application/sdp")]
        invite = peer.request(
            .invite, to: gateway, user: user, replacing: headers + type, body: sdp ?? "", wire: wire, over: connection)
    }

    package var callID: String { invite.request.callID }

    /// The messages so far, one a line.
    package var ladder: String { wire.ladder }

    /// Takes the first response to the INVITE with this status, and its dialog.
    @discardableResult
    package func response(_ status: Int) async throws -> WireMessage {
        noted(try await invite.response(status))
    }

    /// Takes the final response to the INVITE, whatever it is, and its dialog; it waits for its ACK.
    package func final() async throws -> WireMessage { noted(try await invite.final()) }

    private func noted(_ response: WireMessage) -> WireMessage {
        if response.toTag != nil, let to = response["To"] {
            let target = response.contactURI
            // The route set of who calls has the reverse order of the response (RFC 3261 §12.1.2). A test whose INVITE
            // says that it has passed the peer itself means no further hop.
            let routes = response.recordedRoutes.reversed().filter { !$0.contains("\(peer.address)") }
            dialog.withLock {
                $0.remote = (to, target ?? $0.remote?.target ?? invite.request.requestURI ?? "")
                $0.routes = routes
            }
        }
        return response
    }

    /// Takes a final response to the INVITE that is a refusal, and acknowledges it (RFC 3261 §17.1.1.3).
    @discardableResult
    package func refusal(_ status: Int) async throws -> WireMessage {
        let response = try await response(status)
        acknowledge(refusal: response)
        return response
    }

    /// Takes the final response to the INVITE, which is a refusal, and acknowledges it.
    @discardableResult
    package func refused() async throws -> WireMessage {
        let response = try await final()
        acknowledge(refusal: response)
        return response
    }

    private func acknowledge(refusal: WireMessage) {
        _ = peer.send(
            message(.ack, to: refusal["To"] ?? "", uri: invite.request.requestURI ?? "", number: 1), to: gateway,
            wire: wire, branch: invite.request.branch)
    }

    /// Acknowledges the final response to the INVITE, as its kind demands (RFC 3261 §13.2.2.4, §17.1.1.3).
    package func acknowledge(final response: WireMessage) throws {
        if (response.status ?? 0) < 300 { try acknowledge() } else { acknowledge(refusal: response) }
    }

    /// Takes a 200 and acknowledges it.
    @discardableResult
    package func answered(ack sdp: String? = nil) async throws -> WireMessage {
        let answer = try await response(200)
        try acknowledge(sdp: sdp)
        return answer
    }

    /// Sends the INVITE once more.
    package func repeatInvite() {
        wire.add(.toGateway, "\(invite.request.summary)  (again)")
        peer.send(invite.request.bytes, to: gateway)
    }

    /// Sends CANCEL, in the INVITE's transaction.
    @discardableResult
    package func cancel(headers: [WireMessage.Header] = []) -> PeerTransaction {
        let request = invite.request
        return peer.send(
            message(
                .cancel, to: request["To"] ?? "", uri: request.requestURI ?? "", number: 1, headers: headers),
            to: gateway, wire: wire, branch: request.branch)
    }

    /// Sends the ACK of a 2xx.
    package func acknowledge(sdp: String? = nil) throws {
        _ = try send(.ack, sdp: sdp, cseq: 1)
    }

    /// Sends the PRACK of a reliable response; `rseq` instead of the response's own.
    package func acknowledge(
        _ response: WireMessage, rseq: Int? = nil, sdp: String? = nil
    ) throws -> PeerTransaction {
        let number = rseq.map(String.init) ?? response["RSeq"] ?? ""
        return try send(.prack, sdp: sdp, headers: [.init("RAck", "\(number) 1 INVITE")])
    }

    /// Sends a request in the dialog that a response has made.
    /// - Throws: ``PatienceLost`` if there is none.
    package func send(
        _ method: SIPMethod, sdp: String? = nil, headers: [WireMessage.Header] = [], cseq: Int? = nil
    ) throws -> PeerTransaction {
        let (remote, routes, number) = dialog.withLock { dialog in
            if cseq == nil { dialog.sequence += 1 }
            return (dialog.remote, dialog.routes, cseq ?? dialog.sequence)
        }
        guard let remote else { throw PatienceLost("dialog to send \(method) in", ladder: ladder) }
        let message = message(
            method, to: remote.to, uri: remote.target, number: number,
            headers: routes.map { .init("Route", $0) } + headers, sdp: sdp)
        let next = routes.first.flatMap(WireMessage.uri).flatMap(WireMessage.address)
        return peer.send(message, to: next.map { .udp($0) } ?? gateway, wire: wire)
    }

    /// Methods of the gateway's requests in this call that no test has asked for.
    package var unreadRequests: [SIPMethod] {
        peer.strays.values.filter { $0.message.callID == callID }.map(\.message.method)
    }

    /// Takes the gateway's next request of `method` in this call.
    package func request(
        _ method: SIPMethod, within patience: Duration = Patience.standard
    ) async throws -> PeerRequest {
        let id = callID
        let request = await peer.strays.next(within: patience) {
            $0.message.callID == id && $0.message.method == method
        }
        guard let request else { throw PatienceLost("\(method) of the gateway", ladder: ladder) }
        return request
    }

    /// Takes the gateway's BYE and answers it 200.
    @discardableResult
    package func acceptBye(within patience: Duration = Patience.standard) async throws -> WireMessage {
        let bye = try await request(.bye, within: patience)
        bye.respond(200)
        return bye.message
    }

    private func message(
        _ method: SIPMethod, to: String, uri: String, number: Int, headers: [WireMessage.Header] = [],
        sdp: String? = nil
    ) -> WireMessage {
        var all: [WireMessage.Header] = [
            .init("From", invite.request["From"] ?? ""), .init("To", to), .init("Call-ID", callID),
            .init("CSeq", "\(number) \(method)"),
        ]
        if method != .cancel, method != .ack { all.append(.init("Contact", "<sip:peer@\(peer.address)>")) }
        if sdp != nil { all.append(.init("Content-Type", "application/sdp")) }
        all.removeAll { usual in headers.contains { $0.name.isSame(as: usual.name) } }
        return WireMessage(.request(method, uri: uri), headers: all + headers, body: Array((sdp ?? "").utf8))
    }
}
