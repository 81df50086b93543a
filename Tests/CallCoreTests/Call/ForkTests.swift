import CallCore
import Testing

/// One INVITE, several To tags (mapping §3, "Outbound forking"; RFC 3261 §13.2.2.4, RFC 6228).
@Suite("A forked call")
struct ForkTests {
    @Test func theFirstDialogTakesTheLegOfTheInvite() {
        var call = RecordedCall.started()
        call.receive(180, tag: "a")
        call.receive(180, tag: "a")
        call.receive(180, tag: "b")
        #expect(call.opened == [.openDialog(.first, isFork: false), .openDialog(.second, isFork: true)])
    }

    @Test func theNewestDialogWithMediaIsFollowed() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(180, tag: "a")
        #expect(call.session.answer == .answer)
        call.receive(183, tag: "b", sdp: .other)
        #expect(call.session.answer == .other)
        #expect(call.session.status == .inProgress)
        call.receive(180, tag: "a")
        #expect(call.session.status == .ringing)
        #expect(call.statuses == [.ringing, .inProgress, .ringing])
    }

    @Test func theFirst2xxWins() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(183, tag: "b", sdp: .other)
        call.receive(200, tag: "a", sdp: .answer)
        #expect(call.session.status == .connected)
        #expect(call.session.answer == .answer)
        #expect(call.closed == [.second])
        call.receive(200, tag: "b", sdp: .other)
        let late = DialogID(attempt: 0, index: 2)
        #expect(call.acks == [.first, late])
        #expect(call.byes == [late])
        #expect(call.session.answer == .answer)
        call.byeAnswered(late)
        #expect(call.phase == .connected(.first))
    }

    @Test func aCallEndsOnlyWhenItsLateForksHave() {
        var call = RecordedCall.connected()
        call.receive(200, tag: "b", sdp: .other)
        call.handle(.bye(.first, reason: nil))
        #expect(call.session.status == .terminated)
        #expect(!call.isFinished)
        call.byeAnswered(.second)
        #expect(call.isFinished)
    }

    @Test func theAnswerOfADialogNeverSeenBeforeOpensIt() {
        var call = RecordedCall.started()
        call.receive(180, tag: "a")
        call.receive(200, tag: "b", sdp: .other)
        #expect(call.phase == .connected(.second))
        #expect(call.closed == [.first])
        #expect(call.session.answer == .other)
    }

    @Test func a2xxOfAKnownDialogBringsItsFinalRoute() {
        var call = RecordedCall.started()
        call.receive(180, tag: "a")
        let actions = call.receive(200, tag: "a", sdp: .answer)
        #expect(actions.contains(.refreshDialog(.first)))
        #expect(call.opened.count == 1)
    }

    @Test func theSame2xxAgainIsAcknowledgedAgain() {
        var call = RecordedCall.connected()
        #expect(call.receive(200, tag: "a", sdp: .answer) == [.ack(.first, cseq: 1)])
        #expect(call.phase == .connected(.first))
        call.receive(200, tag: "b", sdp: .other)
        #expect(call.receive(200, tag: "b", sdp: .other) == [.ack(.second, cseq: 1)])
        #expect(call.byes == [.second])
    }

    @Test func forksBeyondMeasureAreNotFollowed() {
        var call = RecordedCall.started()
        for fork in 0..<12 { call.receive(180, tag: "\(fork)") }
        #expect(call.opened.count == 12)
        #expect(call.receive(183, tag: "12", sdp: .other, rseq: 1).isEmpty)
        #expect(call.session.status == .ringing)
    }

    @Test func theAnswerIsTakenHoweverManyHaveRung() {
        var call = RecordedCall.started()
        for fork in 0..<20 { call.receive(180, tag: "\(fork)") }
        call.receive(200, tag: "answers", sdp: .answer)
        let dialog = DialogID(attempt: 0, index: 12)
        #expect(call.acks == [dialog])
        #expect(call.phase == .connected(dialog))
        // Late ones too, to the bound that ids of dialogs have.
        for fork in 0..<10 { call.receive(200, tag: "late \(fork)", sdp: .other) }
        #expect(call.acks.count == 4)
        #expect(call.byes.count == 3)
        #expect(call.phase == .connected(dialog))
    }

    @Test func aDialogThatIsFollowedAgainBringsItsOwnAnswer() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(183, tag: "b", sdp: .other)
        call.receive(180, tag: "a")
        #expect(call.session.status == .ringing)
        #expect(call.session.answer == .answer)
    }

    @Test func a199EndsItsDialogAlone() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(183, tag: "b", sdp: .other)
        call.receive(199, tag: "a")
        #expect(call.closed == [.first])
        #expect(call.statuses == [.inProgress], "what is followed did not change")
        #expect(call.session.answer == .other)
        call.receive(199, tag: "never seen")
        #expect(call.closed == [.first])
    }

    @Test func a199OfTheDialogFollowedTellsTheOneBefore() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(183, tag: "b", sdp: .other)
        call.receive(199, tag: "b")
        #expect(call.told.map(\.answer) == [.other, .answer])
        #expect(call.statuses == [.inProgress, .inProgress])
        call.receive(199, tag: "a")
        #expect(call.told.last?.answer == nil)
    }

    @Test func a199WhileThePostWaitsAnswersNothing() {
        var call = RecordedCall.started()
        call.receive(199)
        #expect(call.postAnswers.isEmpty)
        #expect(call.session.status == .initial)
        #expect(call.running[.progress] != nil)
    }

    @Test func anAnswerAfterA199OpensTheDialogAnew() {
        var call = RecordedCall.started()
        call.receive(183, tag: "a", sdp: .answer)
        call.receive(199, tag: "a")
        call.receive(200, tag: "a", sdp: .answer)
        #expect(call.phase == .connected(.second))
        #expect(call.acks == [.second])
    }
}
