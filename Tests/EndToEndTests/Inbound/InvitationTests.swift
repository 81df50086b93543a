import Foundation
import TestPeer
import TestSink
import Testing

/// INVITE → `session-invitation` (mapping §3): who is invited, with what, and which calls become none.
@Suite(.gateway(.inbound)) struct InvitationTests {
    @Test("The session is there before its invitation, which is event number 1", arguments: Release.all)
    func invited(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called(
            headers: [.init("From", "\"Carol C\" <sip:+19195550100@ims.example;user=phone>;tag=carol")])
        _ = try await incoming.call.response(100)
        let event = incoming.invitation
        #expect(event.string("type") == release.type("session-invitation"))
        #expect(event.string("data.status") == "Initial")
        #expect(event.int("data.sequenceNumber") == 1)
        #expect(event.string("data.receiverAddress") == "tel:\(callee.device.number)")
        #expect(event.string("data.offer.sdp") == SDP.offer("caller"))
        #expect(event.string("data.answer.sdp") == nil)
        #expect(event.string("data.originatorAddress")?.contains("+19195550100") == true)
        let correlator = try #require(event.headers["x-correlator"])
        #expect(!correlator.isEmpty)

        let shown = try await incoming.read()
        #expect(shown.outcome == "200 Initial", incoming.ladder)
        #expect(shown.json["offer"]?["sdp"]?.string == SDP.offer("caller"))
        #expect(shown.json["receiverAddress"]?.string == "tel:\(callee.device.number)")
        #expect(shown.json["originatorAddress"]?.string == event.string("data.originatorAddress"))
        #expect(shown.json["offerRequired"] == nil)

        // All events of the call carry the same correlator.
        try await incoming.put("Ringing")
        #expect(try await incoming.told("Ringing").headers["x-correlator"] == correlator)
        try await incoming.put("Declined")
        #expect(try await incoming.call.refused().status == 603, incoming.ladder)
        #expect(try await incoming.told("Declined").headers["x-correlator"] == correlator)
    }

    /// 0.4 lets a subscription have both types: its numbers then run on.
    @Test func oneSubscriptionForBoth() async throws {
        let device = try Device(try scene(), .r3)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        _ = try await device.register()
        var body = device.subscriptionBody(to: inbox.url, Device.Wish())
        body["types"] = [
            .string(device.release.type("session-invitation")), .string(device.release.type("session-status")),
        ]
        #expect(try await device.send("POST", device.release.subscriptions, json: body).status == 201)
        let call = device.scene.peer.place(device.number, to: device.scene.gateway.sip)
        let invitation = try await inbox.kind("session-invitation")
        let id = try #require(invitation.string("data.mediaSessionId"))
        let path = "\(device.release.sessions)/\(id)/status"
        for status in ["Ringing", "Busy"] {
            #expect(try await device.send("PUT", path, json: ["status": .string(status)]).status == 200)
        }
        #expect(try await call.refused().status == 486)
        let events = [invitation, try await inbox.status("Ringing"), try await inbox.status("Busy")]
        #expect(events.map { $0.int("data.sequenceNumber") } == [1, 2, 3])
    }

    /// A subscription is not needed: the application may poll.
    @Test func withoutASubscription() async throws {
        let device = try Device(try scene(), .r2)
        _ = try await device.register()
        let call = device.scene.peer.place(device.number, to: device.scene.gateway.sip)
        _ = try await call.response(100)
        try await device.scene.peer.fence(device.scene.gateway.sip)
        #expect(call.invite.statuses.isEmpty, "\(call.ladder)")
        call.cancel()
        #expect(try await call.refused().status == 487, "\(call.ladder)")
    }

    @Test("Outside servedNumbers 404; inside without a registration 480")
    func nobodyIsThere() async throws {
        let scene = try scene()
        let foreign = scene.peer.place("+4930123456", to: scene.gateway.sip)
        #expect(try await foreign.refused().status == 404, "\(foreign.ladder)")
        let unregistered = scene.peer.place(Numbers.next("+4915"), to: scene.gateway.sip)
        #expect(try await unregistered.refused().status == 480, "\(unregistered.ladder)")
        let callee = try await Callee.new()
        defer { callee.close() }
        let ended = try await callee.device.send(
            "DELETE", "\(callee.release.registrations)/\(callee.registration)")
        #expect(ended.status == 204)
        let gone = callee.place()
        #expect(try await gone.refused().status == 480, "\(gone.ladder)")
    }

    @Test("An offerless INVITE: the client makes the offer, the ACK brings the answer", arguments: Release.all)
    func offerless(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called(sdp: nil)
        #expect(incoming.invitation.string("data.offer.sdp") == nil)
        let isTold = String(decoding: incoming.invitation.body, as: UTF8.self).contains("\"offerRequired\":true")
        #expect(isTold == (release == .r2))
        let shown = try await incoming.read()
        #expect(shown.outcome == "200 Initial")
        #expect((shown.json["offerRequired"] == .bool(true)) == (release == .r2))

        // There is nothing to answer.
        let early = try await incoming.put("Connected", ["answer": IncomingCall.answer])
        #expect((400..<500).contains(early.status), incoming.ladder)
        let connected = try await incoming.put("Connected", ["offer": ["sdp": .string(SDP.offer("app"))]])
        #expect(connected.outcome == "200 Connected", incoming.ladder)
        let answer = try await incoming.call.answered(ack: SDP.answer("caller"))
        #expect(answer.bodyText == SDP.offer("app"), incoming.ladder)
        try await incoming.told("Connected")
        let event = try await incoming.told("Connected")
        #expect(event.string("data.answer.sdp") == SDP.answer("caller"), incoming.ladder)
        #expect(try await incoming.delete().status == 204)
        try await incoming.call.acceptBye()
        try await incoming.told("Terminated")
    }

    /// Client and user own the session, through the device that was invited.
    @Test(arguments: Release.all)
    func whoseSession(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called()
        let device = callee.device
        let otherClient = try Device(device.scene, release, id: device.id, number: device.number, client: "app-2")
        let otherUser = try Device(device.scene, release, id: device.id)
        for stranger in [otherClient, otherUser] {
            let change: JSONValue = ["status": "Connected", "answer": IncomingCall.answer]
            #expect(try await stranger.send("GET", incoming.path).outcome == "404 NOT_FOUND")
            #expect(try await stranger.send("PUT", incoming.path, json: change).outcome == "404 NOT_FOUND")
            #expect(try await stranger.send("DELETE", incoming.path).outcome == "404 NOT_FOUND")
        }
        let own = [WireMessage.Header("registrationId", callee.registration)]
        #expect(try await device.send("GET", incoming.path, headers: own).status == 200)
        let none = [WireMessage.Header("registrationId", "none")]
        #expect(try await device.send("GET", incoming.path, headers: none).outcome == "403 PERMISSION_DENIED")
        try await incoming.fence()
        #expect(incoming.call.invite.statuses == [100], incoming.ladder)
        try await incoming.put("Busy")
        try await incoming.call.refused()
    }
}

/// A source that is no trunk's (mapping §3, configuration `sip.unknownSource`).
@Suite(.gateway(.strangers)) struct UnknownSourceTests {
    @Test func isRefused() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let call = callee.place()
        #expect(try await call.refused().status == 403, "\(call.ladder)")
        #expect(callee.inbox.unread.isEmpty)
    }
}
