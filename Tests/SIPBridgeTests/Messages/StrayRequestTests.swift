import CSofiaSIP
import Testing

@testable import SIPBridge

/// Answers to requests outside any dialog (RFC 3261 §8.2, §12.2.2; mapping §3).
@Suite("Requests out of the blue")
struct StrayRequestTests {
    private static let known: [csip_method] = [
        CSIP_INVITE, CSIP_BYE, CSIP_CANCEL, CSIP_OPTIONS, CSIP_REGISTER, CSIP_INFO, CSIP_PRACK, CSIP_UPDATE,
        CSIP_MESSAGE, CSIP_SUBSCRIBE, CSIP_NOTIFY, CSIP_REFER, CSIP_PUBLISH,
    ]

    /// 0 for an INVITE that may become a call.
    private func status(of request: StrayRequest) -> Int { request.answer?.status ?? 0 }

    @Test func methods() {
        let expected: [(csip_method, Int)] = [
            (CSIP_INVITE, 0), (CSIP_OPTIONS, 200), (CSIP_BYE, 481), (CSIP_CANCEL, 481), (CSIP_PRACK, 481),
            (CSIP_UPDATE, 481), (CSIP_REGISTER, 405), (CSIP_INFO, 405), (CSIP_MESSAGE, 405), (CSIP_SUBSCRIBE, 405),
            (CSIP_NOTIFY, 405), (CSIP_REFER, 405), (CSIP_PUBLISH, 405), (CSIP_OTHER, 501),
        ]
        for (method, expectedStatus) in expected {
            #expect(status(of: StrayRequest(method: method)) == expectedStatus, "\(method)")
            #expect(StrayRequest(method: method).answer?.headers == nil)
        }
        #expect(Self.known.allSatisfy(StrayRequest.isKnown))
        #expect(!StrayRequest.isKnown(CSIP_OTHER))
    }

    @Test func aTagWithoutADialog() {
        for method in Self.known where method != CSIP_OPTIONS {
            for isTrunk in [true, false] {
                #expect(status(of: StrayRequest(method: method, hasToTag: true, isTrunk: isTrunk)) == 481)
            }
        }
    }

    @Test func strangers() {
        for method in Self.known + [CSIP_OTHER] {
            #expect(status(of: StrayRequest(method: method, isTrunk: false)) == 403)
        }
    }

    @Test(arguments: [
        ("sip", 0), ("SIP", 0), ("sips", 0), ("tel", 0), ("urn", 416), ("http", 416), ("", 416), (nil, 416),
    ])
    func schemes(scheme: String?, expected: Int) {
        #expect(status(of: StrayRequest(method: CSIP_INVITE, scheme: scheme)) == expected)
    }

    @Test func anUnknownExtensionIsNamed() {
        let request = StrayRequest(method: CSIP_INVITE, unsupportedOption: "x-evil!%*_+`'~.1")
        #expect(request.answer == .init(status: 420, headers: "Unsupported: x-evil!%*_+`'~.1"))
        #expect(status(of: StrayRequest(method: CSIP_OPTIONS, unsupportedOption: "foo")) == 420)
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "a,b", "a\"", "é", String(repeating: "a", count: 65)])
    func anExtensionThatIsNoTokenGoesIntoNoHeader(option: String) {
        #expect(
            StrayRequest(method: CSIP_INVITE, unsupportedOption: option).answer == .init(status: 400, headers: nil))
    }

    @Test(arguments: [
        ("application/sdp", 0), ("Application/SDP", 0), ("multipart/mixed", 415), ("text/plain", 415),
        ("application/sdpx", 415), ("", 415), (nil, 415),
    ])
    func bodies(type: String?, expected: Int) {
        #expect(status(of: StrayRequest(method: CSIP_INVITE, contentType: type, hasBody: true)) == expected)
    }

    @Test func anInviteNeedsAContact() {
        #expect(status(of: StrayRequest(method: CSIP_INVITE, hasContact: false)) == 400)
        #expect(status(of: StrayRequest(method: CSIP_OPTIONS, hasContact: false)) == 200)
    }
}
