import Testing

@testable import Endpoint

@Suite struct LadderLineTests {
    @Test("A line for a message")
    func lines() {
        let time = ((8 * 60 + 15) * 60 + 2) * 1000 + 7
        let request = LadderLine(
            direction: .received, message: "INVITE +17085854486", callID: "3f9a2b1c77aa", bodyBytes: 512, note: "rings")
        #expect(
            request.text(at: time)
                == "08:15:02.007  ← INVITE +17085854486                     call 3f9a2b1c                SDP 512 bytes  # rings"
        )
        let response = LadderLine(direction: .sent, message: "200 OK (BYE)", callID: "c", tag: "0123456789")
        #expect(
            response.text(at: 0)
                == "00:00:00.000  → 200 OK (BYE)                            call c         tag 01234567")
        let bare = LadderLine(direction: .sent, message: "100 Trying (INVITE)", callID: "abc")
        #expect(bare.text(at: 86_399_999) == "23:59:59.999  → 100 Trying (INVITE)                     call abc")
        #expect(bare.text(at: 86_400_000).hasPrefix("00:00:00.000"))
    }

    @Test("Every status has a phrase")
    func phrases() {
        #expect(LadderLine.response(486, to: "INVITE") == "486 Busy Here (INVITE)")
        #expect(LadderLine.response(608, to: "INVITE") == "608 Rejected (INVITE)")
        // That of its class, where the registry has none.
        #expect(LadderLine.response(499, to: "INVITE") == "499 Bad Request (INVITE)")
    }
}
