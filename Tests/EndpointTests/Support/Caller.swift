import Foundation
import Synchronization
import TestPeer

/// A caller over a real socket that does only what its test says: no transaction layer, no retransmissions.
final class Caller: Sendable {
    let socket: UDPSocket
    let endpoint: SocketAddress
    private let inbox = Mailbox<WireMessage>()
    private let branches = Mutex(0)

    init(to endpoint: SocketAddress) throws {
        socket = try UDPSocket()
        self.endpoint = endpoint
        socket.start { [inbox] datagram, _ in
            if let message = try? WireMessage(datagram: datagram) { inbox.put(message) }
        }
    }

    /// Sends a request. `branch` repeats that of an earlier one (CANCEL, ACK of a refusal).
    @discardableResult
    func send(
        _ method: SIPMethod, number: String = "+17085854000", call: String, cseq: Int = 1, toTag: String? = nil,
        branch: String? = nil, sdp: String? = nil, headers: [WireMessage.Header] = [], uri: String? = nil
    ) -> WireMessage {
        let branch =
            branch
            ?? branches.withLock { number in
                number += 1
                return "z9hG4bK-\(call)-\(number)"
            }
        let uri = uri ?? "sip:\(number)@\(endpoint)"
        var all: [WireMessage.Header] = [
            .init("Via", "SIP/2.0/UDP \(socket.address);branch=\(branch)"), .init("Max-Forwards", "70"),
            .init("From", "<sip:caller@\(socket.address)>;tag=from-\(call)"),
            .init("To", "<\(uri)>" + (toTag.map { ";tag=\($0)" } ?? "")), .init("Call-ID", call),
            .init("CSeq", "\(cseq) \(method)"), .init("Contact", "<sip:caller@\(socket.address)>"),
        ]
        if sdp != nil, !headers.contains(where: { $0.name == "Content-Type" }) {
            all.append(.init("Content-Type", "application/sdp"))
        }
        all.removeAll { usual in headers.contains { $0.name == usual.name } }
        let message = WireMessage(.request(method, uri: uri), headers: all + headers, body: Array((sdp ?? "").utf8))
        socket.send(message.bytes, to: endpoint)
        return message
    }

    /// Takes the response of `status` to a request of `method`, at once or when it comes.
    /// With `cseq` only one to that request: an earlier 2xx comes again until its ACK is there.
    func response(
        _ status: Int, to method: SIPMethod = .invite, call: String, cseq: Int? = nil
    ) async throws -> WireMessage {
        let message = await inbox.next { message in
            message.callID == call && message.status == status && message.method == method
                && (cseq == nil || message.cseq.map { Int($0.number) } == cseq)
        }
        guard let message else { throw PatienceLost("\(status) to \(method)", ladder: seen) }
        return message
    }

    /// Takes a request of the endpoint.
    func request(_ method: SIPMethod, call: String) async throws -> WireMessage {
        let message = await inbox.next { $0.callID == call && $0.status == nil && $0.method == method }
        guard let message else { throw PatienceLost("\(method)", ladder: seen) }
        return message
    }

    /// Acknowledges a final response: a 2xx in its dialog, another one in the INVITE's transaction.
    func acknowledge(_ response: WireMessage, of invite: WireMessage) {
        let isAnswer = (200..<300).contains(response.status ?? 0)
        send(
            .ack, call: invite.callID, cseq: invite.cseq?.number ?? 1, toTag: response.toTag,
            branch: isAnswer ? nil : invite.branch, uri: isAnswer ? response.contactURI : invite.requestURI)
    }

    /// Answers a request of the endpoint.
    func respond(_ status: Int, to request: WireMessage) {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"].flatMap { name in
            request.all(name).map { WireMessage.Header(name, $0) }
        }
        socket.send(WireMessage(.response(status, phrase: "OK"), headers: copied).bytes, to: endpoint)
    }

    /// What has come for `call` and was not taken.
    func unread(_ call: String) -> [WireMessage] { inbox.values.filter { $0.callID == call } }

    private var seen: String { inbox.values.map(\.summary).joined(separator: "\n") }
}
