import Testing

@testable import TestPeer

/// Peer against peer: what the end-to-end tests rely on.
@Suite struct SIPPeerTests {
    private let caller: SIPPeer
    private let callee: SIPPeer

    init() throws {
        caller = try SIPPeer()
        callee = try SIPPeer()
    }

    @Test func aCallIsRungAnsweredAndEnded() async throws {
        let call = callee.expect("+17085854000")
        let transaction = caller.request(.invite, to: callee.address, user: "+17085854000")
        let invite = try await call.invite()
        let ringing = invite.respond(180, tag: "a", sdp: SDP.answer(), reliable: 1)
        #expect(ringing["RSeq"] == "1")
        #expect(ringing["Contact"] == "<sip:peer@\(callee.address)>")
        invite.respond(486, tag: "a", headers: [.init("Reason", "Q.850;cause=17")])
        let final = try await transaction.final()
        #expect(final.status == 486)
        #expect(final.toTag == "a")
        #expect(final["Reason"] == "Q.850;cause=17")
        #expect(call.ladder.contains("180 Ringing"))

        let bye = try call.send(.bye, tag: "a")
        let stray = try #require(await caller.strays.next())
        #expect(stray.message.method == .bye)
        #expect(stray.message.fromTag == "a")
        #expect(stray.message.callID == invite.message.callID)
        stray.respond(481)
        #expect(try await bye.final().status == 481)
    }

    @Test func callsOfOneSocketAreKeptApart() async throws {
        let numbers = (0..<50).map { "+1708585\(1000 + $0)" }
        let calls = numbers.map(callee.expect)
        let transactions = numbers.map { caller.request(.invite, to: callee.address, user: $0) }
        for (index, call) in calls.enumerated() {
            let invite = try await call.invite()
            #expect(invite.message.dialled == numbers[index])
            invite.respond(400 + index)
            #expect(try await transactions[index].final().status == 400 + index)
            #expect(call.unread.isEmpty)
        }
    }

    @Test func aRepeatedRequestGetsTheSameResponseAndIsNotANewOne() async throws {
        let call = callee.expect("+17085854001")
        let transaction = caller.request(.invite, to: callee.address, user: "+17085854001")
        let invite = try await call.invite()
        invite.respond(603)
        _ = try await transaction.final()
        caller.send(datagram: transaction.request.bytes, to: callee.address)
        #expect(try await transaction.final().status == 603)
        #expect(invite.repeats == 1)
        #expect(call.unread.isEmpty)
    }

    @Test func everyACKCounts() async throws {
        let call = callee.expect("+17085854002")
        let transaction = caller.request(.invite, to: callee.address, user: "+17085854002")
        _ = try await call.invite()
        var ack = transaction.request
        ack.start = .request(.ack, uri: "sip:x@\(callee.address)")
        caller.send(datagram: ack.bytes, to: callee.address)
        caller.send(datagram: ack.bytes, to: callee.address)
        _ = try await call.request(.ack)
        _ = try await call.request(.ack)
    }

    @Test func whatDoesNotComeIsToldWithTheLadder() async throws {
        let call = callee.expect("+17085854003")
        _ = caller.request(.invite, to: callee.address, user: "+17085854003")
        _ = try await call.invite()
        let error = await #expect(throws: PatienceLost.self) {
            try await call.request(.cancel, within: .milliseconds(20))
        }
        #expect(error?.description.contains("no CANCEL for +17085854003") ?? false)
        #expect(error?.description.contains("INVITE sip:+17085854003@") ?? false)
    }

    @Test func optionsIsAnsweredUnlessToldOtherwise() async throws {
        try await caller.fence(callee.address)
        callee.answerOptions(false)
        _ = caller.request(.options, to: callee.address)
        let stray = try #require(await callee.strays.next())
        #expect(stray.message.method == .options)
    }

    @Test func servedNumbersAreAnsweredWithoutATest() async throws {
        callee.serve("+4") { request in
            request.respond(request.message.method == .invite ? 200 : 404)
        }
        let first = try await caller.request(.invite, to: callee.address, user: "+44").final()
        #expect(first.status == 200)
        #expect(first.toTag != nil)
        #expect(try await caller.request(.bye, to: callee.address, user: "+44").final().status == 404)
    }

    @Test func tcpWorksLikeUDP() async throws {
        let loop = try ReadLoop(name: "test")
        let stream = try TCPStream(to: callee.address, loop: loop)
        let received = Mailbox<[UInt8]>()
        stream.start { received.put($0 ?? []) }
        let call = callee.expect("+17085854004")
        let text = """
            INVITE sip:+17085854004@ims.example SIP/2.0\r
            Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r
            From: <sip:a@b.example>;tag=1\r
            To: <sip:+17085854004@ims.example>\r
            Call-ID: tcp\r
            CSeq: 1 INVITE\r
            Contact: <sip:a@127.0.0.1:9;transport=tcp>\r
            Content-Length: 0\r
            \r

            """
        stream.send(Array(text.utf8))
        let invite = try await call.invite()
        let response = invite.respond(200)
        #expect(response["Contact"]?.contains("transport=tcp") ?? false)
        #expect(await received.next() == response.bytes)
        // A request in the dialog comes back on the connection, whatever port the Contact names.
        _ = try call.send(.bye)
        let bye = try #require(await received.next())
        #expect(String(decoding: bye, as: UTF8.self).hasPrefix("BYE sip:a@127.0.0.1:9;transport=tcp SIP/2.0\r\n"))
        loop.stop()
    }
}
