import CallCore
import Testing

/// Reliable provisional responses (RFC 3262).
@Suite("Reliable provisional responses")
struct ReliableTests {
    @Test func eachIsAcknowledgedOnceAndInOrder() {
        var call = RecordedCall.started()
        call.receive(183, sdp: .answer, rseq: 4711)
        call.receive(180, rseq: 4712)
        #expect(call.pracks == [.prack(.first, rseq: 4711, cseq: 1), .prack(.first, rseq: 4712, cseq: 1)])
    }

    @Test(arguments: [9, 10, 12, 4711] as [UInt32])
    func aRepetitionOrAGapIsNotAcknowledged(rseq: UInt32) {
        var call = RecordedCall.started()
        call.receive(183, rseq: 10)
        // RFC 3262 §4: not acknowledged and not processed further.
        #expect(call.receive(180, sdp: .answer, rseq: rseq).isEmpty)
        #expect(call.session.status == .inProgress)
        call.receive(180, rseq: 11)
        #expect(call.session.status == .ringing)
        #expect(call.pracks.count == 2)
    }

    @Test func numbersAreOfTheDialog() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", rseq: 1)
        call.receive(183, tag: "b", rseq: 900)
        call.receive(180, tag: "a", rseq: 2)
        call.receive(180, tag: "b", rseq: 901)
        #expect(
            call.pracks == [
                .prack(.first, rseq: 1, cseq: 1), .prack(.second, rseq: 900, cseq: 1),
                .prack(.first, rseq: 2, cseq: 1), .prack(.second, rseq: 901, cseq: 1),
            ])
    }

    @Test func theCSeqIsThatOfTheInvite() {
        var call = RecordedCall.started()
        call.receive(InviteResponse(status: 183, toTag: "a", rseq: 1, cseq: 77))
        #expect(call.pracks == [.prack(.first, rseq: 1, cseq: 77)])
    }

    @Test func anUnreliableOneIsNotAcknowledged() {
        var call = RecordedCall.started()
        call.receive(183, sdp: .answer)
        #expect(call.pracks.isEmpty)
    }

    @Test func theAnswerOfAReliableResponseStands() {
        var call = RecordedCall.started()
        call.receive(183, sdp: .answer, rseq: 1)
        call.receive(200, sdp: .other)
        #expect(call.session.answer == .answer)
        var without = RecordedCall.started()
        without.receive(183, sdp: .answer, rseq: 1)
        without.receive(200)
        #expect(without.session.answer == .answer)
        #expect(without.session.status == .connected)
    }

    @Test func onlyAReliableAnswerStands() {
        var call = RecordedCall.started()
        call.receive(183, sdp: .answer)
        call.receive(180, rseq: 1)
        call.receive(200, sdp: .other)
        #expect(call.session.answer == .other)
    }

    @Test func noSecondAnswerComesInAProvisionalResponse() {
        var call = RecordedCall.started()
        call.receive(183, sdp: .answer, rseq: 1)
        call.receive(180, sdp: .other, rseq: 2)
        #expect(call.session.status == .ringing)
        #expect(call.session.answer == .answer)
        call.receive(183, sdp: .other)
        #expect(call.session.status == .ringing)
        #expect(call.session.answer == .answer)
        call.receive(200, sdp: .other)
        #expect(call.session.answer == .answer)
    }
}
