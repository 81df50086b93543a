import TestPeer
import TestSink
import Testing

/// Calls with a telephone that is not ours, baresip, which really answers offers: to it and from it.
@Suite(.serialized, .gateway(.inbound)) struct BaresipTests {
    /// A description a telephone agrees to, without DTLS.
    private func description(_ owner: String) -> JSONValue {
        let lines = [
            "v=0", "o=\(owner) 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 9 RTP/AVP 8",
            "a=rtpmap:8 PCMA/8000", "a=sendrecv",
        ]
        return ["sdp": .string(lines.joined(separator: "\r\n") + "\r\n")]
    }

    /// Runs `body` with a telephone and a device.
    private func run(_ body: (Baresip, Callee, String) async throws -> Void) async throws {
        let number = Numbers.next("+7")
        let callee = try await Callee.new()
        defer { callee.close() }
        let phone = try await Baresip.start(port: callee.scene.sippPort, number: number)
        do {
            try await body(phone, callee, number)
        } catch {
            Issue.record("baresip's log ends:\n\(phone.logTail)")
            try? await phone.stop()
            throw error
        }
        try await phone.stop()
    }

    private func post(_ callee: Callee, to number: String) async throws -> HTTPResponse {
        try await callee.device.send(
            "POST", callee.release.sessions, headers: [.init("registrationId", callee.registration)],
            json: [
                "originatorAddress": .string("tel:\(callee.device.number)"), "originatorName": "Alice",
                "receiverAddress": .string("tel:\(number)"), "receiverName": "Bob", "offer": description("app"),
            ])
    }

    private func put(
        _ callee: Callee, _ id: String, _ status: String, _ more: [String: JSONValue] = [:]
    ) async throws -> HTTPResponse {
        var change: JSONValue = ["status": .string(status)]
        for (name, value) in more { change[name] = value }
        return try await callee.device.send("PUT", "\(callee.release.sessions)/\(id)/status", json: change)
    }

    /// An application's call that the telephone rings for.
    private func ring(_ phone: Baresip, _ callee: Callee, _ number: String) async throws -> String {
        async let reply = post(callee, to: number)
        try await phone.told("CALL_INCOMING")
        let response = try await reply
        try #require(response.outcome == "201 Ringing", "\(response.text)")
        let id = try #require(response.json["mediaSessionId"]?.string)
        _ = try await callee.inbox.status("Ringing")
        return id
    }

    /// A call of the telephone, whose invitation the device has.
    private func dial(_ phone: Baresip, _ callee: Callee) async throws -> (id: String, invitation: SinkRequest) {
        try await phone.order("dial", "sip:\(callee.device.number)@\(callee.scene.gateway.sip)")
        let event = try await callee.inbox.kind("session-invitation")
        return (try #require(event.string("data.mediaSessionId")), event)
    }

    @Test("It is called, answers, holds and resumes, is held and resumed; the application hangs up")
    func called() async throws {
        try await run { phone, callee, number in
            let id = try await ring(phone, callee, number)
            try await phone.order("accept")
            try await phone.told("CALL_ESTABLISHED")
            let connected = try await callee.inbox.status("Connected")
            #expect(connected.string("data.answer.sdp")?.contains("PCMA/8000") == true)

            try await phone.order("hold")
            let held = try await callee.inbox.status("Hold")
            #expect(held.string("data.answer.sdp")?.contains("a=sendonly") == true)
            try await phone.order("resume")
            _ = try await callee.inbox.status("Resume")

            for status in ["Hold", "Resume"] {
                let response = try await put(callee, id, status)
                #expect(response.outcome == "200 \(status)", "\(response.text)\n\(phone.logTail)")
                _ = try await callee.inbox.status(status)
            }
            #expect(try await callee.device.send("DELETE", "\(callee.release.sessions)/\(id)").status == 204)
            try await phone.told("CALL_CLOSED")
            _ = try await callee.inbox.status("Terminated")
        }
    }

    @Test("It is called, answers and hangs up")
    func hangsUp() async throws {
        try await run { phone, callee, number in
            _ = try await ring(phone, callee, number)
            try await phone.order("accept")
            _ = try await callee.inbox.status("Connected")
            try await phone.told("CALL_ESTABLISHED")
            try await phone.order("hangup")
            _ = try await callee.inbox.status("Terminated")
        }
    }

    @Test("It is called and declines")
    func declines() async throws {
        try await run { phone, callee, number in
            _ = try await ring(phone, callee, number)
            try await phone.order("hangup")
            _ = try await callee.inbox.status("Busy")
        }
    }

    @Test("It is called, and the application gives up")
    func givenUp() async throws {
        try await run { phone, callee, number in
            let id = try await ring(phone, callee, number)
            #expect(try await callee.device.send("DELETE", "\(callee.release.sessions)/\(id)").status == 204)
            try await phone.told("CALL_CLOSED")
            _ = try await callee.inbox.status("SessionCancelled")
        }
    }

    @Test("It calls: rings, is answered and hangs up")
    func calls() async throws {
        try await run { phone, callee, _ in
            let (id, invitation) = try await dial(phone, callee)
            #expect(invitation.string("data.offer.sdp")?.contains("PCMA/8000") == true)
            #expect(try await put(callee, id, "Ringing").outcome == "200 Ringing")
            try await phone.told("CALL_RINGING")
            #expect(try await put(callee, id, "Connected", ["answer": description("app")]).outcome == "200 Connected")
            try await phone.told("CALL_ESTABLISHED")
            for status in ["Ringing", "Connected"] { _ = try await callee.inbox.status(status) }
            try await phone.order("hangup")
            _ = try await callee.inbox.status("Terminated")
        }
    }

    @Test("It calls and is answered; the application hangs up")
    func callsAndIsEnded() async throws {
        try await run { phone, callee, _ in
            let (id, _) = try await dial(phone, callee)
            #expect(try await put(callee, id, "Connected", ["answer": description("app")]).outcome == "200 Connected")
            try await phone.told("CALL_ESTABLISHED")
            _ = try await callee.inbox.status("Connected")
            #expect(try await callee.device.send("DELETE", "\(callee.release.sessions)/\(id)").status == 204)
            try await phone.told("CALL_CLOSED")
            _ = try await callee.inbox.status("Terminated")
        }
    }

    @Test("It calls and gives up")
    func callsAndGivesUp() async throws {
        try await run { phone, callee, _ in
            let (id, _) = try await dial(phone, callee)
            #expect(try await put(callee, id, "Ringing").outcome == "200 Ringing")
            try await phone.told("CALL_RINGING")
            try await phone.order("hangup")
            for status in ["Ringing", "SessionCancelled"] { _ = try await callee.inbox.status(status) }
        }
    }
}
