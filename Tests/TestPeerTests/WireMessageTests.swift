import Testing

@testable import TestPeer

@Suite struct WireMessageTests {
    private static let invite = """
        INVITE sip:+17085854000;npdi@ims.example;user=phone SIP/2.0\r
        v: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK74\r
        Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK75\r
        f: "A \\"B\\" <C>" <sip:+17085852753@operator.example;user=phone>;tag=from-1\r
        To:\r
          <sip:+17085854000@ims.example>\r
        i: 1@gw\r
        CSeq:  7   INVITE\r
        k: 100rel, timer\r
        m: <sip:gw@127.0.0.1:5060;transport=udp>;+sip.instance="x"\r
        c: application/sdp\r
        l: 5\r
        \r
        v=0\r
        trailing
        """

    @Test func compactFormsFoldingAndParametersAreUnderstood() throws {
        let message = try WireMessage(datagram: Array(Self.invite.utf8))
        #expect(message.method == .invite)
        #expect(message.requestURI == "sip:+17085854000;npdi@ims.example;user=phone")
        #expect(message.dialled == "+17085854000")
        #expect(message.branch == "z9hG4bK74")
        #expect(message.all("Via").count == 2)
        #expect(message.fromTag == "from-1")
        #expect(message.toTag == nil)
        #expect(message["To"] == "<sip:+17085854000@ims.example>")
        #expect(message.callID == "1@gw")
        #expect(message.cseq?.number == 7)
        #expect(message.cseq?.method == "INVITE")
        #expect(message.tokens("Supported") == ["100rel", "timer"])
        #expect(message.contactURI == "sip:gw@127.0.0.1:5060;transport=udp")
        #expect(WireMessage.address(of: message.contactURI ?? "") == SocketAddress(port: 5060))
        #expect(message.bodyText == "v=0\r\n")
        #expect(message.text == Self.invite)
    }

    @Test func aResponseIsUnderstoodAndWrittenBack() throws {
        let text = "SIP/2.0 486 Busy Here\r\nTo: <sip:a@b.example>;tag=t\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        let message = try WireMessage(datagram: Array(text.utf8))
        #expect(message.status == 486)
        #expect(message.method == .invite)
        #expect(message.toTag == "t")
        #expect(String(decoding: message.bytes, as: UTF8.self) == text)
    }

    @Test(arguments: [
        "", "\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\n", "INVITE sip:a@b SIP/7.0\r\n\r\n", "INVITE sip:a@b\r\n\r\n",
        "SIP/2.0 99 Low\r\n\r\n", "SIP/2.0 OK\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\nno colon\r\n\r\n",
        "INVITE sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\nl: 9\r\n\r\nshort",
    ])
    func whatIsNoMessageIsRefused(text: String) {
        #expect(throws: WireMessage.Malformed.self) { try WireMessage(datagram: Array(text.utf8)) }
    }

    @Test func aStreamIsCutByContentLength() throws {
        let one = "SIP/2.0 200 OK\r\nCSeq: 1 BYE\r\nContent-Length: 3\r\n\r\nabc"
        let two = "SIP/2.0 180 Ringing\r\nCSeq: 2 INVITE\r\nl: 0\r\n\r\n"
        let whole = Array((one + "\r\n\r\n" + two).utf8)
        // Whatever the pieces are, the same two messages come out.
        for size in [1, 7, 64, whole.count] {
            var buffer: [UInt8] = []
            var found: [WireMessage] = []
            for start in stride(from: 0, to: whole.count, by: size) {
                buffer += whole[start..<min(start + size, whole.count)]
                while let message = try WireMessage(takenFrom: &buffer) { found.append(message) }
            }
            #expect(found.map(\.status) == [200, 180])
            #expect(found.first?.bodyText == "abc")
            #expect(buffer.isEmpty)
        }
    }
}
