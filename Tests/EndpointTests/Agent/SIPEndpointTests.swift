import CallCore
import SIPBridge
import Testing

@testable import Endpoint
@testable import TestPeer

/// The endpoint over real sockets.
@Suite struct SIPEndpointTests {
    private func with(
        _ running: RunningEndpoint, _ body: (RunningEndpoint, Caller) async throws -> Void
    ) async throws {
        do {
            try await body(running, running.caller)
            #expect(await running.endpoint.liveCalls == 0, "calls are left behind")
        } catch {
            running.endpoint.stop()
            throw error
        }
        running.endpoint.stop()
    }

    @Test("An ordinary call: 180, 200 with SDP, ACK, BYE")
    func ordinary() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, call: "ordinary", sdp: SDP.offer())
            let ringing = try await caller.response(180, call: "ordinary")
            #expect(ringing.body.isEmpty)
            #expect(ringing.contactURI?.contains("\(running.address)") == true)
            try await running.advance(by: .milliseconds(500))
            let answer = try await caller.response(200, call: "ordinary")
            #expect(answer.toTag == ringing.toTag)
            #expect(answer["Content-Type"] == "application/sdp")
            _ = try SessionDescription(answer.bodyText)
            #expect(answer.tokens("Allow").contains("UPDATE"))
            caller.acknowledge(answer, of: invite)
            caller.send(.bye, call: "ordinary", cseq: 2, toTag: answer.toTag, uri: answer.contactURI)
            _ = try await caller.response(200, to: .bye, call: "ordinary")
            try await running.fence("ordinary")
            #expect(
                running.ladder("ordinary") == [
                    "← INVITE +17085854000", "→ 180 Ringing (INVITE)", "→ 200 OK (INVITE)", "← ACK", "← BYE",
                    "→ 200 OK (BYE)",
                ])
        }
    }

    @Test(
        "A final response by its code, acknowledged in its transaction", arguments: [302, 401, 404, 486, 499, 503, 603])
    func refused(status: Int) async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854\(status)", call: "refused", sdp: SDP.offer())
            let response = try await caller.response(status, call: "refused")
            #expect(response.toTag != nil)
            if status == 302 { #expect(response.contactURI == "sip:+17085854200@\(running.address)") }
            if status == 401 { #expect(response["WWW-Authenticate"]?.hasPrefix("Digest ") == true) }
            caller.acknowledge(response, of: invite)
            try await running.fence("refused")
        }
    }

    @Test("183 is reliable, the 200 waits for its PRACK and carries no second answer")
    func reliable() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(
                .invite, number: "+17085854183", call: "reliable", sdp: SDP.offer(),
                headers: [.init("Supported", "100rel")])
            let progress = try await caller.response(183, call: "reliable")
            #expect(progress.tokens("Require").contains("100rel"))
            #expect(!progress.body.isEmpty)
            try await running.advance(by: .seconds(10))
            try await running.fence("reliable-1")
            #expect(!caller.unread("reliable").contains { $0.status == 200 })
            let rseq = try #require(progress["RSeq"])
            caller.send(
                .prack, call: "reliable", cseq: 2, toTag: progress.toTag,
                headers: [.init("RAck", "\(rseq) 1 INVITE")], uri: progress.contactURI)
            _ = try await caller.response(200, to: .prack, call: "reliable")
            try await running.advance(by: .seconds(2))
            let answer = try await caller.response(200, call: "reliable")
            #expect(answer.body.isEmpty)
            #expect(answer.toTag == progress.toTag)
            caller.acknowledge(answer, of: invite)
            caller.send(.bye, call: "reliable", cseq: 3, toTag: answer.toTag, uri: answer.contactURI)
            _ = try await caller.response(200, to: .bye, call: "reliable")
        }
    }

    @Test("Without 100rel the 183 is an ordinary one")
    func unreliable() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854183", call: "plain", sdp: SDP.offer())
            let progress = try await caller.response(183, call: "plain")
            #expect(progress["RSeq"] == nil && !progress.body.isEmpty)
            try await running.advance(by: .seconds(2))
            let answer = try await caller.response(200, call: "plain")
            #expect(answer.body == progress.body)
            caller.acknowledge(answer, of: invite)
            caller.send(.bye, call: "plain", cseq: 2, toTag: answer.toTag, uri: answer.contactURI)
            _ = try await caller.response(200, to: .bye, call: "plain")
        }
    }

    @Test("No PRACK: the INVITE is given up with 504")
    func noPRACK() async throws {
        let running = try RunningEndpoint(timerB: .milliseconds(400), t1: .milliseconds(100))
        try await with(running) { running, caller in
            let invite = caller.send(
                .invite, number: "+17085854183", call: "lost-prack", sdp: SDP.offer(),
                headers: [.init("Supported", "100rel")])
            _ = try await caller.response(183, call: "lost-prack")
            let final = try await caller.response(504, call: "lost-prack")
            caller.acknowledge(final, of: invite)
            try await running.fence("lost-prack")
        }
    }

    @Test("No ACK: the answered call is ended with BYE")
    func noACK() async throws {
        let running = try RunningEndpoint(timerB: .milliseconds(400), t1: .milliseconds(100))
        try await with(running) { running, caller in
            caller.send(.invite, number: "+17085854200", call: "lost-ack", sdp: SDP.offer())
            _ = try await caller.response(200, call: "lost-ack")
            let bye = try await caller.request(.bye, call: "lost-ack")
            caller.respond(200, to: bye)
            try await running.fence("lost-ack")
        }
    }

    @Test("Two phones have two tags; the ACK goes to the one that answered")
    func fork() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854701", call: "fork", sdp: SDP.offer())
            let progress = try await caller.response(183, call: "fork")
            #expect(!progress.body.isEmpty)
            try await running.advance(by: .milliseconds(300))
            let ringing = try await caller.response(180, call: "fork")
            #expect(ringing.toTag != nil && ringing.toTag != progress.toTag)
            try await running.advance(by: .seconds(1))
            let answer = try await caller.response(200, call: "fork")
            #expect(answer.toTag == ringing.toTag)
            caller.acknowledge(answer, of: invite)
            try await running.fence("fork")
            #expect(running.ladder("fork").last == "← ACK")
            caller.send(.bye, call: "fork", cseq: 2, toTag: answer.toTag, uri: answer.contactURI)
            _ = try await caller.response(200, to: .bye, call: "fork")
        }
    }

    @Test("CANCEL is answered 200 and the INVITE 487", arguments: ["+17085854100", "+17085854702", "+17085854183"])
    func cancelled(number: String) async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(
                .invite, number: number, call: "cancelled", sdp: SDP.offer(), headers: [.init("Supported", "100rel")])
            let status = number.hasSuffix("702") ? 180 : number.hasSuffix("183") ? 183 : 100
            let first = try await caller.response(status, call: "cancelled")
            #expect((first.toTag == nil) == (status == 100))
            caller.send(.cancel, number: number, call: "cancelled", branch: invite.branch)
            _ = try await caller.response(200, to: .cancel, call: "cancelled")
            let final = try await caller.response(487, call: "cancelled")
            caller.acknowledge(final, of: invite)
            try await running.fence("cancelled")
            #expect(caller.unread("cancelled").filter { $0.status == 487 }.isEmpty)
        }
    }

    @Test("Nobody answers: the endpoint gives up in the end")
    func patience() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854702", call: "patience", sdp: SDP.offer())
            _ = try await caller.response(180, call: "patience")
            try await running.advance(by: .seconds(300))
            caller.acknowledge(try await caller.response(480, call: "patience"), of: invite)
            try await running.fence("patience")
        }
    }

    @Test("Silence is silence, for the repeated INVITE too, and costs no transaction")
    func silence() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854799", call: "silence", sdp: SDP.offer())
            caller.socket.send(invite.bytes, to: running.address)
            try await running.fence("silence")
            #expect(caller.unread("silence").isEmpty)
            #expect(running.ladder("silence") == ["← INVITE +17085854799", "← INVITE +17085854799"])
        }
    }

    @Test("The endpoint hangs up")
    func hangUp() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(.invite, number: "+17085854704", call: "hang-up", sdp: SDP.offer())
            let answer = try await caller.response(200, call: "hang-up")
            caller.acknowledge(answer, of: invite)
            try await running.fence("hang-up")
            try await running.advance(by: .seconds(2))
            let bye = try await caller.request(.bye, call: "hang-up")
            #expect(bye.fromTag == answer.toTag)
            #expect(bye.toTag == "from-hang-up")
            #expect(bye["Reason"] == "Q.850;cause=16")
            caller.respond(200, to: bye)
            try await running.fence("hung-up")
            #expect(running.ladder("hang-up").suffix(2) == ["→ BYE", "← 200 OK (BYE)"])
        }
    }

    @Test("In a call: hold, a refresh, an offer of ours, what is not known")
    func changes() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let invite = caller.send(
                .invite, number: "+17085854200", call: "changes", sdp: SDP.offer(),
                headers: [.init("Supported", "timer"), .init("Session-Expires", "1800")])
            let answer = try await caller.response(200, call: "changes")
            #expect(answer["Session-Expires"] == "1800;refresher=uac")
            caller.acknowledge(answer, of: invite)
            let (tag, uri) = (answer.toTag, answer.contactURI)

            let hold = caller.send(
                .invite, call: "changes", cseq: 2, toTag: tag,
                sdp: SDP.offer().replacing("a=sendrecv", with: "a=sendonly"), uri: uri)
            let held = try await caller.response(200, call: "changes", cseq: 2)
            #expect(held.bodyText.contains("a=recvonly\r\n"))
            caller.acknowledge(held, of: hold)

            caller.send(
                .update, call: "changes", cseq: 3, toTag: tag,
                headers: [.init("Supported", "timer"), .init("Session-Expires", "1800;refresher=uac")], uri: uri)
            let refreshed = try await caller.response(200, to: .update, call: "changes")
            #expect(refreshed.body.isEmpty)
            #expect(refreshed["Session-Expires"] == "1800;refresher=uac")

            let empty = caller.send(.invite, call: "changes", cseq: 4, toTag: tag, uri: uri)
            let offered = try await caller.response(200, call: "changes", cseq: 4)
            #expect(offered.bodyText.contains("m=audio 9 RTP/AVP 0 8 101\r\n"))
            caller.acknowledge(offered, of: empty)

            caller.send(.invite, call: "changes", cseq: 5, toTag: tag, sdp: "nonsense", uri: uri)
            _ = try await caller.response(400, call: "changes")
            caller.send(.init("INFO"), call: "changes", cseq: 6, toTag: tag, uri: uri)
            _ = try await caller.response(405, to: .init("INFO"), call: "changes")
            caller.send(.init("DANCE"), call: "changes", cseq: 7, toTag: tag, uri: uri)
            _ = try await caller.response(501, to: .init("DANCE"), call: "changes")
            caller.send(.bye, call: "changes", cseq: 8, toTag: tag, uri: uri)
            _ = try await caller.response(200, to: .bye, call: "changes")
        }
    }

    @Test("Requests that cannot become a call")
    func notCalls() async throws {
        try await with(RunningEndpoint()) { running, caller in
            let rows: [(SIPMethod, Int, String?, [WireMessage.Header])] = [
                (.invite, 400, "v=0", []), (.invite, 415, "hello", [.init("Content-Type", "text/plain")]),
                (.invite, 488, SDP.offer().replacing("m=audio 42988", with: "m=audio 0"), []),
                (.invite, 420, SDP.offer(), [.init("Require", "precondition")]),
                (.init("REGISTER"), 405, nil, []), (.bye, 481, nil, []), (.init("DANCE"), 501, nil, []),
            ]
            for (number, (method, status, sdp, headers)) in rows.enumerated() {
                let call = "not-\(number)"
                let request = caller.send(method, call: call, sdp: sdp, headers: headers)
                let response = try await caller.response(status, to: method, call: call)
                if status == 420 { #expect(response["Unsupported"] == "precondition") }
                if method == .invite { caller.acknowledge(response, of: request) }
            }
        }
    }

    @Test("One call more than it may have gets 503")
    func full() async throws {
        try await with(RunningEndpoint(maximumCalls: 1)) { running, caller in
            let first = caller.send(.invite, number: "+17085854702", call: "first", sdp: SDP.offer())
            _ = try await caller.response(180, call: "first")
            let second = caller.send(.invite, number: "+17085854702", call: "second", sdp: SDP.offer())
            let refused = try await caller.response(503, call: "second")
            #expect(refused["Retry-After"] == "5")
            caller.acknowledge(refused, of: second)
            caller.send(.cancel, number: "+17085854702", call: "first", branch: first.branch)
            caller.acknowledge(try await caller.response(487, call: "first"), of: first)
            try await running.fence("full")
        }
    }

    @Test("Stopped in the middle of calls, it frees its port")
    func stop() async throws {
        // No port of the kernel's choice: another test's socket could be given it in between.
        let running = try RunningEndpoint(port: FreePort.next())
        running.caller.send(.invite, number: "+17085854702", call: "left", sdp: SDP.offer())
        _ = try await running.caller.response(180, call: "left")
        running.endpoint.stop()
        running.endpoint.stop()
        let again = SIPEndpoint(
            EndpointOptions(listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: running.address.port)]))
        #expect(try again.start().first?.port == running.address.port)
        again.stop()
    }

    @Test("A port that is taken is named")
    func portTaken() throws {
        let taken = try UDPSocket()
        let endpoint = SIPEndpoint(
            EndpointOptions(listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: taken.address.port)]))
        let error = #expect(throws: EndpointStartError.self) { try endpoint.start() }
        #expect(error?.description.contains("udp:127.0.0.1:\(taken.address.port): Address already in use") == true)
        #expect(error?.description.contains("--listen") == true)
        endpoint.stop()
    }

    @Test("Over TCP the Contact says TCP")
    func tcp() async throws {
        let port = try FreePort.next()
        let endpoint = SIPEndpoint(
            EndpointOptions(
                listen: [
                    SIPAddress(transport: .udp, host: "127.0.0.1", port: port),
                    SIPAddress(transport: .tcp, host: "127.0.0.1", port: port),
                ]))
        _ = try endpoint.start()
        defer { endpoint.stop() }
        let loop = try ReadLoop(name: "endpoint tcp")
        defer { loop.stop() }
        let stream = try TCPStream(to: SocketAddress(port: port), loop: loop)
        let received = Mailbox<String>()
        stream.start { received.put(String(decoding: $0 ?? [], as: UTF8.self)) }
        stream.send(
            Array(
                """
                INVITE sip:+17085854200@127.0.0.1:\(port) SIP/2.0\r
                Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK-tcp\r
                Max-Forwards: 70\r
                From: <sip:a@127.0.0.1>;tag=1\r
                To: <sip:+17085854200@127.0.0.1>\r
                Call-ID: tcp\r
                CSeq: 1 INVITE\r
                Contact: <sip:a@127.0.0.1:9;transport=tcp>\r
                Content-Length: 0\r
                \r

                """.utf8))
        let answer = try #require(await received.next())
        #expect(answer.hasPrefix("SIP/2.0 200 OK\r\n"))
        #expect(answer.contains("Contact: <sip:127.0.0.1:\(port);transport=tcp>\r\n"))
        stream.close()
    }

    @Test("Garbage and the messages of RFC 4475 harm nobody")
    func garbage() async throws {
        let running = try RunningEndpoint()
        defer { running.endpoint.stop() }
        let folder = Project.folder.appending(path: "Tests/EndToEndTests/Resources")
        var datagrams = try Project.names(in: folder, ending: ".dat").map {
            try Project.bytes("Tests/EndToEndTests/Resources/\($0)")
        }
        #expect(datagrams.count == 50)
        datagrams += [[0], [UInt8](repeating: 0xFF, count: 1_000), Array("INVITE sip:486@x SIP/2.0\r\n\r\n".utf8)]
        var random = CountingGenerator()
        let invite = running.caller.send(.invite, number: "+17085854486", call: "seed", sdp: SDP.offer()).bytes
        for _ in 0..<300 {
            var bytes = invite
            for _ in 0..<8 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            datagrams.append(bytes)
        }
        for datagram in datagrams { running.caller.socket.send(datagram, to: running.address) }
        try await running.fence("garbage")
    }
}
