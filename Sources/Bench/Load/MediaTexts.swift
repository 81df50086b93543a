/// The session descriptions of the load: what a browser sends, filled up with candidates to a given size. Each offer
/// carries its call's number as the session identifier of its origin line, so that no two are the same.
struct MediaTexts {
    let offer: [UInt8]
    /// Where the call's twelve digits go in ``offer``.
    let offerNumber: Int
    let answer: [UInt8]

    /// Sizes in bytes; the texts are as near below them as whole lines allow, and padded to them exactly.
    init(offerBytes: Int, answerBytes: Int) {
        offer = MediaTexts.text(session: "000000000000", setup: "actpass", bytes: offerBytes)
        answer = MediaTexts.text(session: "4611731400430", setup: "active", bytes: answerBytes)
        offerNumber = "v=0\r\no=- ".utf8.count
    }

    private static func text(session: String, setup: String, bytes: Int) -> [UInt8] {
        var lines = [
            "v=0", "o=- \(session) 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "a=msid-semantic: WMS stream",
            "m=audio 40000 UDP/TLS/RTP/SAVPF 111 9 0 8 110 126", "c=IN IP4 192.0.2.10",
            "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:Jx4v", "a=ice-pwd:q7WmT0b1yHk5sZc3NfLd8RgE",
            "a=ice-options:trickle",
            "a=fingerprint:sha-256 "
                + (0..<32).map { String(hex: UInt8(truncatingIfNeeded: 37 &* $0 &+ 11)) }.joined(separator: ":"),
            "a=setup:\(setup)", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
            "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:9 G722/8000",
            "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:110 telephone-event/48000",
            "a=rtpmap:126 telephone-event/8000",
        ]
        var size = lines.reduce(0) { $0 + $1.utf8.count + 2 }
        for number in 1... {
            let candidate =
                "a=candidate:\(number) 1 udp \(2_122_260_223 - number) 192.0.2.\(10 + number) \(40_000 + number)"
                + " typ host generation 0 network-id \(number)"
            // Room must be left for the padding line.
            guard size + candidate.utf8.count + 2 + 10 <= bytes else { break }
            lines.append(candidate)
            size += candidate.utf8.count + 2
        }
        let padding = bytes - size - "a=x-pad:\r\n".utf8.count
        if padding > 0 { lines.append("a=x-pad:" + String(repeating: "p", count: padding)) }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }
}

extension String {
    /// Two upper-case hexadecimal digits.
    fileprivate init(hex byte: UInt8) {
        let digits = String(byte, radix: 16, uppercase: true)
        self = digits.count == 1 ? "0" + digits : digits
    }
}
