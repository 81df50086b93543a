import CallCore
import TestPeer
import Testing

@testable import Endpoint

@Suite struct SDPAnswererTests {
    /// The lines of the answer to `offer`; nil if it is refused.
    private func answer(_ offer: String, address: String = "127.0.0.1") throws -> [String]? {
        var random = CountingGenerator()
        var answerer = SDPAnswerer(address: address, using: &random)
        let offer = try #require(SDPOffer(offer))
        guard let answer = answerer.answer(to: offer, using: &random) else { return nil }
        // Whatever it says, it is well formed.
        _ = try SessionDescription(answer)
        return answer.split(separator: "\r\n").map(String.init)
    }

    private static func offer(_ lines: String...) -> String {
        (["v=0", "o=a 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"] + lines)
            .map { $0 + "\r\n" }.joined()
    }

    @Test("The example call: SDES with a key of our own, the first codec, DTMF")
    func example() throws {
        let lines = try #require(try answer(Project.exampleOffer()))
        #expect(lines[0] == "v=0")
        #expect(lines[1].hasPrefix("o=endpoint ") && lines[1].hasSuffix(" 1 IN IP4 127.0.0.1"))
        #expect(lines[4] == "t=0 0")
        #expect(lines.contains("m=audio 9 RTP/SAVPF 102 113"))
        #expect(lines.contains("a=rtpmap:102 AMR-WB/16000"))
        #expect(lines.contains("a=fmtp:102 octet-align=0; mode-set=0,1,2; mode-change-capability=2"))
        #expect(lines.contains("a=rtpmap:113 telephone-event/16000"))
        #expect(lines.contains("a=sendrecv"))
        #expect(lines.contains("a=mid:audio"))
        #expect(lines.contains("a=rtcp-mux"))
        let crypto = try #require(lines.first { $0.hasPrefix("a=crypto:") })
        #expect(crypto.hasPrefix("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"))
        #expect(!crypto.contains("Xm3YciqVIWFNSwy19e9MvfZ2YOdAZil7oT"))
        #expect(crypto.split(separator: ":").last?.utf8.count == 40)
        #expect(!lines.contains { $0.contains("2001:e0") })
    }

    @Test("DTLS: a fingerprint and a role")
    func dtls() throws {
        let lines = try #require(try answer(SDP.offer()))
        #expect(lines.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111"))
        #expect(lines.contains("a=setup:active"))
        let fingerprint = try #require(lines.first { $0.hasPrefix("a=fingerprint:sha-256 ") })
        #expect(fingerprint.split(separator: " ")[1].split(separator: ":").count == 32)
    }

    @Test("The timing is the offer's (RFC 3264 §6)")
    func timing() throws {
        let offer = Self.offer("m=audio 4000 RTP/AVP 0").replacing("t=0 0", with: "t=3034423619 3042462419")
        #expect(try answer(offer)?.contains("t=3034423619 3042462419") == true)
    }

    @Test(
        "Directions are answered, those of the session too (RFC 3264 §6.1)",
        arguments: [
            ("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive"),
        ])
    func directions(offered: String, answered: String) throws {
        #expect(try answer(Self.offer("m=audio 4000 RTP/AVP 0", "a=\(offered)"))?.contains("a=\(answered)") == true)
        #expect(try answer(Self.offer("a=\(offered)", "m=audio 4000 RTP/AVP 0"))?.contains("a=\(answered)") == true)
    }

    @Test("Sections that cannot be had are refused in their place, the others accepted")
    func mixed() throws {
        let lines = try #require(
            try answer(
                Self.offer(
                    "m=audio 4000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000",
                    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:data", "m=video 0 RTP/AVP 99",
                    "m=video 4002 RTP/SAVP 99", "m=video 4004 RTP/AVP 96 97", "a=rtpmap:96 VP8/90000")))
        #expect(
            lines.filter { $0.hasPrefix("m=") } == [
                "m=audio 9 RTP/AVP 8 101", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "m=video 0 RTP/AVP 99",
                // Neither a key nor a fingerprint was offered.
                "m=video 0 RTP/SAVP 99", "m=video 9 RTP/AVP 96",
            ])
        #expect(lines.contains("a=mid:data"))
    }

    @Test(
        "Nothing acceptable: no answer",
        arguments: [
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 4000 RTP/SAVPF 0",
            "m=audio 4000 UDP/TLS/RTP/SAVPF 111", "m=audio 0 RTP/AVP 0", "m=audio 4000 RTP/AVP 300",
            "m=image 4000 udptl t38",
        ])
    func nothing(media: String) throws {
        #expect(try answer(Self.offer(media)) == nil)
    }

    @Test(
        "What is no session description is not read",
        arguments: [
            "", "v=0", "hello", offer(), offer("m=audio"), offer("m=audio 70000 RTP/AVP 0"),
            offer("m=audio -1 RTP/AVP 0"), offer("m=audio 4000 RTP//AVP 0"), offer("m=audio 4000 RTP/AVP 0 "),
            offer("m=au(dio 4000 RTP/AVP 0"), offer("m=audio 4000 RTP/AVP \"0"),
            offer("m=audio 4000 RTP/AVP " + Array(repeating: "0", count: 80).joined(separator: " ")),
            (["v=0", "o=-", "s=-"] + Array(repeating: "m=audio 4000 RTP/AVP 0", count: 17)).joined(separator: "\r\n"),
        ])
    func unreadable(text: String) {
        #expect(SDPOffer(text) == nil)
    }

    @Test("Nothing unchecked of the offer comes back")
    func hostile() throws {
        let lines = try #require(
            try answer(
                Self.offer(
                    "m=audio 4000 RTP/AVP 0 8", "a=rtpmap:8 PCMA/8000\u{01}", "a=rtpmap:0 PCMU/8000\u{7F}x",
                    "a=rtpmap:9 G722/8000", "a=fmtp:0 " + String(repeating: "x", count: 513), "a=mid:a b",
                    "a=crypto:0 AES_CM_128_HMAC_SHA1_80 inline:x", "a=unknown:secret", "i=title", "a=ptime:20",
                    "a=fmtp:0 caf\u{E9}")))
        #expect(lines.dropFirst(5) == ["m=audio 9 RTP/AVP 0", "a=sendrecv"])
    }

    @Test("A wrong t= or a key of an unknown suite is not repeated")
    func notRepeated() throws {
        let timing = Self.offer("m=audio 4000 RTP/AVP 0").replacing("t=0 0", with: "t=now later")
        #expect(try answer(timing)?.contains("t=0 0") == true)
        let keys = Self.offer(
            "m=audio 4000 RTP/SAVP 0", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:x",
            "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:y")
        let cryptos = try answer(keys)?.filter { $0.hasPrefix("a=crypto:") }
        #expect(cryptos?.count == 1)
        #expect(cryptos?.first?.hasPrefix("a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:") == true)
    }

    @Test("Every description of a call has the same id and a higher version")
    func versions() throws {
        var random = CountingGenerator()
        var answerer = SDPAnswerer(address: "::1", using: &random)
        let offer = try #require(SDPOffer(SDP.offer()))
        let origins = try (0..<3).map { number in
            let text = number == 1 ? answerer.offer() : try #require(answerer.answer(to: offer, using: &random))
            _ = try SessionDescription(text)
            return text.split(separator: "\r\n")[1].split(separator: " ").map(String.init)
        }
        #expect(Set(origins.map { $0[1] }).count == 1)
        #expect(origins.map { $0[2] } == ["1", "2", "3"])
        #expect(origins.allSatisfy { Array($0[3...]) == ["IN", "IP6", "::1"] })
    }

    @Test("Our own offers change directions or the port, and nothing else but the version")
    func changes() throws {
        var random = CountingGenerator()
        var answerer = SDPAnswerer(address: "127.0.0.1", using: &random)
        #expect(answerer.offer(.held) == nil)
        let offer = try #require(SDPOffer(Self.offer("m=audio 4000 RTP/AVP 0", "m=video 0 RTP/AVP 96")))
        let answer = answerer.answer(to: offer, using: &random)
        let first = try #require(answer)
        let held = answerer.offer(.held)
        func version(_ text: String, _ number: Int) -> String { text.replacing(" 1 IN", with: " \(number) IN") }
        #expect(held == version(first, 2).replacing("a=sendrecv", with: "a=sendonly"))
        // Who holds never promises to receive.
        for (theirs, ours) in [("sendrecv", "sendonly"), ("sendonly", "inactive")] {
            let offer = try #require(SDPOffer(Self.offer("m=audio 4000 RTP/AVP 0", "a=\(theirs)")))
            #expect(answerer.answer(to: offer, using: &random)?.contains("a=\(ours)\r\n") == true)
        }
        var other = answerer
        _ = answerer.answer(to: offer, using: &random)
        #expect(answerer.offer(.resumed) == version(first, 6))
        #expect(answerer.offer(.moved) == version(first, 7).replacing("audio 9", with: "audio 10"))
        // A refused change leaves its version behind.
        let before = other
        _ = other.offer(.resumed)
        other.takeBack(before)
        #expect(other.offer(.held)?.contains(" 6 IN") == true)
    }
}
