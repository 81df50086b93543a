import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// What the operator is told of challenges that are not answered.
@Suite("Alarms of challenges")
struct ChallengeAlarmTests {
    private let clock = ConnectedCall.Clock()

    private static let foreignChallenge = WireMessage.Header(
        "WWW-Authenticate", "Digest realm=\"theirs\", nonce=\"n\", qop=\"auth\"")

    /// Places a call whose callee refuses it, and waits for its end.
    private func call(
        _ id: String, _ number: PeerCall, _ agent: SIPAgent, _ status: Int = 401,
        _ headers: [WireMessage.Header] = [foreignChallenge]
    ) async throws {
        let replies = Mailbox<Bool>()
        agent.create(try CallRequest.sample(id: id)) { replies.put((try? $0.get()) != nil) }
        try await number.invite().respond(status, headers: headers)
        _ = try await number.request(.ack)
        #expect(await replies.next() == false)
    }

    private func run(_ body: (SIPAgent, PeerCall, Mailbox<String>) async throws -> Void) async throws {
        let peer = try SIPPeer()
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port), domain: "ims.example",
            credentials: DigestCredentials(username: "gw", password: "p", realm: "ims.example"))
        var options = SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]), clock: { [clock] in clock.now })
        let told = Mailbox<String>()
        options.onAlarm = { told.put($1) }
        try await withAgent(options) { agent, _ in try await body(agent, peer.expect("+17085854000"), told) }
    }

    @Test func aCalleeCannotFillTheLog() async throws {
        try await run { agent, number, told in
            func count() -> Int { told.values.count { $0.contains("asks for credentials") } }
            for index in 0..<3 { try await call("A\(index)", number, agent) }
            #expect(count() == 1)
            clock.move(on: .seconds(11))
            try await call("A3", number, agent)
            #expect(count() == 2)
        }
    }

    @Test("What one callee makes be told hides nothing else that the operator has to mend")
    func aCalleeHidesNothing() async throws {
        try await run { agent, number, told in
            for (index, status) in [428, 401, 428, 401].enumerated() {
                try await call("B\(index)", number, agent, status, [])
            }
            #expect(
                told.values == [
                    "The network refused the identity of the call (SIP 428).",
                    "The network does not accept the gateway's credentials (SIP 401).",
                ])
        }
    }
}
