import Synchronization

/// A request the peer has received, and how it is answered.
package final class PeerRequest: Sendable {
    /// The request as it came first.
    package let message: WireMessage
    /// Over what it came, and so over what it is answered.
    package let origin: SIPPeer.Origin
    private let peer: SIPPeer
    private let wire: Wire?
    private let defaultTag: String

    private struct Progress {
        var lastResponse: [UInt8]?
        var repeats = 0
    }
    private let progress = Mutex(Progress())

    init(_ message: WireMessage, from origin: SIPPeer.Origin, at peer: SIPPeer, wire: Wire?, defaultTag: String) {
        self.message = message
        self.origin = origin
        self.peer = peer
        self.wire = wire
        self.defaultTag = defaultTag
    }

    /// How often the request was repeated since it first came.
    package var repeats: Int { progress.withLock { $0.repeats } }

    /// Answers the request. Vias, From, Call-ID, CSeq and, where a dialog begins, Record-Route are the request's.
    ///
    /// - Parameters:
    ///   - tag: the To tag; nil takes the one in the request or the call's own, except on 100, which has none.
    ///   - body: another body than SDP; its Content-Type is one of `headers`.
    ///   - reliable: the RSeq of a reliable provisional response (RFC 3262), nil for an ordinary one.
    ///   - headers: added to the usual ones; one of the same name as a usual one takes its place.
    @discardableResult
    package func respond(
        _ status: Int, _ phrase: String? = nil, tag: String? = nil, sdp: String? = nil, body: String? = nil,
        reliable: Int? = nil,
        headers extra: [WireMessage.Header] = []
    ) -> WireMessage {
        var headers = message.all("Via").map { WireMessage.Header("Via", $0) }
        var to = message["To"] ?? ""
        if message.toTag == nil, let tag = tag ?? (status == 100 ? nil : defaultTag) { to += ";tag=\(tag)" }
        headers += [
            .init("From", message["From"] ?? ""), .init("To", to), .init("Call-ID", message.callID),
            .init("CSeq", message["CSeq"] ?? ""),
        ]
        if message.method == .invite, (101..<300).contains(status) {
            headers += message.all("Record-Route").map { .init("Record-Route", $0) }
            headers.append(.init("Contact", "<\(peer.contactURI(for: origin))>"))
            headers.append(.init("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, OPTIONS"))
        }
        if let reliable { headers += [.init("Require", "100rel"), .init("RSeq", String(reliable))] }
        if sdp != nil { headers.append(.init("Content-Type", "application/sdp")) }
        headers.removeAll { usual in extra.contains { $0.name.isSame(as: usual.name) } }
        let response = WireMessage(
            .response(status, phrase: phrase ?? ReasonPhrases.phrase(for: status)), headers: headers + extra,
            body: Array((sdp ?? body ?? "").utf8))
        send(response)
        return response
    }

    /// Sends a response once more, or one made by hand.
    package func send(_ response: WireMessage) {
        let bytes = response.bytes
        progress.withLock { $0.lastResponse = bytes }
        wire?.add(.toGateway, response.summary, text: response.text)
        peer.send(bytes, to: origin)
    }

    /// The request came again: the last response goes out again (RFC 3261 §17.2).
    func repeated() {
        let response = progress.withLock { progress in
            progress.repeats += 1
            return progress.lastResponse
        }
        wire?.add(.fromGateway, "\(message.summary)  (again)")
        if let response { peer.send(response, to: origin) }
    }
}
