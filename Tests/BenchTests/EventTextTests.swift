import Testing

@testable import Bench

@Suite struct EventTextTests {
    private func read(_ text: String) -> EventText? {
        Array(text.utf8).withUnsafeBufferPointer { bytes in bytes.baseAddress.flatMap { EventText($0, bytes.count) } }
    }

    /// A `session-status` event; `replacing`: a part of it that is something else.
    private func status(_ part: String = "", by other: String = "") -> String {
        let text = """
            {"id":"e1","source":"/gw","specversion":"1.0","type":"\(EventText.statusType)","data":{"subscriptionId":"a",\
            "originatorAddress":"tel:+1708","status":"Connected","offer":{"sdp":"o=\\"status\\""},\
            "mediaSessionId":"m","reason":"SIP 200 OK","sequenceNumber":2}}
            """
        return part.isEmpty ? text : text.replacing(part, with: other)
    }

    @Test func aStatusIsRead() {
        let expected = EventText(
            id: "e1", subscription: "a",
            kind: .status(session: "m", number: 2, originator: "tel:+1708", isFinal: false))
        #expect(read(status()) == expected)
    }

    @Test(arguments: ["Terminated", "SessionCancelled", "Failed", "Busy", "NoAnswer", "NotReachable", "Declined"])
    func anEndIsFinal(_ last: String) {
        guard case .status(_, _, _, let isFinal)? = read(status("Connected", by: last))?.kind else {
            Issue.record("not read")
            return
        }
        #expect(isFinal)
    }

    @Test func anEndedSubscriptionIsRead() {
        let text = #"{"id":"e","type":"\#(EventText.endedType)","data":{"subscriptionId":"a","terminationReason":"X"}}"#
        #expect(read(text) == EventText(id: "e", subscription: "a", kind: .subscriptionEnded))
    }

    @Test(arguments: [
        #""id""#, #""type""#, #""subscriptionId""#, #""originatorAddress""#, #""status""#, #""mediaSessionId""#,
        #""sequenceNumber""#,
    ])
    func nothingMayBeLeftOut(_ member: String) { #expect(read(status(member, by: #""other""#)) == nil) }

    @Test(arguments: [#""sequenceNumber":"2""#, #""sequenceNumber":-2"#, #""sequenceNumber":2.5"#])
    func aNumberIsWhole(_ member: String) { #expect(read(status(#""sequenceNumber":2"#, by: member)) == nil) }

    @Test func otherTypesAreNotExpected() { #expect(read(status("session-status", by: "registration-ends")) == nil) }

    /// A `session-invitation` event; `replacing`: a part of it that is something else.
    private func invitation(_ part: String = "", by other: String = "") -> String {
        let text = """
            {"id":"e1","type":"\(EventText.invitationType)","data":{"subscriptionId":"a",\
            "originatorAddress":"tel:+1000420000007","status":"Initial","mediaSessionId":"m","sequenceNumber":1}}
            """
        return part.isEmpty ? text : text.replacing(part, with: other)
    }

    @Test func anInvitationIsRead() {
        let expected = EventText(
            id: "e1", subscription: "a", kind: .invitation(session: "m", caller: 420_000_007))
        #expect(read(invitation()) == expected)
    }

    @Test(arguments: [
        ("Initial", "Ringing"), (#""sequenceNumber":1"#, #""sequenceNumber":2"#), ("tel:+1000420000007", "sip:a@b"),
        (#""mediaSessionId""#, #""other""#),
    ])
    func anotherInvitationIsNotExpected(part: String, other: String) {
        #expect(read(invitation(part, by: other)) == nil)
    }
}
