import CSofiaSIP
import Testing

@testable import Endpoint

@Suite struct RequestCheckTests {
    private static let ok = RequestCheck(method: CSIP_INVITE, contentType: "application/sdp", hasBody: true)

    private static func changed(_ change: (inout RequestCheck) -> Void) -> RequestCheck {
        var check = ok
        change(&check)
        return check
    }

    @Test("What becomes of a request outside any dialog")
    func verdicts() {
        let rows: [(RequestCheck, RequestCheck.Verdict)] = [
            (Self.ok, .call),
            (Self.changed { $0.contentType = "Application/SDP" }, .call),
            (Self.changed { ($0.hasBody, $0.contentType) = (false, nil) }, .call),
            (Self.changed { $0.scheme = "tel" }, .call),
            (Self.changed { $0.method = CSIP_OPTIONS }, .reply(200)),
            (Self.changed { $0.hasToTag = true }, .reply(481)),
            (Self.changed { $0.method = CSIP_BYE }, .reply(481)),
            (Self.changed { $0.method = CSIP_CANCEL }, .reply(481)),
            (Self.changed { $0.method = CSIP_PRACK }, .reply(481)),
            (Self.changed { $0.method = CSIP_UPDATE }, .reply(481)),
            (Self.changed { $0.method = CSIP_REGISTER }, .reply(405)),
            (Self.changed { $0.method = CSIP_OTHER }, .reply(501)),
            (Self.changed { $0.scheme = "http" }, .reply(416)),
            (Self.changed { $0.scheme = nil }, .reply(416)),
            (Self.changed { $0.unsupportedOption = "precondition" }, .reply(420, headers: "Unsupported: precondition")),
            (Self.changed { $0.unsupportedOption = "a\r\nX: y" }, .reply(400)),
            (Self.changed { $0.hasContact = false }, .reply(400)),
            (Self.changed { $0.contentType = "text/plain" }, .reply(415)),
            (Self.changed { $0.contentType = nil }, .reply(415)),
        ]
        for (check, verdict) in rows { #expect(check.verdict == verdict, "\(check)") }
    }

    @Test("Headers that a status needs, from checked parts only")
    func headers() {
        func lines(_ status: Int, _ number: String = "+17085854302") -> String? {
            ResponseHeaders.lines(status: status, number: number, host: "127.0.0.1:5070")
        }
        #expect(lines(302) == "Contact: <sip:+17085854200@127.0.0.1:5070>")
        #expect(lines(302, "alice302") == nil)
        #expect(lines(302, "302") == nil)
        #expect(lines(302, "+1>\r\nX: 302") == nil)
        #expect(lines(401)?.hasPrefix("WWW-Authenticate: Digest ") == true)
        #expect(lines(407)?.hasPrefix("Proxy-Authenticate: Digest ") == true)
        #expect(lines(422) == "Min-SE: 90")
        #expect(lines(503) == "Retry-After: 5")
        #expect(lines(486) == nil)
        #expect(
            ResponseHeaders.sessionTimer(expires: 1800, isSupported: true)
                == "Session-Expires: 1800;refresher=uac\nRequire: timer")
        #expect(ResponseHeaders.sessionTimer(expires: 0, isSupported: true) == nil)
        #expect(ResponseHeaders.sessionTimer(expires: 1800, isSupported: false) == nil)
    }

    @Test("Text from the network is shown without what a terminal would act on")
    func shown() {
        #expect("a\u{1B}[31mb\r\nc é".withCString { SIPText.shown($0, limit: 64) } == "a?[31mb??c???")
        #expect("abcdef".withCString { SIPText.shown($0, limit: 3) } == "abc")
        #expect(SIPText.shown(nil, limit: 3).isEmpty)
    }
}
