import Glibc
import Testing

@testable import Bench

/// The caller of mode `inbound`: what it sends, and what it makes of what comes.
@Suite struct InboundTests {
    private static let call = CallReference(slot: 42, use: 7)
    private static let media = MediaTexts(offerBytes: 2_048, answerBytes: 1_024)
    private static let texts = CallerTexts(media: media, port: 5_070, gatewayPort: 5_060)

    private static let answer = """
        SIP/2.0 200 OK
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKi000420000007
        From: <sip:+1000420000007@ims.example;user=phone>;tag=c000420000007
        To: <sip:+1708585000003@127.0.0.1:5060;user=phone>;tag=gw7
        Call-ID: 000420000007@bench
        CSeq: 1 INVITE
        Contact: <sip:gw@127.0.0.1:5060>
        Content-Type: application/sdp
        Content-Length: 5

        v=0
        """.replacing("\n", with: "\r\n") + "\r\n"

    private func written(_ write: (inout ByteWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8_192) { memory -> String in
            guard let start = memory.baseAddress else { return "" }
            var writer = ByteWriter(start, capacity: memory.count)
            write(&writer)
            return String(decoding: UnsafeBufferPointer(start: start, count: writer.count), as: UTF8.self)
        }
    }

    private func read<Result>(_ text: String, _ check: (Bool, SIPResponseReader) throws -> Result) rethrows -> Result {
        var reader = SIPResponseReader()
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer {
            guard let start = $0.baseAddress else { return try check(false, reader) }
            let isResponse = reader.read(start, $0.count)
            return try check(isResponse, reader)
        }
    }

    @Test func anInviteNamesItsCallEverywhere() {
        let text = written { Self.texts.invite(Self.call, callee: 708_585_000_003, into: &$0) }
        #expect(text.hasPrefix("INVITE sip:+1708585000003@127.0.0.1:5060;user=phone SIP/2.0\r\n"))
        for part in [
            "branch=z9hG4bKi000420000007\r\n",
            "From: <sip:+1000420000007@ims.example;user=phone>;tag=c000420000007\r\n",
            "Call-ID: 000420000007@bench\r\n", "Content-Length: 2048\r\n", "o=- 000420000007 2 ",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let end = text.firstRange(of: "\r\n\r\n")?.upperBound ?? text.endIndex
        #expect(text[end...].utf8.count == 2_048)
    }

    @Test func aResponseIsRead() {
        read(Self.answer) { isResponse, reader in
            #expect(isResponse)
            #expect(reader.status == 200)
            #expect(reader.call == Self.call)
            #expect(reader.transaction == .invite)
            #expect(String(decoding: reader.contact, as: UTF8.self) == "sip:gw@127.0.0.1:5060")
            #expect(String(decoding: reader.body, as: UTF8.self) == "v=0\r\n")
        }
    }

    @Test(arguments: [
        ("SIP/2.0 200", "SIP/2.0 20"), ("SIP/2.0 200", "SIP/2.0 099"), ("z9hG4bKi", "z9hG4bKx"),
        ("000420000007\r\nFrom", "00042000000\r\nFrom"), ("To:", "Too:"), ("SIP/2.0 200 OK", "INVITE sip:a@b SIP/2.0"),
    ])
    func anythingElseIsNone(part: String, other: String) {
        read(Self.answer.replacing(part, with: other)) { isResponse, _ in #expect(!isResponse) }
    }

    @Test func requestsInTheDialogGoToItsContact() {
        read(Self.answer) { _, reader in
            for (transaction, method, sequence) in [
                (CallerTexts.Transaction.ack, "ACK", "CSeq: 1 ACK"), (.bye, "BYE", "CSeq: 2 BYE"),
            ] {
                let text = written {
                    Self.texts.inDialog(
                        transaction, Self.call, callee: 708_585_000_003, answer: reader, into: &$0)
                }
                #expect(text.hasPrefix("\(method) sip:gw@127.0.0.1:5060 SIP/2.0\r\n"))
                #expect(text.contains("\r\nTo: <sip:+1708585000003@127.0.0.1:5060;user=phone>;tag=gw7\r\n"))
                #expect(text.contains("\r\n\(sequence)\r\n"))
                #expect(!text.contains("branch=z9hG4bKi"))
            }
        }
    }

    /// RFC 3261 §17.1.1.3: the ACK of a refusal belongs to the INVITE's transaction.
    @Test func aRefusalIsAcknowledgedInItsTransaction() {
        read(Self.answer.replacing("200 OK", with: "486 Busy Here")) { _, reader in
            let text = written {
                Self.texts.inDialog(.ack, Self.call, callee: 708_585_000_003, answer: reader, into: &$0)
            }
            #expect(text.hasPrefix("ACK sip:+1708585000003@127.0.0.1:5060;user=phone SIP/2.0\r\n"))
            #expect(text.contains("branch=z9hG4bKi000420000007\r\n"))
        }
    }

    @Test func invitationsComeByLines() throws {
        let (reader, writer) = try LineChannel.pair()
        var channel = InvitationChannel(reader.descriptor)
        #expect(try channel.take().isEmpty)
        writer.send(.invited(session: "A1", caller: 42))
        writer.send(.counts(EventLedger.Counts()))
        writer.send(.invited(session: "B2", caller: 7))
        #expect(try channel.take() == [.init(session: "A1", caller: 42), .init(session: "B2", caller: 7)])
        // Half a line is kept for the next time.
        let parts = ["invited C3 ", "9\n"].map { Array($0.utf8) }
        #expect(send(writer.descriptor, parts[0], parts[0].count, 0) == parts[0].count)
        #expect(try channel.take().isEmpty)
        #expect(send(writer.descriptor, parts[1], parts[1].count, 0) == parts[1].count)
        #expect(try channel.take() == [.init(session: "C3", caller: 9)])
    }

    @Test func aRatioIsOneOfMedians() {
        func phase(_ microseconds: Double) -> PhaseResult {
            var tally = Tally()
            tally.completed = 100
            return PhaseResult(
                name: "", tally: tally, gatewayCPU: Nanoseconds(microseconds * 1e5), driverCPU: 0)
        }
        var result = InboundResult()
        #expect(result.ratio == nil)
        result.phases = [
            .outbound: [phase(200), phase(210), phase(900)], .inbound: [phase(286), phase(100), phase(400)],
            .told: [phase(360), phase(370), phase(300)],
        ]
        #expect(result.eventMicroseconds == 50)
        #expect(result.ratioBesideEvent == 1.1)
        #expect(result.ratio == 286.0 / 210)
        func isKept() -> Bool {
            Bound.all(Results(inbound: result), rate: 1_500).contains { $0.limit == Bound.inboundShare && $0.holds }
        }
        #expect(!isKept())
        result.phases[.inbound] = [phase(250)]
        #expect(isKept())
    }
}
