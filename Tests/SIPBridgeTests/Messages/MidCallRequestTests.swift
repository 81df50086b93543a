import CallCore
import Testing

@testable import SIPBridge

/// What a re-INVITE or UPDATE is answered before the call is asked.
@Suite("Requests in a dialog")
struct MidCallRequestTests {
    /// What `body` is taken for.
    private func taken(_ body: String) -> MidCallRequest.Body {
        Array(body.utf8).withUnsafeBufferPointer(MidCallRequest.body)
    }

    @Test func bodies() throws {
        let fine = "v=0\no=-\n" + String(repeating: "m=audio 9 RTP/AVP 0\n", count: 64)
        #expect(taken("") == .none)
        #expect(try taken(fine) == .description(SessionDescription(fine)))
        #expect(taken(fine + "m=audio 9 RTP/AVP 0\n") == .refused(status: 488))
        #expect(taken(fine + "a=" + String(repeating: "x", count: 65_536)) == .refused(status: 488))
        #expect(taken("v=1\n") == .refused(status: 400))
    }

    @Test(
        arguments: [
            (0, true, nil), (1, true, 422), (89, true, 422), (90, true, nil), (1_800, true, nil), (89, false, nil),
        ] as [(UInt32, Bool, Int?)])
    func intervals(expires: UInt32, supportsTimer: Bool, status: Int?) {
        let answer = MidCallRequest.timerRefusal(expires: expires, supportsTimer: supportsTimer)
        #expect(answer == status.map { .init(status: $0, headers: "Min-SE: 90") })
    }

    @Test(
        arguments: [(89, 300, 422), (299, 300, 422), (300, 300, nil), (20, 10, nil), (9, 10, 422)]
            as [(UInt32, UInt32, Int?)])
    func theTrunksMinimumCounts(expires: UInt32, minimum: UInt32, status: Int?) {
        let answer = MidCallRequest.timerRefusal(expires: expires, supportsTimer: true, minimum: minimum)
        #expect(answer == status.map { .init(status: $0, headers: "Min-SE: \(minimum)") })
    }

    /// RFC 4028 §9: where the caller asks for none, the called side may.
    @Test(
        arguments: [
            (0, 0, true, nil), (0, 600, true, "Session-Expires: 600;refresher=uas\nRequire: timer"),
            (0, 600, false, "Session-Expires: 600;refresher=uas"),
            (1_800, 600, true, "Session-Expires: 1800;refresher=uas\nRequire: timer"),
        ] as [(UInt32, UInt32, Bool, String?)])
    func whatA200AgreesTo(expires: UInt32, wanted: UInt32, supportsTimer: Bool, line: String?) {
        func terms(minSE: UInt32) -> TimerTerms {
            TimerTerms(
                expires: expires, minSE: minSE, supportsTimer: supportsTimer, refresherIsUAC: false, wanted: wanted)
        }
        #expect(terms(minSE: 0).line == line)
        // Never below the least that the caller takes.
        if expires == 0, wanted > 0 { #expect(terms(minSE: 900).interval == 900) }
    }
}
