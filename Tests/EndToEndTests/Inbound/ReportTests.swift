import TestPeer
import Testing

/// REST → SIP (mapping §3): what each PUT of a called device sends to the network, and what it answers.
@Suite(.gateway(.inbound)) struct ReportTests {
    @Test("Each device report that gives the call up, and its response", arguments: Release.all)
    func refusals(release: Release) async throws {
        for (status, response) in [
            ("Busy", 486), ("Declined", 603), ("NoAnswer", 480), ("NotReachable", 480), ("Failed", 488),
        ] {
            let callee = try await Callee.new(release)
            defer { callee.close() }
            let incoming = try await callee.called()
            let put = try await incoming.put(status)
            #expect(put.outcome == "200 \(status)", incoming.ladder)
            #expect(try await incoming.call.refused().status == response, incoming.ladder)
            let event = try await incoming.told(status)
            #expect(event.string("data.reason")?.isEmpty == false)
            try await incoming.hasEnded(status)
        }
    }

    @Test("Terminated, SessionCancelled and DELETE before the answer decline it", arguments: Release.all)
    func hangUpBeforeTheAnswer(release: Release) async throws {
        for status in ["Terminated", "SessionCancelled", nil] {
            let callee = try await Callee.new(release)
            defer { callee.close() }
            let incoming = try await callee.called()
            if let status {
                #expect(try await incoming.put(status).outcome == "200 Declined", incoming.ladder)
            } else {
                #expect(try await incoming.delete().status == 204, incoming.ladder)
            }
            #expect(try await incoming.call.refused().status == 603, incoming.ladder)
            try await incoming.told("Declined")
            try await incoming.hasEnded("Declined")
        }
    }

    @Test("180, 182 and 183 go out as reported, Proceeding does not; the session follows", arguments: Release.all)
    func progress(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called()
        #expect(try await incoming.put("Proceeding").status == 204, incoming.ladder)
        try await incoming.fence()
        #expect(incoming.call.invite.statuses == [100], incoming.ladder)
        #expect(try await incoming.put("Waiting").outcome == "200 Waiting")
        let queued = try await incoming.call.response(182)
        #expect(queued.body.isEmpty)
        let early = try await incoming.put("InProgress", ["answer": IncomingCall.answer])
        #expect(early.outcome == "200 InProgress", incoming.ladder)
        #expect(try await incoming.call.response(183).bodyText == SDP.answer("app"), incoming.ladder)
        #expect(try await incoming.put("Ringing").outcome == "200 Ringing")
        let ringing = try await incoming.call.response(180)
        #expect(ringing.toTag == queued.toTag)
        #expect(ringing.contactURI != nil)
        // Said twice, sent once.
        #expect(try await incoming.put("Ringing").outcome == "200 Ringing")
        #expect(try await incoming.put("Connected").outcome == "200 Connected", incoming.ladder)
        try await incoming.call.answered()
        try await incoming.fence()
        #expect(incoming.call.invite.statuses == [100], incoming.ladder)
        for status in ["Waiting", "InProgress", "Ringing", "Connected"] { try await incoming.told(status) }
        #expect(try await incoming.delete().status == 204)
        try await incoming.call.acceptBye()
    }

    @Test("Ringing may carry the answer too")
    func ringingWithAnAnswer() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        #expect(try await incoming.put("Ringing", ["answer": IncomingCall.answer]).outcome == "200 Ringing")
        #expect(try await incoming.call.response(180).bodyText == SDP.answer("app"), incoming.ladder)
        try await incoming.put("Busy")
        try await incoming.call.refused()
    }

    @Test("Connected: 200 with the answer; DELETE: 204 at once, BYE, and Terminated on its 200", arguments: Release.all)
    func wholeCall(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called()
        try await incoming.put("Ringing")
        _ = try await incoming.call.response(180)
        try await incoming.connect()
        let answer = try await incoming.call.answered()
        #expect(answer.bodyText == SDP.answer("app"), incoming.ladder)
        #expect(answer["Content-Type"] == "application/sdp")
        #expect(answer.contactURI != nil)
        let shown = try await incoming.read()
        #expect(shown.outcome == "200 Connected")
        #expect(shown.json["answer"]?["sdp"]?.string == SDP.answer("app"))
        try await incoming.told("Ringing")
        let connected = try await incoming.told("Connected")
        #expect(connected.string("data.answer.sdp") == SDP.answer("app"))
        // A repeat changes nothing.
        #expect(try await incoming.put("Connected", ["answer": IncomingCall.answer]).outcome == "200 Connected")

        #expect(try await incoming.delete().status == 204)
        let bye = try await incoming.call.request(.bye)
        #expect(bye.message["Reason"]?.hasPrefix("Q.850;cause=16") == true, incoming.ladder)
        #expect(bye.message.callID == incoming.call.callID)
        #expect(bye.message.fromTag == answer.toTag)
        #expect(callee.inbox.unread.isEmpty, "told before the BYE was answered")
        bye.respond(200)
        try await incoming.told("Terminated")
        try await incoming.hasEnded("Terminated")
    }

    @Test("PUT Terminated after the answer is BYE as well", arguments: ["Terminated", "SessionCancelled"])
    func hangUpByPut(status: String) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.connected()
        #expect(try await incoming.put(status).status == 204, incoming.ladder)
        try await incoming.call.acceptBye()
        try await incoming.told("Terminated")
    }

    @Test("The caller hangs up: 200, and Terminated with a reason")
    func byTheCaller() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.connected()
        let bye = try incoming.call.send(.bye, headers: [.init("Reason", "Q.850;cause=16")])
        #expect(try await bye.final().status == 200, incoming.ladder)
        let event = try await incoming.told("Terminated")
        #expect(event.string("data.reason")?.contains("Q.850;cause=16") == true)
        try await incoming.hasEnded("Terminated")
        #expect(try await incoming.delete().status == 204)
    }

    @Test("Initial is 400; what does not fit the state is 409", arguments: Release.all)
    func misfits(release: Release) async throws {
        let conflict = release == .r2 ? "409 CONFLICT" : "409 INCOMPATIBLE_STATE"
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called()
        #expect(try await incoming.put("Initial").outcome == "400 INVALID_ARGUMENT")
        #expect(try await incoming.put("Connected").outcome == "400 INVALID_ARGUMENT", "there is no answer")
        #expect(try await incoming.put("Hold").outcome == conflict)
        #expect(try await incoming.put("Resume").outcome == conflict)
        try await incoming.connect()
        try await incoming.call.answered()
        #expect(try await incoming.put("Ringing").outcome == conflict)
        #expect(try await incoming.put("Busy").outcome == conflict)
        #expect(try await incoming.delete().status == 204)
        try await incoming.call.acceptBye()
        try await incoming.told("Connected")
        try await incoming.told("Terminated")
        for status in ["Connected", "Ringing", "Declined", "Terminated"] {
            #expect(try await incoming.put(status).outcome == conflict, "\(status) after the end")
        }
        let unknown = try await callee.device.send(
            "PUT", "\(release.sessions)/unknown/status", json: ["status": "Ringing"])
        #expect(unknown.outcome == "404 NOT_FOUND")
    }

    /// The seed's mount shows the session as well, and takes r2.2's wrapper.
    @Test func onTheSeedsPath() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        let path = "\(Attempt.sessions)/\(incoming.id)"
        #expect(try await callee.device.send("GET", path).outcome == "200 Initial")
        let body: JSONValue = ["receiverSessionStatus": ["status": "Connected", "answer": IncomingCall.answer]]
        #expect(try await callee.device.send("PUT", path + "/status", json: body).outcome == "200 Connected")
        try await incoming.call.answered()
        #expect(try await callee.device.send("DELETE", path).status == 204)
        try await incoming.call.acceptBye()
    }

    @Test("A caller with 100rel: the 183 is reliable, the 180 waits for its PRACK, the 200 has no SDP")
    func reliable() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called(headers: [.init("Supported", "100rel")])
        try await incoming.put("InProgress", ["answer": IncomingCall.answer])
        let early = try await incoming.call.response(183)
        #expect(early.tokens("Require").contains("100rel"), incoming.ladder)
        #expect(early["RSeq"] != nil)
        #expect(early.bodyText == SDP.answer("app"))
        #expect(try await incoming.put("Ringing").outcome == "200 Ringing")
        #expect(try await incoming.put("Connected").outcome == "200 Connected")
        try await incoming.fence()
        #expect(
            !incoming.call.invite.statuses.contains(180) && !incoming.call.invite.statuses.contains(200),
            incoming.ladder)
        #expect(try await incoming.call.acknowledge(early).final().status == 200, incoming.ladder)
        let answer = try await incoming.call.answered()
        #expect(answer.body.isEmpty, incoming.ladder)
        #expect(try await incoming.delete().status == 204)
        try await incoming.call.acceptBye()
    }
}
