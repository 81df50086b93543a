import CallCore
import Synchronization
import TestPeer
import Testing

@testable import SIPBridge

/// What an earlier run has left up, on real sockets.
@Suite("Calls of an earlier run")
struct LeftCallTests {
    private func left(_ id: String, port: UInt16) -> StoredCall {
        StoredCall(
            session: .sample(id, status: .connected),
            dialog: StoredCall.Dialog(
                callID: "left-\(id)", local: "<sip:a@gw.example>;tag=1", remote: "<sip:b@ims.example>;tag=2",
                routes: nil, target: "<sip:b@127.0.0.1:\(port);transport=tcp>", localCSeq: 1, remoteCSeq: 1),
            nextHop: "sip:127.0.0.1:\(port);transport=tcp")
    }

    private func withAgent(
        _ kept: ConnectedCall.Kept, told: Mailbox<Session>, _ body: (SIPAgent) async throws -> Void
    ) async throws {
        var options = SIPOptions(
            listen: [SIPAddress(transport: .tcp, host: "127.0.0.1", port: 0)], domain: "gw.example",
            t1: .milliseconds(10), t2: .milliseconds(20), timerB: .milliseconds(640), trunks: [.sample()],
            routes: RouteTable([]))
        options.calls = kept
        options.onSessionChange = { told.put($0) }
        let agent = SIPAgent(options: options)
        _ = try agent.start()
        do {
            try await body(agent)
        } catch {
            await agent.stop(deadline: .zero)
            throw error
        }
        await agent.stop(deadline: .zero)
    }

    @Test func theEndIsToldOnceThoughTheNextRunIsKilledToo() async throws {
        let (kept, told) = (ConnectedCall.Kept(), Mailbox<Session>())
        let call = left("m1", port: try FreePort.next())
        try await withAgent(kept, told: told) { agent in
            await agent.tellLeftCalls([call])
            let first = await told.next()
            #expect(first?.status == .terminated)
            #expect(first?.sequenceNumber == call.session.sequenceNumber + 1)
            await agent.endLeftCalls([call])
        }
        let again = try #require(kept.call(call.session.id))
        #expect(again.session.status == .terminated)
        #expect(again.dialog == call.dialog)
        try await withAgent(kept, told: told) { agent in
            await agent.tellLeftCalls([again])
            #expect(agent.session(call.session.id) == again.session)
            #expect(told.values.isEmpty)
        }
    }

    @Test func aPeerThatCannotBeReachedAtOnceIsTriedAgain() async throws {
        let (kept, told) = (ConnectedCall.Kept(), Mailbox<Session>())
        let port = try FreePort.next()
        let call = left("m2", port: port)
        try await withAgent(kept, told: told) { agent in
            kept.keep(call)
            await agent.endLeftCalls([call])
            // Nobody listens: the first BYE has failed when the transaction is gone and the call is kept.
            try await settles { await agent.statistics().dialogs == 0 }
            #expect(kept.call(call.session.id) != nil)
            let peer = try SIPPeer(port: port)
            let bye = try #require(await peer.strays.next())
            #expect(bye.message.method == .bye)
            #expect((bye.message.cseq?.number ?? 0) > 10_001, "its number is higher than that of the one before")
            bye.respond(200)
            try await settles { kept.call(call.session.id) == nil }
        }
    }

    @Test func aPeerThatIsGoneForGoodIsGivenUp() async throws {
        let (kept, told) = (ConnectedCall.Kept(), Mailbox<Session>())
        let call = left("m3", port: try FreePort.next())
        try await withAgent(kept, told: told) { agent in
            kept.keep(call)
            await agent.endLeftCalls([call])
            try await settles { kept.call(call.session.id) == nil }
            #expect(await agent.statistics().dialogs == 0)
        }
    }

    private func settles(_ isSo: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while !(await isSo()) {
            guard ContinuousClock.now < deadline else { throw PatienceLost("the state waited for", ladder: "") }
            await Task.yield()
        }
    }
}
