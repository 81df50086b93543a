import CallCore
import Testing

/// RFC 8866 in so far as a description that passes through has to be well-formed (media design, "passthrough").
@Suite("Session descriptions")
struct SessionDescriptionTests {
    @Test(arguments: [
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
        "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\n",
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\ns=-\r\nm=audio 9 RTP/AVP 0",  // mixed ends, none on the last line
        "v=0\no=-\nm=\u{e9}",  // any text after the sign
        "v=0\no=-\ns=\nm=audio 9 RTP/AVP 0\nm=video 9 RTP/AVP 96\na==\n",
    ])
    func wellFormedTextStaysAsItIs(text: String) throws {
        #expect(try Array(SessionDescription(text).text.utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        ("", 1, "empty"),
        ("hello", 1, "x=value"),
        ("v=1\no=-\nm=a", 1, "v=0"),
        ("v=0 \no=-\nm=a", 1, "v=0"),
        (" v=0\no=-\nm=a", 1, "x=value"),
        ("o=-\nv=0\nm=a", 1, "v=0"),
        ("\u{feff}v=0\no=-\nm=a", 1, "x=value"),
        ("v=0\nm=a\n", 3, "no o= line"),
        ("v=0\no=-\n", 3, "no m= line"),
        ("v=0\no=-\n\nm=a\n", 3, "x=value"),
        ("v=0\r\no=-\r\nm=a\r\n\r\n", 4, "x=value"),
        ("v=0\no\nm=a", 2, "x=value"),
        ("v=0\n=-\nm=a", 2, "x=value"),
        ("v=0\nO=-\nm=a", 2, "x=value"),
        ("v=0\no=-\nm=a\u{0}b\n", 3, "NUL"),
        ("v=0\no=-\rs=-\nm=a", 2, "carriage return"),
        ("v=0\r\r\no=-\nm=a", 1, "carriage return"),
        ("v=0\no=-\nm=a\r", 3, "carriage return"),
    ])
    func theLineIsNamed(text: String, line: Int, problem: String) {
        let error = #expect(throws: SessionDescription.Malformed.self) { try SessionDescription(text) }
        #expect(error?.line == line)
        #expect(error?.problem.contains(problem) == true)
        #expect(error?.description.hasPrefix("line \(line): ") == true)
    }

    @Test func sizeIsBounded() {
        let head = "v=0\no=-\nm="
        let fits = head + String(repeating: "x", count: SessionDescription.maximumBytes - head.utf8.count)
        #expect(throws: Never.self) { try SessionDescription(fits) }
        #expect(throws: SessionDescription.Malformed.self) { try SessionDescription(fits + "x") }
    }

    @Test func streamsAreBounded() {
        func text(streams: Int) -> String {
            "v=0\no=-\n" + String(repeating: "m=audio 9 RTP/AVP 0\n", count: streams)
        }
        #expect(throws: Never.self) { try SessionDescription(text(streams: 64)) }
        let error = #expect(throws: SessionDescription.Malformed.self) { try SessionDescription(text(streams: 65)) }
        #expect(error?.description == "line 67: more than 64 m= lines")
        #expect(error?.exceedsLimit == true)
        let malformed = #expect(throws: SessionDescription.Malformed.self) { try SessionDescription("v=1\no=-\nm=a") }
        #expect(malformed?.exceedsLimit == false)
    }

    @Test func equalTextIsEqual() throws {
        let text = "v=0\no=-\nm=a"
        #expect(try SessionDescription(text) == SessionDescription(text))
        #expect(try SessionDescription(text) != SessionDescription(text + "\n"))
    }
}
