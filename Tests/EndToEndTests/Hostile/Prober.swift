import Foundation
import TestPeer
import Testing

/// A plain socket that throws things at the gateway's SIP port and asks it between them whether it is well.
final class Prober: Sendable {
    private let socket: UDPSocket
    private let gateway: SocketAddress
    private let answers = Mailbox<(message: WireMessage, time: ContinuousClock.Instant)>()

    init(_ gateway: SocketAddress) throws {
        self.gateway = gateway
        socket = try UDPSocket()
        let answers = answers
        socket.start { datagram, _ in
            if let message = try? WireMessage(datagram: datagram) { answers.put((message, .now)) }
        }
    }

    /// Sends bytes as one datagram.
    func send(_ bytes: [UInt8]) { socket.send(bytes, to: gateway) }

    /// How long the gateway takes to answer an OPTIONS that follows at once.
    /// - Throws: ``PatienceLost`` if it does not.
    func optionsDelay(within patience: Duration = Patience.standard) async throws -> Duration {
        let id = UUID().uuidString
        let text = """
            OPTIONS sip:ping@\(gateway) SIP/2.0\r
            Via: SIP/2.0/UDP \(socket.address);branch=z9hG4bK\(id);rport\r
            Max-Forwards: 70\r
            From: <sip:prober@\(socket.address)>;tag=\(id)\r
            To: <sip:ping@\(gateway)>\r
            Call-ID: \(id)\r
            CSeq: 1 OPTIONS\r
            Contact: <sip:prober@\(socket.address)>\r
            Content-Length: 0\r
            \r

            """
        let start = ContinuousClock.now
        socket.send(Array(text.utf8), to: gateway)
        guard let answer = await answers.next(within: patience, where: { $0.message.callID == id }) else {
            throw PatienceLost("answer to OPTIONS", ladder: "  (nothing)")
        }
        return answer.time - start
    }

    /// The response to a request thrown by hand, told by its Call-ID.
    func response(callID: String) async throws -> WireMessage {
        guard let answer = await answers.next(where: { $0.message.callID == callID }) else {
            throw PatienceLost("response to \(callID)", ladder: "  (nothing)")
        }
        return answer.message
    }

    /// Sends `bytes` and expects the next OPTIONS to be answered within 50 ms: nothing a stranger sends may stop the
    /// calls of others. A machine busy with other work may be late by itself, so a late answer counts only if the same
    /// bytes cause it three times.
    func expectUnharmed(by bytes: [UInt8], _ name: String) async throws {
        var delays: [Duration] = []
        for _ in 0..<3 {
            send(bytes)
            let delay = try await optionsDelay()
            if delay <= .milliseconds(50) { return }
            delays.append(delay)
        }
        Issue.record("OPTIONS after \(name) was answered after \(delays)")
    }
}
