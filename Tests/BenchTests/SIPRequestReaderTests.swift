import Testing

@testable import Bench

/// The driver judges the gateway by what this reader says.
@Suite struct SIPRequestReaderTests {
    private static let invite = """
        INVITE sip:+1000420000007@127.0.0.1:5070;user=phone SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport
        v: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2
        Max-Forwards: 70
        Record-Route: <sip:192.0.2.1;lr>
        From: <sip:+1708585000001@192.0.2.1>;tag=a
        To: <sip:+1000420000007@127.0.0.1:5070;user=phone>
        Call-ID: c1
        CSeq: 7 INVITE
        Content-Type: application/sdp
        Content-Length: 5

        v=0
        """.replacing("\n", with: "\r\n")

    private func read<Result>(_ text: String, _ check: (Bool, SIPRequestReader) throws -> Result) rethrows -> Result {
        var reader = SIPRequestReader(capacity: 4_096)
        defer { reader.deallocate() }
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer {
            guard let start = $0.baseAddress else { return try check(false, reader) }
            let isRequest = reader.read(start, $0.count)
            return try check(isRequest, reader)
        }
    }

    @Test func readsAnInvite() {
        read(Self.invite + "\r\n") { isRequest, reader in
            #expect(isRequest)
            #expect(reader.method == .invite)
            #expect(reader.dialled == CallReference(slot: 42, use: 7))
            #expect(reader.tagged == nil)
            #expect(!reader.hasToTag)
            #expect(String(decoding: reader.body, as: UTF8.self) == "v=0\r\n")
        }
    }

    @Test func answersWithWhatTheRequestCarried() {
        let response = read(Self.invite + "\r\n") { _, reader in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4_096) { memory -> String in
                guard let start = memory.baseAddress else { return "" }
                var writer = ByteWriter(start, capacity: memory.count)
                SIPResponse.write(
                    "180 Ringing", to: reader, tag: reader.dialled, contact: Array("sip:b@192.0.2.9".utf8),
                    into: &writer)
                return String(decoding: UnsafeBufferPointer(start: start, count: writer.count), as: UTF8.self)
            }
        }
        let expected = """
            SIP/2.0 180 Ringing
            Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport
            v: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2
            Record-Route: <sip:192.0.2.1;lr>
            From: <sip:+1708585000001@192.0.2.1>;tag=a
            Call-ID: c1
            CSeq: 7 INVITE
            To: <sip:+1000420000007@127.0.0.1:5070;user=phone>;tag=b000420000007
            Contact: <sip:b@192.0.2.9>
            Allow: INVITE, ACK, BYE, CANCEL, OPTIONS
            Content-Length: 0


            """.replacing("\n", with: "\r\n")
        #expect(response == expected)
    }

    @Test func knowsTheCallByItsToTag() {
        let bye = Self.invite.replacing("INVITE sip:+1000420000007@", with: "BYE sip:bench@")
            .replacing("CSeq: 7 INVITE", with: "CSeq: 8 BYE")
            .replacing("To: <sip:+1000420000007@127.0.0.1:5070;user=phone>", with: "To: <sip:x@y>;tag=b000420000007")
        read(bye + "\r\n") { isRequest, reader in
            #expect(isRequest)
            #expect(reader.method == .bye)
            #expect(reader.dialled == nil)
            #expect(reader.tagged == CallReference(slot: 42, use: 7))
        }
    }

    @Test(arguments: [
        "SIP/2.0 200 OK\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",  // a response
        "BYE sip:a SIP/2.0\r\nVia: x\r\nFrom: a\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",  // no To
        "BYE sip:a SIP/2.0\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCSeq: 1 BYE\r\n\r\n",  // no Call-ID
        "BYE sip:a SIP/2.0\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n",  // no end of headers
        "BYE sip:a SIP/2.0\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 BYE\r\nl: 9\r\n\r\nshort",
        "\r\n", "",
    ])
    func refusesWhatItCannotAnswer(_ text: String) {
        read(text) { isRequest, _ in #expect(!isRequest) }
    }
}
