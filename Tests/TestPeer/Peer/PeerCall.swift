import Synchronization

/// One call as the peer sees it: the INVITEs for one dialled number and everything that belongs to their dialogs.
package final class PeerCall: Sendable {
    /// The number it was dialled by.
    package let number: String
    /// All its messages, for ladders.
    package let wire = Wire()
    private let peer: SIPPeer
    private let inbox = Mailbox<PeerRequest>()

    private struct Dialogs {
        var latest: PeerRequest?
        var invited: SIPPeer.Handler?
        var sequence: [String: Int] = [:]
    }
    private let dialogs = Mutex(Dialogs())

    init(number: String, peer: SIPPeer) {
        self.number = number
        self.peer = peer
    }

    func receive(_ request: PeerRequest) {
        var invited: SIPPeer.Handler?
        if request.message.method == .invite, request.message.toTag == nil {
            invited = dialogs.withLock { dialogs in
                dialogs.latest = request
                return dialogs.invited
            }
        }
        invited?(request)
        inbox.put(request)
    }

    /// Has `handler` answer every INVITE outside a dialog as it comes. Tests may still ask for them.
    package func whenInvited(_ handler: @escaping SIPPeer.Handler) {
        dialogs.withLock { $0.invited = handler }
    }

    /// The To tag of responses that name none.
    var defaultTag: String { "peer-\(number.filter(\.isNumber))" }

    /// The messages so far, one a line.
    package var ladder: String { wire.ladder }

    /// Requests that came and that no test has asked for.
    package var unread: [SIPMethod] { inbox.values.map(\.message.method) }

    /// Takes the next request of `method`, at once or when it comes.
    /// - Throws: ``PatienceLost`` with the ladder.
    package func request(
        _ method: SIPMethod, within patience: Duration = Patience.standard,
        where wants: @escaping @Sendable (WireMessage) -> Bool = { _ in true }
    ) async throws -> PeerRequest {
        let request = await inbox.next(within: patience) { $0.message.method == method && wants($0.message) }
        guard let request else { throw PatienceLost("\(method) for \(number)", ladder: ladder) }
        return request
    }

    /// Takes the next INVITE.
    package func invite() async throws -> PeerRequest { try await request(.invite) }

    /// Takes the next BYE and answers it 200.
    @discardableResult
    package func acceptBye(within patience: Duration = Patience.standard) async throws -> WireMessage {
        let bye = try await request(.bye, within: patience)
        bye.respond(200)
        return bye.message
    }

    /// Takes the next CANCEL and answers it 200, and `invite` 487 (RFC 3261 §9.2).
    @discardableResult
    package func acceptCancel(of invite: PeerRequest, tag: String? = nil) async throws -> WireMessage {
        let cancel = try await request(.cancel)
        cancel.respond(200, tag: tag)
        invite.respond(487, tag: tag)
        return cancel.message
    }

    /// Sends a request once more, as it was.
    package func repeatRequest(_ transaction: PeerTransaction) throws {
        guard let invite = dialogs.withLock({ $0.latest }) else {
            throw PatienceLost("dialog to repeat \(transaction.request.summary) in", ladder: ladder)
        }
        wire.add(.toGateway, "\(transaction.request.summary)  (again)")
        peer.send(
            transaction.request.bytes,
            to: peer.origin(forTarget: transaction.request.requestURI ?? "", invite.origin))
    }

    /// Sends the CANCEL of an INVITE that was sent, in its transaction (RFC 3261 §9.1).
    package func cancel(_ invite: PeerTransaction) -> PeerTransaction {
        let request = invite.request
        let copied = ["From", "To", "Call-ID"].map { WireMessage.Header($0, request[$0] ?? "") }
        let sequence = WireMessage.Header("CSeq", "\(request.cseq?.number ?? 0) CANCEL")
        let target = request.requestURI ?? ""
        let origin = dialogs.withLock { $0.latest?.origin }
        return peer.send(
            WireMessage(.request(.cancel, uri: target), headers: copied + [sequence]),
            to: origin.map { peer.origin(forTarget: target, $0) } ?? .udp(peer.address), wire: wire,
            branch: request.branch)
    }

    /// Sends a request within the dialog of To tag `tag` (nil: the default one) of the latest INVITE.
    ///
    /// - Throws: ``PatienceLost`` if there was no INVITE.
    package func send(
        _ method: SIPMethod, tag: String? = nil, sdp: String? = nil, headers: [WireMessage.Header] = [],
        cseq: Int? = nil
    ) throws -> PeerTransaction {
        let tag = tag ?? defaultTag
        let (invite, number) = dialogs.withLock { dialogs -> (PeerRequest?, Int) in
            let number = cseq ?? (dialogs.sequence[tag, default: 0] + 1)
            if method != .ack { dialogs.sequence[tag] = number }
            return (dialogs.latest, number)
        }
        guard let invite else { throw PatienceLost("INVITE to send \(method) in", ladder: ladder) }
        let target = invite.message.contactURI ?? "sip:nobody@127.0.0.1"
        var all: [WireMessage.Header] = [
            .init("From", "\(invite.message["To"] ?? "");tag=\(tag)"), .init("To", invite.message["From"] ?? ""),
            .init("Call-ID", invite.message.callID), .init("CSeq", "\(number) \(method)"),
            .init("Contact", "<\(peer.contactURI(for: invite.origin))>"),
        ]
        all.removeAll { usual in headers.contains { $0.name.isSame(as: usual.name) } }
        if sdp != nil { all.append(.init("Content-Type", "application/sdp")) }
        // The route set of who was called has the order of the INVITE (RFC 3261 §12.1.1).
        let routes = invite.message.recordedRoutes
        all += routes.map { .init("Route", $0) }
        let next = routes.first.flatMap(WireMessage.uri) ?? target
        return peer.send(
            WireMessage(.request(method, uri: target), headers: all + headers, body: Array((sdp ?? "").utf8)),
            to: peer.origin(forTarget: next, invite.origin), wire: wire)
    }
}
