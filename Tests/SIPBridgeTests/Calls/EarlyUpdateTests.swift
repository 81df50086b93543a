import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// What becomes of an UPDATE of ours in an early dialog.
@Suite("UPDATEs of ours before the answer")
struct EarlyUpdateTests {
    /// The dialog it is in is over, and so is its transaction: the stack would keep it, with its messages, to the agent's end.
    @Test func oneThatIsOpenWhenAnotherForkAnswersIsLetGo() async throws {
        let peer = try SIPPeer()
        let loopback = [IPNetwork("127.0.0.0/8")].compactMap(\.self)
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port), domain: "ims.example",
            inbound: loopback)
        var options = SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]), policy: CallPolicy(timeout: .seconds(300)))
        // 64·T1, for which the ACKs stay.
        options.t1 = .milliseconds(60)
        options.timerB = .milliseconds(3_840)
        let agent = SIPAgent(options: options)
        _ = try agent.start()
        do {
            try await answerElsewhere(agent, peer)
            // The two INVITEs stay for 32 s after their answers, others for 5 (Timers D and K of RFC 3261 §17.1).
            let deadline = ContinuousClock.now + Patience.standard
            while await agent.statistics().clientTransactions > 2, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            let left = await agent.statistics()
            #expect(left.clientTransactions == 2, "\(left)")
        } catch {
            await agent.stop(deadline: .zero)
            throw error
        }
        await agent.stop(deadline: .zero)
    }

    private func answerElsewhere(_ agent: SIPAgent, _ peer: SIPPeer) async throws {
        let number = peer.expect("+17085854000")
        let request = try CallRequest.sample()
        let replies = Mailbox<Bool>()
        agent.create(request) { replies.put((try? $0.get()) != nil) }
        let invite = try await number.invite()
        let allow = WireMessage.Header("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE")
        invite.respond(183, sdp: SDP.answer(), reliable: 1, headers: [allow])
        try await number.request(.prack).respond(200)
        #expect(await replies.next() == true)
        let changes = Mailbox<Bool>()
        agent.update(request.id, with: SessionChange(offer: try SessionDescription(SDP.offer("second")))) {
            changes.put((try? $0.get()) != nil)
        }
        let update = try await number.request(.update)
        invite.respond(200, tag: "other", sdp: SDP.answer("other"))
        let again = try await number.request(.invite) { $0.toTag == "other" }
        again.respond(200, sdp: SDP.answer("other"))
        update.respond(200, sdp: SDP.answer("late"))
        agent.end(request.id)
        _ = try await number.acceptBye()
    }
}
