import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// Changes of the media and session timers in calls of the network, over real sockets.
@Suite("Mid-call in a call of the network") struct CalledMidCallTests {
    private func directed(_ sdp: String, _ direction: String) -> String {
        sdp.replacing("a=sendrecv", with: "a=\(direction)")
    }

    /// The caller's description, later on.
    private func callers(_ direction: String, version: Int) -> String {
        directed(SDP.answer("caller"), direction).replacing(" 1 IN", with: " \(version) IN")
    }

    private func connected(
        headers: [WireMessage.Header] = [], clock: ConnectedCall.Clock? = nil,
        _ body: (InboundScene, PeerCaller, SessionID) async throws -> Void
    ) async throws {
        let scene = try InboundScene { options in
            if let clock { options.clock = { clock.now } }
        }
        try await InboundScene.run(scene) { scene in
            let call = scene.call(supported: "timer", headers: headers)
            let id = try await scene.connected(call)
            try await body(scene, call, id)
        }
    }

    @Test func holdAndResumeWaitForTheCallersAnswer() async throws {
        try await connected { scene, call, id in
            for (status, direction, answer) in [
                (SessionStatus.hold, "sendonly", "recvonly"), (.resume, "sendrecv", "sendrecv"),
            ] {
                async let put = scene.put(id, status)
                let request = try await call.request(.invite)
                #expect(request.message.bodyText.contains("a=\(direction)\r\n"))
                #expect(
                    request.message.toTag
                        == call.invite.request["From"].flatMap { WireMessage.parameter("tag", of: $0) })
                #expect(request.message["Contact"] != nil)
                request.respond(200, sdp: callers(answer, version: status == .hold ? 2 : 3))
                let ack = try await call.request(.ack)
                #expect(ack.message.cseq?.number == request.message.cseq?.number)
                #expect(try await put?.status == status)
            }
            scene.agent.end(id)
            try await call.acceptBye()
            _ = try await scene.end(of: id)
            try await scene.expectNothingLeft()
        }
    }

    @Test(arguments: [488, 500])
    func aRefusalKeepsTheSession(status: Int) async throws {
        try await connected { scene, call, id in
            let put = Task { try await scene.put(id, .hold) }
            try await call.request(.invite).respond(status)
            await #expect(throws: CAMARAError.self) { try await put.value }
            #expect(scene.agent.session(id)?.status == .connected)
        }
    }

    @Test(arguments: [SIPMethod.invite, .update])
    func theCallerHoldsAndResumes(method: SIPMethod) async throws {
        try await connected { scene, call, id in
            for (theirs, ours, status, version) in [
                ("sendonly", "recvonly", SessionStatus.hold, 2), ("inactive", "inactive", .hold, 3),
                ("sendrecv", "sendrecv", .resume, 4),
            ] {
                let response = try await call.send(method, sdp: callers(theirs, version: version)).final()
                #expect(response.status == 200)
                #expect(response.bodyText.contains("a=\(ours)\r\n"))
                if method == .invite { _ = try call.send(.ack, cseq: response.cseq?.number) }
                #expect(scene.agent.session(id)?.status == status)
                #expect(scene.agent.session(id)?.offer?.text == callers(theirs, version: version))
            }
        }
    }

    @Test(arguments: [SIPMethod.invite, .update])
    func theDeviceAnswersTheCallersOtherMedia(method: SIPMethod) async throws {
        try await connected { scene, call, id in
            let request = try call.send(method, sdp: SDP.answer("other"))
            let asked = try #require(
                await scene.told.next { $0.session.offer?.text == SDP.answer("other") }?.session)
            #expect(asked.answer == nil)
            #expect(asked.status == .connected)
            let put = try await scene.put(id, .connected, answer: SDP.answer("device2"))
            #expect(put?.answer?.text == SDP.answer("device2"))
            let response = try await request.final()
            #expect(response.status == 200)
            #expect(response.bodyText == SDP.answer("device2").replacing(" 1 IN", with: " 2 IN"), "another version")
        }
    }

    @Test func aDevicesNewOfferIsAcceptedAndItsAnswerTold() async throws {
        try await connected { scene, call, id in
            #expect(try await scene.put(id, offer: SDP.answer("device2")) == nil)
            let request = try await call.request(.invite)
            #expect(
                request.message.bodyText == SDP.answer("device2").replacing(" 1 IN", with: " 2 IN"), "another version")
            request.respond(200, sdp: SDP.answer("caller2"))
            _ = try await call.request(.ack)
            let told = try #require(
                await scene.told.next { $0.session.answer?.text == SDP.answer("caller2") }?.session)
            #expect(told.offer?.text == SDP.answer("device2"))
        }
    }

    @Test(arguments: [(SIPMethod.invite, 488), (.update, 504)])
    func nobodyAnswersTheCallersOtherMedia(method: SIPMethod, status: Int) async throws {
        let clock = ConnectedCall.Clock()
        try await connected(clock: clock) { scene, call, id in
            let request = try call.send(method, sdp: SDP.answer("other"))
            _ = await scene.told.next { $0.session.offer?.text == SDP.answer("other") }
            clock.move(on: .seconds(11))
            #expect(try await request.final().status == status)
            #expect(scene.agent.session(id)?.offer?.text == SDP.answer("caller"))
            #expect(scene.agent.session(id)?.answer?.text == SDP.answer("device"))
        }
    }

    @Test(arguments: [SIPMethod.invite, .update])
    func theCallerMoves(method: SIPMethod) async throws {
        try await connected { scene, call, id in
            let uri = "sip:moved@127.0.0.1:\(scene.peer.port)"
            let moved = WireMessage.Header("Contact", "<\(uri)>")
            let response = try await call.send(
                method, sdp: method == .invite ? SDP.answer("caller") : nil, headers: [moved]
            ).final()
            #expect(response.status == 200)
            if method == .invite { _ = try call.send(.ack, cseq: response.cseq?.number) }
            try await scene.peer.fence(scene.gateway)
            #expect(scene.store.rows[id]?.dialog?.target == "<\(uri)>")
            scene.agent.end(id)
            #expect(try await call.acceptBye().requestURI == uri)
        }
    }

    // MARK: - Session timers (RFC 4028)

    @Test(arguments: [("1800;refresher=uac", "1800;refresher=uac"), ("1800", "1800;refresher=uas")])
    func our200AgreesToTheCallersTimer(asked: String, agreed: String) async throws {
        let scene = try InboundScene()
        try await InboundScene.run(scene) { scene in
            let call = scene.call(supported: "timer", headers: [.init("Session-Expires", asked)])
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, answer: SDP.answer("device"))
            let response = try await call.response(200)
            #expect(response["Session-Expires"] == agreed)
            #expect(response.tokens("Require").contains("timer"))
            try call.acknowledge()
        }
    }

    @Test func anIntervalThatIsTooSmallIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "timer", headers: [.init("Session-Expires", "60")])
            let response = try await call.refusal(422)
            #expect(response["Min-SE"] == "90")
            #expect(await scene.agent.liveCalls == 0)
        }
    }

    @Test func theCallerThatDoesNotRefreshIsGone() async throws {
        let clock = ConnectedCall.Clock()
        try await connected(headers: [.init("Session-Expires", "90;refresher=uac")], clock: clock) { scene, call, id in
            clock.move(on: .seconds(50))
            let refreshed = try await call.send(
                .update, headers: [.init("Supported", "timer"), .init("Session-Expires", "90;refresher=uac")]
            ).final()
            #expect(refreshed["Session-Expires"] == "90;refresher=uac")
            // The answer is on its way before the timer has been set anew.
            try await scene.peer.fence(scene.gateway)
            clock.move(on: .seconds(50))
            #expect(scene.agent.session(id)?.status == .connected)
            clock.move(on: .seconds(20))
            let bye = try await call.acceptBye()
            #expect(bye["Reason"]?.contains("Session timeout") == true)
            #expect(try await scene.end(of: id).reason == "session timeout")
        }
    }

    @Test(arguments: [true, false])
    func weRefresh(allowsUpdate: Bool) async throws {
        let clock = ConnectedCall.Clock()
        let allow = WireMessage.Header("Allow", "INVITE, ACK, BYE, CANCEL" + (allowsUpdate ? ", UPDATE" : ""))
        let method: SIPMethod = allowsUpdate ? .update : .invite
        try await connected(headers: [allow, .init("Session-Expires", "1800;refresher=uas")], clock: clock) {
            scene, call, id in
            clock.move(on: .seconds(901))
            let first = try await call.request(method)
            #expect(first.message["Session-Expires"] == "1800;refresher=uac")
            first.respond(422, headers: [.init("Min-SE", "2400")])
            // The ACK of a refused re-INVITE is the stack's; the next refresh follows by itself.
            if !allowsUpdate { _ = try await call.request(.ack) }
            try await scene.peer.fence(scene.gateway)
            clock.move(on: .seconds(1))
            let second = try await call.request(method)
            #expect(second.message["Session-Expires"] == "2400;refresher=uac")
            #expect(first.message["Min-SE"] == nil && second.message["Min-SE"] == "2400")
            second.respond(
                200, sdp: allowsUpdate ? nil : SDP.answer("caller"),
                headers: [.init("Session-Expires", "2400;refresher=uac")])
            if !allowsUpdate { _ = try await call.request(.ack) }
            try await scene.peer.fence(scene.gateway)
            clock.move(on: .seconds(1_201))
            let third = try await call.request(method)
            // RFC 4028 §7.4: for as long as the dialog lasts.
            #expect(third.message["Min-SE"] == "2400")
            third.respond(481)
            try await call.acceptBye()
            #expect(try await scene.end(of: id).reason == "session timeout")
        }
    }
}
