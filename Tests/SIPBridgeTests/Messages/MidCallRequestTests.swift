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
}
