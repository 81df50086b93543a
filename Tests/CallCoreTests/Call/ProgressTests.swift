import CallCore
import Testing

/// Mapping §1 and the provisional rows of §2: when the POST is answered, and what events say before the answer.
@Suite("A call in progress")
struct ProgressTests {
    @Test func theInviteGoesOutAtOnce() {
        let call = RecordedCall.started()
        #expect(call.invites == [.init(trunk: 0)])
        #expect(call.running == [.noResponse: .seconds(4)])
        #expect(call.postAnswers.isEmpty)
    }

    @Test(arguments: [
        (180, SessionStatus.ringing, nil), (181, .proceeding, "forwarded"), (182, .waiting, nil),
        (183, .inProgress, nil), (184, .inProgress, nil), (101, .inProgress, nil), (198, .inProgress, nil),
    ])
    func provisionalAnswersThePost(status: Int, expected: SessionStatus, reason: String?) {
        var call = RecordedCall.started()
        call.receive(status, sdp: status == 181 ? nil : .answer)
        #expect(call.postAnswers == [nil])
        #expect(call.session.status == expected)
        #expect(call.session.reason == reason)
        #expect(call.session.answer == (status == 181 ? nil : .answer))
        #expect(call.session.sequenceNumber == 1)
        #expect(call.running == [.ring: .seconds(180)])
        // The 201 tells the status; an event would tell it twice.
        #expect(call.told.isEmpty)
    }

    /// P-Early-Media (RFC 5009), or where it is missing the trunk's word, says whether what a 18x brings is played.
    @Test(
        arguments: [
            (nil, .played, true), (nil, .silent, false), (.played, .silent, true), (.silent, .played, false),
        ] as [(EarlyMedia?, EarlyMedia, Bool)])
    func earlyMediaAreShownWherePlayed(told: EarlyMedia?, usual: EarlyMedia, isShown: Bool) {
        var call = RecordedCall.started()
        var progress = InviteResponse(status: 183, toTag: "a", sdp: .answer)
        progress.earlyMedia = told
        progress.usualEarlyMedia = usual
        call.receive(progress)
        #expect(call.session.status == .inProgress)
        #expect(call.session.answer == (isShown ? .answer : nil))
        // Nothing is said of them again: they stay what they were.
        var ringing = InviteResponse(status: 180, toTag: "a", sdp: .answer)
        ringing.usualEarlyMedia = usual
        call.receive(ringing)
        #expect(call.session.status == .ringing)
        #expect(call.session.answer == (isShown ? .answer : nil))
        call.receive(200, sdp: nil)
        #expect(call.session.status == .connected)
        #expect(call.session.answer == .answer)
    }

    @Test func mediaThatBeginLaterAreShownThen() {
        var call = RecordedCall.started()
        var silent = InviteResponse(status: 183, toTag: "a", sdp: .answer)
        silent.earlyMedia = .silent
        call.receive(silent)
        #expect(call.session.answer == nil)
        var played = InviteResponse(status: 183, toTag: "a")
        played.earlyMedia = .played
        call.receive(played)
        #expect(call.session.answer == .answer)
        #expect(call.statuses == [.inProgress])
    }

    @Test func aForkThatEndsLeavesNoSilentOnesMedia() {
        var call = RecordedCall.started()
        var silent = InviteResponse(status: 183, toTag: "a", sdp: .other)
        silent.earlyMedia = .silent
        call.receive(silent)
        call.receive(183, tag: "b", sdp: .answer)
        #expect(call.session.answer == .answer)
        call.receive(199, tag: "b")
        #expect(call.session.answer == nil)
    }

    @Test func tryingStartsTheProgressTimer() {
        var call = RecordedCall.started(policy: CallPolicy(waitForProgress: .milliseconds(120)))
        call.receive(100)
        #expect(call.running == [.progress: .milliseconds(120), .ring: .seconds(180)])
        #expect(call.postAnswers.isEmpty)
        call.fire(.progress)
        #expect(call.postAnswers == [nil])
        #expect(call.session.status == .initial)
        #expect(call.session.sequenceNumber == 0)
        call.receive(180)
        #expect(call.statuses == [.ringing])
        #expect(call.postAnswers.count == 1)
    }

    @Test func aRepeatedTryingStartsNothing() {
        var call = RecordedCall.started()
        call.receive(100)
        #expect(call.receive(100).isEmpty)
    }

    @Test func noResponseAtAllIsATimeout() {
        var call = RecordedCall.started(policy: CallPolicy(timeout: .seconds(3)))
        #expect(call.running == [.noResponse: .seconds(3)])
        call.fire(.noResponse)
        #expect(call.cancels == [0])
        #expect(call.postAnswers.map { $0?.status } == [504])
        #expect(call.postAnswers.first??.code == .timeout)
        #expect(call.session.status == .failed)
        #expect(call.running.isEmpty)
        #expect(!call.isFinished, "the INVITE still has to end")
        call.receive(487)
        #expect(call.isFinished)
    }

    @Test func noResponseTriesTheNextTrunkFirst() {
        var call = RecordedCall(
            choices: [TrunkChoice(trunk: 0, noResponse: .seconds(2)), TrunkChoice(trunk: 1)],
            policy: CallPolicy(timeout: .seconds(3)))
        call.handle(.start)
        #expect(call.running == [.noResponse: .seconds(2)])
        call.fire(.noResponse)
        #expect(call.cancels == [0])
        #expect(call.invites.map(\.trunk) == [0, 1])
        #expect(call.postAnswers.isEmpty)
        #expect(call.running == [.noResponse: .seconds(3)])
        call.fire(.noResponse)
        #expect(call.postAnswers.map { $0?.code } == [.timeout])
        call.stackFails(408, attempt: 0)
        #expect(!call.isFinished)
        call.stackFails(408, attempt: 1)
        #expect(call.isFinished)
    }

    @Test func aTrunkGivenUpIsNotHeardAnyMore() {
        var call = RecordedCall.started(trunks: 2)
        call.fire(.noResponse)
        #expect(call.receive(180, attempt: 0).isEmpty)
        call.receive(486, attempt: 0)
        #expect(call.session.status == .initial)
        #expect(call.postAnswers.isEmpty)
        call.receive(180, attempt: 1)
        #expect(call.session.status == .ringing)
    }

    @Test func anAnswerOfATrunkGivenUpIsEndedAtOnce() {
        var call = RecordedCall.started(trunks: 2)
        call.fire(.noResponse)
        call.receive(200, attempt: 0, sdp: .answer)
        #expect(call.acks == [.first])
        #expect(call.byes == [.first])
        #expect(call.session.status == .initial)
        call.receive(200, attempt: 1, tag: "b", sdp: .other)
        #expect(call.session.status == .connected)
        #expect(call.session.answer == .other)
        call.byeAnswered(.first)
        #expect(call.phase == .connected(DialogID(attempt: 1, index: 0)))
    }

    @Test func anAnswerThatComesAfterTheTimeoutIsEnded() {
        var call = RecordedCall.started()
        call.fire(.noResponse)
        call.receive(200, sdp: .answer)
        #expect(call.acks == [.first])
        #expect(call.byes == [.first])
        #expect(!call.isFinished)
        call.byeAnswered()
        #expect(call.session.status == .failed)
        #expect(call.isFinished)
    }

    @Test func theAnswerAnswersThePost() {
        var call = RecordedCall.started()
        call.receive(200, sdp: .answer)
        #expect(call.postAnswers == [nil])
        #expect(call.session.status == .connected)
        #expect(call.session.answer == .answer)
        #expect(call.running == [.maxDuration: .seconds(14_400)])
    }

    @Test func everyChangeIsToldOnce() {
        var call = RecordedCall.started()
        call.receive(100)
        call.fire(.progress)
        call.receive(181)
        call.receive(183, sdp: .answer)
        call.receive(183, sdp: .answer)
        call.receive(180)
        call.receive(180)
        call.receive(200, sdp: .answer)
        #expect(call.statuses == [.proceeding, .inProgress, .ringing, .connected])
        #expect(call.told.map(\.sequenceNumber) == [1, 2, 3, 4])
        #expect(call.told.map(\.reason) == ["forwarded", nil, nil, nil])
        #expect(call.told.map(\.answer) == [nil, .answer, .answer, .answer])
    }

    @Test func anEarlierStatusWithoutMediaDoesNotReplaceALaterOne() {
        var call = RecordedCall.started()
        call.receive(180)
        call.receive(181)
        call.receive(183)
        #expect(call.session.status == .ringing)
        #expect(call.told.isEmpty)
    }

    @Test func anAnswerWithoutAMediaDescriptionFails() {
        var call = RecordedCall.started()
        call.receive(200)
        #expect(call.acks == [.first])
        #expect(call.byes == [.first])
        #expect(call.postAnswers.map { $0?.status } == [502])
        call.byeAnswered()
        #expect(call.session.status == .failed)
        #expect(call.isFinished)

        var early = RecordedCall.started()
        early.receive(183, sdp: .answer)
        early.receive(200)
        #expect(early.session.status == .connected)
        #expect(early.session.answer == .answer)
    }

    // MARK: - Ringing too long

    @Test func ringingTooLongIsNoAnswer() {
        var call = RecordedCall.started(policy: CallPolicy(ring: .seconds(60)))
        call.receive(180)
        #expect(call.running == [.ring: .seconds(60)])
        call.fire(.ring)
        #expect(call.cancels == [0])
        #expect(call.phase == .cancelling)
        #expect(call.told.isEmpty)
        call.receive(487, "Request Terminated")
        #expect(call.statuses == [.noAnswer])
        #expect(call.session.reason == "no answer; SIP 487 Request Terminated")
        #expect(call.isFinished)
    }

    // MARK: - Created without an offer

    @Test func withoutAnOfferTheInviteWaits() {
        var call = RecordedCall.started(offer: nil)
        #expect(call.postAnswers == [nil])
        #expect(call.session.status == .initial)
        #expect(call.invites.isEmpty)
        #expect(call.running == [.offer: .seconds(30)])
        #expect(call.handle(.offer(.offer)).first == .show, "GET tells the offer from now on")
        #expect(call.told.isEmpty)
        #expect(call.invites == [.init(trunk: 0)])
        #expect(call.session.offer == .offer)
        #expect(call.running.isEmpty, "no POST waits, and Timer B bounds the rest")
        call.receive(183, sdp: .answer)
        #expect(call.statuses == [.inProgress])
        #expect(call.handle(.offer(.other)).isEmpty, "an offer is taken once")
    }

    @Test func withoutAnOfferInTimeTheCallFails() {
        var call = RecordedCall.started(offer: nil, policy: CallPolicy(offerTimeout: .seconds(5)))
        #expect(call.running == [.offer: .seconds(5)])
        call.fire(.offer)
        #expect(call.statuses == [.failed])
        #expect(call.session.reason == "no offer")
        #expect(call.running.isEmpty)
        #expect(call.isFinished)
    }

    @Test func withoutAnOfferTheOwnerMayEnd() {
        var call = RecordedCall.started(offer: nil)
        call.handle(.end(.owner))
        #expect(call.statuses == [.sessionCancelled])
        #expect(call.cancels.isEmpty)
        #expect(call.isFinished)
    }

    @Test func silenceAfterALateOfferTriesTheNextTrunk() {
        var call = RecordedCall.started(trunks: 2, offer: nil)
        call.handle(.offer(.offer))
        #expect(call.running == [.noResponse: .seconds(4)])
        call.fire(.noResponse)
        #expect(call.invites.map(\.trunk) == [0, 1])
        #expect(call.running.isEmpty)
        call.stackFails(408, attempt: 1)
        #expect(call.statuses == [.failed])
    }

    @Test func anAnswerOfATrunkGivenUpLeavesTheTimersOfTheNext() {
        var call = RecordedCall.started(trunks: 2)
        call.fire(.noResponse)
        call.receive(200, attempt: 0, sdp: .answer)
        #expect(call.running == [.noResponse: .seconds(4)])
        #expect(call.all.last == .bye(.first, reason: "Q.850;cause=102;text=\"Recovery on timer expiry\""))

        var ringing = RecordedCall.started(trunks: 2)
        ringing.fire(.noResponse)
        ringing.receive(180, attempt: 1)
        ringing.receive(200, attempt: 0, sdp: .answer)
        #expect(ringing.running == [.ring: .seconds(180)])
    }

    @Test(arguments: [CallPolicy.CalleeOutcome.error, .resource])
    func ringingTooLongWhileThePostWaits(outcome: CallPolicy.CalleeOutcome) {
        let policy = CallPolicy(waitForProgress: .seconds(4), ring: .seconds(1), calleeOutcome: outcome)
        var call = RecordedCall.started(trunks: 2, policy: policy)
        call.receive(100)
        call.fire(.ring)
        #expect(call.cancels == [0])
        #expect(call.postAnswers.map { $0?.status } == [outcome == .error ? 422 : nil])
        #expect(call.session.status == .noAnswer)
        #expect(call.session.reason == "no answer")
        #expect(call.running.isEmpty)
        call.receive(200, sdp: .answer)
        #expect(call.byes == [.first])
        call.byeAnswered()
        #expect(call.session.status == .noAnswer)
        #expect(call.isFinished)
    }
}
