import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// Requests of ours in a dialog: what their answers lead to, and when their transactions are let go. Under the address
/// sanitizer these tests show a response that is read after its transaction has gone.
@Suite("Requests of ours in mid-call")
struct MidCallTests {
    private static let allow = WireMessage.Header("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, OPTIONS")
    private static let allowsNoUpdate = WireMessage.Header("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, OPTIONS")
    private static let weRefresh = WireMessage.Header("Session-Expires", "1800;refresher=uac")

    private func elsewhere(_ call: ConnectedCall) -> (uri: String, header: WireMessage.Header) {
        let uri = "sip:moved@127.0.0.1:\(call.peer.port)"
        return (uri, WireMessage.Header("Contact", "<\(uri)>"))
    }

    @Test func aChangeIsAcknowledgedAsOftenAsItsAnswerComes() async throws {
        try await ConnectedCall.with { call in
            let replies = Mailbox<Bool>()
            call.agent.update(call.id, with: SessionChange(status: .hold)) { replies.put((try? $0.get()) != nil) }
            let request = try await call.number.request(.invite) { $0.toTag != nil }
            let sdp = SDP.answer("held")
            let moved = elsewhere(call)
            let response = request.respond(200, sdp: sdp, headers: [moved.header])
            let ack = try await call.number.request(.ack)
            #expect(ack.message.cseq?.number == request.message.cseq?.number)
            #expect(ack.message.requestURI == moved.uri)
            #expect(await replies.next() == true)
            #expect(call.agent.session(call.id)?.answer?.text == sdp)
            request.send(response)
            let again = try await call.number.request(.ack)
            #expect(again.message.cseq?.number == ack.message.cseq?.number)
            await call.keeps("the new target") { $0?.dialog?.target == "<\(moved.uri)>" }
            let bye = try await call.end()
            #expect(bye.requestURI == moved.uri)
        }
    }

    @Test(arguments: [false, true])
    func aRefreshMovesTheTargetAndItsAnswerIsRead(usesUpdate: Bool) async throws {
        let allowed = usesUpdate ? Self.allow : Self.allowsNoUpdate
        try await ConnectedCall.with(headers: [Self.weRefresh, allowed]) { call in
            call.clock.move(on: .seconds(901))
            let request = try await call.number.request(usesUpdate ? .update : .invite) { $0.toTag != nil }
            let moved = elsewhere(call)
            let sdp = usesUpdate ? nil : SDP.answer("refreshed")
            let response = request.respond(200, sdp: sdp, headers: [moved.header, Self.weRefresh])
            if let sdp {
                let ack = try await call.number.request(.ack)
                #expect(ack.message.requestURI == moved.uri)
                request.send(response)
                let again = try await call.number.request(.ack)
                #expect(again.message.cseq?.number == ack.message.cseq?.number)
                #expect(call.agent.session(call.id)?.answer?.text == sdp)
            }
            await call.keeps("the new target") { $0?.dialog?.target == "<\(moved.uri)>" }
            let bye = try await call.end()
            #expect(bye.requestURI == moved.uri)
        }
    }

    /// RFC 4028 §7.2: a 2xx without Session-Expires would leave the session without a timer, and the peer would refresh it no
    /// more, while we wait for that and hang up.
    @Test(arguments: [SIPMethod.update, .invite])
    func aRequestThatNamesNoIntervalLeavesTheTimerRunning(method: SIPMethod) async throws {
        let theyRefresh = WireMessage.Header("Session-Expires", "1800;refresher=uas")
        try await ConnectedCall.with(headers: [theyRefresh, Self.allowsNoUpdate]) { call in
            let request = try call.number.send(method, sdp: method == .invite ? SDP.answer() : nil)
            let response = try await request.final()
            #expect(response.status == 200)
            #expect(response["Session-Expires"] == "1800;refresher=uas")
            if method == .invite { _ = try call.number.send(.ack, cseq: response.cseq?.number) }
            // Refreshing is ours now; the answer is on its way before the timer has been set anew.
            try await call.peer.fence(call.gateway)
            call.clock.move(on: .seconds(901))
            let refresh = try await call.number.request(.invite) { $0.toTag != nil }
            #expect(refresh.message["Session-Expires"] == "1800;refresher=uac")
            refresh.respond(200, sdp: SDP.answer(), headers: [Self.weRefresh])
            _ = try await call.number.request(.ack)
        }
    }

    @Test func anAnswerThatNamesNoIntervalLeavesTheRefreshingToUs() async throws {
        let theyRefresh = WireMessage.Header("Session-Expires", "1800;refresher=uas")
        try await ConnectedCall.with(headers: [theyRefresh, Self.allowsNoUpdate]) { call in
            let replies = Mailbox<Bool>()
            call.agent.update(call.id, with: SessionChange(status: .hold)) { replies.put((try? $0.get()) != nil) }
            let request = try await call.number.request(.invite) { $0.toTag != nil }
            request.respond(200, sdp: SDP.answer("held"))
            _ = try await call.number.request(.ack)
            #expect(await replies.next() == true)
            try await call.peer.fence(call.gateway)
            call.clock.move(on: .seconds(901))
            let refresh = try await call.number.request(.invite) { $0.toTag != nil }
            refresh.respond(200, sdp: SDP.answer("held"), headers: [Self.weRefresh])
            _ = try await call.number.request(.ack)
        }
    }

    @Test func aTargetRefreshOfThePeerIsKept() async throws {
        try await ConnectedCall.with { call in
            let moved = elsewhere(call)
            let response = try await call.number.send(.update, headers: [moved.header]).final()
            #expect(response.status == 200)
            await call.keeps("the new target") { $0?.dialog?.target == "<\(moved.uri)>" }
        }
    }

    @Test(arguments: [(true, 422), (false, 200)])
    func anIntervalThatIsTooSmallIsRefusedToWhomKnowsTimers(knowsTimers: Bool, status: Int) async throws {
        try await ConnectedCall.with { call in
            let supported = knowsTimers ? [WireMessage.Header("Supported", "timer")] : []
            let response = try await call.number.send(
                .update, headers: [WireMessage.Header("Session-Expires", "30")] + supported
            ).final()
            #expect(response.status == status)
            #expect(response["Min-SE"] == (knowsTimers ? "90" : nil))
        }
    }

    @Test(arguments: [(SIPMethod.invite, 488), (.update, 504)])
    func anOfferOfOtherMediaThatNobodyAnswersIsRefusedInTime(method: SIPMethod, status: Int) async throws {
        try await ConnectedCall.with { call in
            let before = call.agent.session(call.id)
            let request = try call.number.send(method, sdp: SDP.answer("other"))
            let deadline = ContinuousClock.now + Patience.standard
            while call.agent.session(call.id)?.answer != nil, ContinuousClock.now < deadline { await Task.yield() }
            #expect(call.agent.session(call.id)?.offer?.text == SDP.answer("other"))
            call.clock.move(on: .seconds(9))
            try await call.peer.fence(call.gateway)
            #expect(!request.hasResponse || method == .invite, "100 at most")
            call.clock.move(on: .seconds(2))
            #expect(try await request.final().status == status)
            let after = call.agent.session(call.id)
            #expect(after?.offer == before?.offer && after?.answer == before?.answer)
            #expect(after?.reason == "the network's offer was not answered")
        }
    }

    @Test func aChangeThatTakesTooLongIsCancelledWithAReason() async throws {
        try await ConnectedCall.with { call in
            let replies = Mailbox<Bool>()
            call.agent.update(call.id, with: SessionChange(status: .hold)) { replies.put((try? $0.get()) != nil) }
            let request = try await call.number.request(.invite) { $0.toTag != nil }
            let session = WireMessage.Header("Session-ID", "47755a9de7794ba387653f2099600ef2;remote=x")
            request.respond(100, headers: [session])
            try await call.peer.fence(call.gateway)
            call.clock.move(on: .seconds(11))
            #expect(await replies.next() == false)
            let cancel = try await call.number.acceptCancel(of: request)
            #expect(cancel["Reason"] == "Q.850;cause=102;text=\"Recovery on timer expiry\"")
            #expect(cancel["Session-ID"] == request.message["Session-ID"], "RFC 7989 §6")
        }
    }
}
