import CallCore
import Dispatch
import TestPeer
import Testing

@testable import SIPBridge

@Suite("How many sessions a client has")
struct LiveSessionsTests {
    @Test func eachClientForItself() {
        let live = LiveSessions()
        for client in ["a", "a", "b"] { live.begin(client) }
        #expect(live.count("a") == 2)
        #expect(live.count("b") == 1)
        #expect(live.count("c") == 0)
        for client in ["a", "a", "a", "c"] { live.end(client) }
        #expect(live.count("a") == 0)
        #expect(live.count("b") == 1)
    }

    @Test func manyThreads() {
        let live = LiveSessions()
        DispatchQueue.concurrentPerform(iterations: 1_000) { _ in live.begin("a") }
        #expect(live.count("a") == 1_000)
        DispatchQueue.concurrentPerform(iterations: 1_000) { _ in live.end("a") }
        #expect(live.count("a") == 0)
    }

    /// An agent with a route for every number to the peer, or none.
    private func withAgent(_ peer: SIPPeer, routes: Bool = true, _ body: (SIPAgent) async throws -> Void) async throws {
        let loopback = [IPNetwork("127.0.0.0/8")].compactMap(\.self)
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port), domain: "ims.example",
            inbound: loopback)
        let agent = SIPAgent(
            options: SIPOptions(
                listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example",
                trunks: [trunk], routes: RouteTable(routes ? [.init(prefix: "+", trunks: [0])] : []),
                // On a busy machine the peer's side may take longer than a POST waits.
                policy: CallPolicy(timeout: .seconds(300))))
        _ = try agent.start()
        do {
            try await body(agent)
        } catch {
            await agent.stop(deadline: .zero)
            throw error
        }
        await agent.stop(deadline: .zero)
    }

    private func create(_ agent: SIPAgent, _ request: CallRequest) -> Mailbox<Result<Session, CAMARAError>> {
        let replies = Mailbox<Result<Session, CAMARAError>>()
        agent.create(request) { replies.put($0) }
        return replies
    }

    /// Waits until no session of the client lives.
    private func settles(_ agent: SIPAgent, sourceLocation: SourceLocation = #_sourceLocation) async {
        let deadline = ContinuousClock.now + Patience.standard
        while agent.liveSessions(of: "app") != 0, ContinuousClock.now < deadline { await Task.yield() }
        #expect(agent.liveSessions(of: "app") == 0, sourceLocation: sourceLocation)
    }

    @Test func aCallCountsFromItsRequestToItsEnd() async throws {
        let peer = try SIPPeer()
        let number = peer.expect("+17085854000")
        try await withAgent(peer) { agent in
            let request = try CallRequest.sample()
            let replies = create(agent, request)
            // Before the SIP thread has seen it.
            #expect(agent.liveSessions(of: "app") == 1)
            let invite = try await number.invite()
            _ = invite.respond(180)
            #expect(await replies.next() != nil)
            #expect(agent.liveSessions(of: "app") == 1)
            #expect(agent.liveSessions(of: "other") == 0)
            _ = invite.respond(486)
            await settles(agent)
        }
    }

    @Test func aCallThatIsRefusedDoesNotCount() async throws {
        let peer = try SIPPeer()
        try await withAgent(peer, routes: false) { agent in
            let replies = create(agent, try CallRequest.sample())
            #expect(await replies.next() != nil)
            _ = await agent.statistics()
            #expect(agent.liveSessions(of: "app") == 0)
        }
    }

    @Test func aCallThatItsClientLeavesDoesNotCount() async throws {
        let peer = try SIPPeer()
        let number = peer.expect("+17085854000")
        try await withAgent(peer) { agent in
            let request = try CallRequest.sample()
            _ = create(agent, request)
            let invite = try await number.invite()
            _ = invite.respond(180)
            agent.abandon(request.id)
            _ = try await number.acceptCancel(of: invite)
            await settles(agent)
        }
    }
}
