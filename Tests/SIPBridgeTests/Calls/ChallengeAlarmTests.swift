import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// What the operator is told of challenges that are not answered.
@Suite("Alarms of challenges")
struct ChallengeAlarmTests {
    private let clock = ConnectedCall.Clock()

    /// Places a call whose callee asks for credentials in another realm, and waits for its end.
    private func call(_ id: String, _ number: PeerCall, _ agent: SIPAgent) async throws {
        let replies = Mailbox<Bool>()
        agent.create(try CallRequest.sample(id: id)) { replies.put((try? $0.get()) != nil) }
        let challenge = WireMessage.Header("WWW-Authenticate", "Digest realm=\"theirs\", nonce=\"n\", qop=\"auth\"")
        try await number.invite().respond(401, headers: [challenge])
        _ = try await number.request(.ack)
        #expect(await replies.next() == false)
    }

    @Test func aCalleeCannotFillTheLog() async throws {
        let peer = try SIPPeer()
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port), domain: "ims.example",
            credentials: DigestCredentials(username: "gw", password: "p", realm: "ims.example"))
        var options = SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]), clock: { [clock] in clock.now })
        let told = Mailbox<String>()
        options.onAlarm = { _, message in if message.contains("asks for credentials") { told.put(message) } }
        try await withAgent(options) { agent, _ in
            let number = peer.expect("+17085854000")
            for index in 0..<3 { try await call("A\(index)", number, agent) }
            #expect(told.values.count == 1)
            clock.move(on: .seconds(11))
            try await call("A3", number, agent)
            #expect(told.values.count == 2)
        }
    }
}
