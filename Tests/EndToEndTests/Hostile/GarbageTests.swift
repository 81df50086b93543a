import Foundation
import TestPeer
import Testing

/// Datagrams that are no SIP, half of it, or SIP that belongs to nothing.
@Suite(.serialized, .gatewayAlone(.standard)) struct GarbageTests {
    private static let invite = """
        INVITE sip:+17085854000@127.0.0.1 SIP/2.0\r
        Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKgarbage\r
        Max-Forwards: 70\r
        From: <sip:a@b.example>;tag=1\r
        To: <sip:+17085854000@127.0.0.1>\r
        Call-ID: garbage\r
        CSeq: 1 INVITE\r
        Contact: <sip:a@127.0.0.1:9>\r
        Content-Length: 0\r
        \r

        """

    /// An INVITE with a header many times over.
    private static func flood(_ header: String, _ count: Int) -> [UInt8] {
        Array(invite.replacing("Max-Forwards", with: String(repeating: header, count: count) + "Max-Forwards").utf8)
    }

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(String(repeating: text, count: count).utf8)
    }

    /// Names and bytes; the random ones are the same in every run.
    private static let packets: [(name: String, bytes: [UInt8])] = {
        var generator = RepeatableGenerator(state: 4_475)
        var packets: [(String, [UInt8])] = [
            ("one NUL", [0]), ("CRLF", [13, 10]), ("double CRLF", [13, 10, 13, 10]), ("a space", [32]),
            ("1,000 NULs", [UInt8](repeating: 0, count: 1_000)),
            ("the largest datagram", [UInt8](repeating: UInt8(ascii: "A"), count: 65_507)),
            ("the largest datagram of line ends", [UInt8](repeating: 10, count: 65_507)),
            (
                "a header of 60,000 bytes",
                Array(
                    invite.replacing(
                        "Max-Forwards", with: "X: \(String(repeating: "y", count: 60_000))\r\nMax-Forwards"
                    ).utf8)
            ),
            ("3,400 Vias", flood("v: SIP/2.0/UDP a\r\n", 3_400)),
            (
                "a Via of 4,000 values",
                flood("v: \(String(repeating: "SIP/2.0/UDP a,", count: 4_000))SIP/2.0/UDP a\r\n", 1)
            ),
            ("a Via of 30,000 parameters", flood("v: SIP/2.0/UDP a\(String(repeating: ";a", count: 30_000))\r\n", 1)),
            ("12,000 headers nobody knows", flood("Y:\r\n", 12_000)),
            ("12,000 Session-Expires", flood("x:\r\n", 12_000)),
            ("15,000 headers that end in CR alone", Array("INVITE sip:a SIP/2.0\r\n".utf8) + repeated("Y:\r", 15_000)),
            ("12,000 headers behind white space", Array(" \n\n\t\r\n ".utf8) + flood("Y:\r\n", 12_000)),
            ("12,000 headers that end in LF alone", Array("\n INVITE sip:a SIP/2.0\n".utf8) + repeated("Y:\n", 12_000)),
            ("3,800 Max-Forwards", flood("Max-Forwards:1\r\n", 3_800)),
            (
                "a Content-Length far beyond the datagram",
                Array(invite.replacing("Content-Length: 0", with: "Content-Length: 4294967297").utf8)
            ),
            ("a negative CSeq", Array(invite.replacing("CSeq: 1", with: "CSeq: -1").utf8)),
            ("a CSeq of another method", Array(invite.replacing("1 INVITE", with: "1 BYE").utf8)),
            ("NUL in a header", Array(invite.replacing("a@b", with: "a\u{0}@b").utf8)),
            (
                "a response to nothing",
                Array(
                    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:c@d.example>;tag=2\r\nCall-ID: nothing\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n"
                        .utf8)
            ),
            ("HTTP", Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
        ]
        let whole = Array(invite.utf8)
        for length in stride(from: 1, to: whole.count, by: 23) {
            packets.append(("the first \(length) bytes of an INVITE", Array(whole[..<length])))
        }
        for size in [1, 3, 16, 64, 500, 1_500, 9_000, 65_507] {
            packets.append(
                ("\(size) random bytes", (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }))
        }
        for _ in 0..<60 {
            // A good message with some bytes replaced: closer to the parser's heart than noise.
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            packets.append(("an INVITE with bytes replaced", bytes))
        }
        return packets
    }()

    @Test("Datagrams that are no SIP harm nobody")
    func packets() async throws {
        let scene = try scene()
        let prober = try Prober(scene.gateway.sip)
        for packet in Self.packets { try await prober.expectUnharmed(by: packet.bytes, packet.name) }
        #expect(scene.gateway.isRunning, "\(scene.gateway.logTail)")
    }

    @Test("A flood of them neither stops the gateway nor makes it grow")
    func flood() async throws {
        let scene = try scene()
        let prober = try Prober(scene.gateway.sip)
        _ = try await prober.optionsDelay()
        // The program watches its signals last of all, with descriptors of their own: they are there once it has answered one.
        _ = try await scene.gateway.statistics()
        let before = try scene.gateway.figures
        for _ in 0..<20 {
            for packet in Self.packets where packet.bytes.count < 2_000 { prober.send(packet.bytes) }
            _ = try await prober.optionsDelay()
        }
        let after = try scene.gateway.figures
        #expect(after.descriptors <= before.descriptors + 2)
        #expect(after.residentKiB < before.residentKiB + 65_536, "\(before) \(after)")
    }

    @Test(
        "Requests within a dialog that does not exist are answered 481",
        arguments: ["BYE", "CANCEL", "PRACK", "UPDATE"])
    func noDialog(method: String) async throws {
        let scene = try scene()
        let headers: [WireMessage.Header] = method == "PRACK" ? [.init("RAck", "1 1 INVITE")] : []
        let tagged = headers + [.init("To", "<sip:gw@\(scene.gateway.sip)>;tag=gone")]
        let transaction = scene.peer.request(SIPMethod(method), to: scene.gateway.sip, user: "gw", replacing: tagged)
        #expect(try await transaction.final().status == 481)
    }

    @Test("An ACK without a dialog is not answered")
    func strayACK() async throws {
        let scene = try scene()
        let tagged: [WireMessage.Header] = [.init("To", "<sip:gw@\(scene.gateway.sip)>;tag=gone")]
        let transaction = scene.peer.request(.ack, to: scene.gateway.sip, user: "gw", replacing: tagged)
        try await scene.peer.fence(scene.gateway.sip)
        #expect(!transaction.hasResponse)
    }

    @Test("Responses to a call's INVITE from nowhere do not touch it", arguments: [200, 486])
    func forgedResponse(code: Int) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        var forged = invite.respond(180)
        forged.start = .response(code, phrase: "Forged")
        for index in forged.headers.indices where forged.headers[index].name == "Via" {
            forged.headers[index].value = forged.headers[index].value.replacing(
                invite.message.branch ?? "?", with: "z9hG4bKforged")
        }
        try scene().peer.send(datagram: forged.bytes, to: scene().gateway.sip)
        try await attempt.fence()
        #expect(try await attempt.read(id).json["status"]?.string == "Ringing", attempt.ladder)
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("Methods nobody here serves are refused", arguments: ["REGISTER", "SUBSCRIBE", "PUBLISH", "REFER", "FOO"])
    func otherMethods(method: String) async throws {
        let scene = try scene()
        let status = try await scene.peer.request(SIPMethod(method), to: scene.gateway.sip).final().status ?? 0
        #expect((400..<600).contains(status), "\(method): \(status)")
    }
}

/// A generator of numbers that is the same in every run (SplitMix64).
struct RepeatableGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
