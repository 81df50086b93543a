import CallCore
import Testing

/// CANCEL, BYE and what crosses them (mapping §2 and §3; RFC 3261 §9, §15).
@Suite("A call that is ended")
struct EndingTests {
    // MARK: - CANCEL

    @Test func cancelThen487() {
        var call = RecordedCall.started()
        call.receive(180)
        let actions = call.handle(.end(.owner))
        #expect(actions.last == .cancel(attempt: 0, reason: "Q.850;cause=16;text=\"Normal call clearing\""))
        #expect(call.phase == .cancelling)
        #expect(call.running.isEmpty)
        #expect(call.told.isEmpty, "the network decides")
        call.receive(487, "Request Terminated")
        #expect(call.statuses == [.sessionCancelled])
        #expect(call.session.reason == "ended by the application; SIP 487 Request Terminated")
        #expect(call.isFinished)
    }

    @Test func cancelIsAskedForOnce() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        #expect(call.handle(.end(.owner)).isEmpty)
        #expect(call.handle(.end(.shutdown)).isEmpty)
    }

    @Test func cancelBeforeAnyResponseIsTheStacksToHoldBack() {
        var call = RecordedCall.started(offer: nil)
        call.handle(.offer(.offer))
        call.handle(.end(.owner))
        #expect(call.cancels == [0])
        call.receive(100)
        #expect(call.running.isEmpty)
        call.receive(487)
        #expect(call.statuses == [.sessionCancelled])
    }

    @Test func cancelThatNobodyAnswers() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        call.stackFails(408)
        #expect(call.statuses == [.sessionCancelled])
        #expect(call.session.reason == "ended by the application")
        #expect(call.isFinished)
    }

    @Test func aRefusalThatCrossesCancelStands() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        call.receive(486, "Busy Here")
        #expect(call.statuses == [.busy])
        #expect(call.session.reason == "SIP 486 Busy Here")
        #expect(call.isFinished)
    }

    @Test func noFailoverAfterCancel() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(100)
        call.handle(.end(.abandoned))
        call.receive(503)
        #expect(call.invites.count == 1)
        #expect(call.isFinished)
    }

    @Test func anAnswerThatCrossesCancelIsAcknowledgedAndEnded() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(180)
        call.handle(.end(.owner))
        call.receive(200, sdp: .answer)
        #expect(call.acks == [.first])
        #expect(call.byes == [.first])
        #expect(call.phase == .ending(.first))
        #expect(call.told.isEmpty, "never told as connected")
        call.byeAnswered()
        #expect(call.statuses == [.sessionCancelled])
        #expect(call.invites.count == 1)
        #expect(call.isFinished)
    }

    @Test func aProvisionalThatCrossesCancelIsAcknowledgedButNotTold() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        call.receive(183, sdp: .answer, rseq: 7)
        #expect(call.pracks == [.prack(.first, rseq: 7, cseq: 1)])
        #expect(call.session.status == .ringing)
        #expect(call.told.isEmpty)
    }

    // MARK: - The client goes, the gateway goes

    @Test func theClientOfTheWaitingPostGoes() {
        var call = RecordedCall.started()
        call.receive(100)
        call.handle(.end(.abandoned))
        #expect(call.cancels == [0])
        #expect(call.postAnswers.map { $0?.code } == [.aborted])
        call.receive(487)
        #expect(call.session.status == .sessionCancelled)
        #expect(call.told.isEmpty)
        #expect(call.isFinished)
    }

    @Test func shutdownIsToldToAWaitingPost() {
        var call = RecordedCall.started()
        call.handle(.end(.shutdown))
        #expect(call.postAnswers.map { $0?.status } == [503])
        #expect(call.cancels == [0])
    }

    @Test func shutdownEndsAConnectedCall() {
        var call = RecordedCall.connected()
        let actions = call.handle(.end(.shutdown))
        #expect(actions.last == .bye(.first, reason: "Q.850;cause=42;text=\"Shutting down\""))
        call.byeAnswered()
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == "gateway shutting down")
    }

    @Test func endBetweenTwoTriesSendsNothing() {
        var call = RecordedCall.started()
        call.stackFails(503)
        #expect(call.running[.resend] != nil)
        call.handle(.end(.abandoned))
        #expect(call.running.isEmpty)
        #expect(call.cancels.isEmpty)
        #expect(call.session.status == .sessionCancelled)
        #expect(call.isFinished)
    }

    // MARK: - BYE

    @Test func byeOfOurs() {
        var call = RecordedCall.connected()
        let actions = call.handle(.end(.owner))
        #expect(actions.last == .bye(.first, reason: "Q.850;cause=16;text=\"Normal call clearing\""))
        #expect(call.running.isEmpty)
        #expect(call.told.isEmpty, "told once the BYE is answered")
        call.byeAnswered()
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == "ended by the application")
        #expect(call.isFinished)
    }

    @Test(arguments: [(nil, "SIP BYE"), ("Q.850;cause=16", "SIP BYE; Q.850;cause=16")] as [(String?, String)])
    func byeOfThePeer(reason: String?, expected: String) {
        var call = RecordedCall.connected()
        call.handle(.bye(.first, reason: reason))
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == expected)
        #expect(call.byes.isEmpty)
        #expect(call.running.isEmpty)
        #expect(call.isFinished)
    }

    @Test func byesThatCross() {
        var call = RecordedCall.connected()
        call.handle(.end(.owner))
        call.handle(.bye(.first, reason: nil))
        #expect(call.statuses == [.terminated])
        #expect(!call.isFinished, "our own BYE is on its way")
        call.byeAnswered(status: 481)
        #expect(call.statuses == [.terminated])
        #expect(call.byes == [.first])
        #expect(call.isFinished)
    }

    @Test(arguments: [408, 481, 500])
    func aByeRefusedEndsTheCallAllTheSame(status: Int) {
        var call = RecordedCall.connected()
        call.handle(.end(.owner))
        call.byeAnswered(status: status, isInternal: status == 408)
        #expect(call.statuses == [.terminated])
        #expect(call.isFinished)
    }

    @Test func aByeThatCannotBeSentIsSentAgain() {
        var call = RecordedCall.connected()
        call.handle(.end(.owner))
        for count in 1...3 {
            call.byeAnswered(status: 503, isInternal: true)
            #expect(call.running == [.resend: .milliseconds(500 * count)])
            call.fire(.resend)
            #expect(call.byes.count == count + 1)
        }
        #expect(call.told.isEmpty)
        call.byeAnswered(status: 503, isInternal: true)
        #expect(call.statuses == [.terminated])
        #expect(call.isFinished)
    }

    @Test func aByeOutsideTheConfirmedDialogChangesNothing() {
        var call = RecordedCall.started()
        call.receive(180)
        #expect(call.handle(.bye(.first, reason: nil)).isEmpty)
        #expect(call.handle(.bye(DialogID(attempt: 3, index: 9), reason: nil)).isEmpty)
    }

    @Test func theLongestCallEnds() {
        var call = RecordedCall.connected(policy: CallPolicy(maxDuration: .seconds(60)))
        #expect(call.running == [.maxDuration: .seconds(60)])
        call.fire(.maxDuration)
        #expect(call.byes == [.first])
        call.byeAnswered()
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == "maximum duration reached")
    }

    @Test func anAnswerOfATrunkGivenUpDoesNotStandForTheOneBeingCancelled() {
        var call = RecordedCall.started(trunks: 2)
        call.fire(.noResponse)
        call.receive(180, attempt: 1)
        call.handle(.end(.owner))
        call.receive(200, attempt: 0, sdp: .answer)
        #expect(call.phase == .cancelling)
        call.byeAnswered(.first)
        #expect(call.told.isEmpty)
        call.receive(486, attempt: 1)
        #expect(call.statuses == [.busy])
        #expect(call.isFinished)
    }

    @Test func endBetweenTwoTriesStillSendsAByeThatIsOwed() {
        var call = RecordedCall.started(trunks: 2)
        call.fire(.noResponse)
        call.receive(200, attempt: 0, sdp: .answer)
        call.byeAnswered(.first, status: 503, isInternal: true)
        call.stackFails(503, attempt: 1)
        call.handle(.end(.abandoned))
        #expect(call.session.status == .sessionCancelled)
        #expect(!call.isFinished)
        call.fire(.resend)
        #expect(call.byes == [.first, .first])
        #expect(call.invites.count == 2)
        call.byeAnswered(.first)
        #expect(call.isFinished)
    }

    @Test func aByeHasItsOwnTries() {
        var call = RecordedCall.started()
        for attempt in 0..<3 {
            call.stackFails(503, attempt: attempt)
            call.fire(.resend)
        }
        call.receive(200, attempt: 3, sdp: .answer)
        call.handle(.end(.owner))
        call.byeAnswered(DialogID(attempt: 3, index: 0), status: 503, isInternal: true)
        #expect(call.running[.resend] == .milliseconds(500))
        call.fire(.resend)
        #expect(call.byes.count == 2)
    }

    @Test func nothingFollowsTheFinish() {
        var call = RecordedCall.started()
        call.receive(486)
        #expect(call.isFinished)
        let late: [Event] = [
            .response(attempt: 0, InviteResponse(status: 200, toTag: "b", sdp: .answer)), .end(.owner),
            .bye(.first, reason: nil), .timer(.resend), .timer(.noResponse), .start,
        ]
        for event in late { #expect(call.handle(event).isEmpty) }
    }

    @Test func aReasonIsBounded() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        call.receive(487, String(repeating: "x", count: 5_000))
        #expect(call.session.reason?.count == 256)

        // One character of many scalars; cut between them.
        var crowded = RecordedCall.connected()
        crowded.handle(.bye(.first, reason: "e" + String(repeating: "\u{301}", count: 5_000)))
        #expect((255...256).contains(crowded.session.reason?.utf8.count ?? 0))

        var byed = RecordedCall.connected()
        byed.handle(.bye(.first, reason: String(repeating: "y", count: 5_000)))
        #expect(byed.session.reason?.count == 256)
    }

    /// Its 18x are lost, or there were none.
    @Test func aByeThatOvertakesEverythingEndsTheCallOnceThe200IsHere() {
        var call = RecordedCall.started()
        call.receive(100)
        let bye = OutboundCall.Event.overtakingBye(attempt: 0, tag: "a", reason: "Q.850;cause=16")
        #expect(call.handle(bye).isEmpty)
        #expect(call.handle(.overtakingBye(attempt: 7, tag: "a", reason: nil)).isEmpty)
        call.receive(200, sdp: .answer)
        #expect(call.session.status == .terminated)
        #expect(call.session.reason == "SIP BYE; Q.850;cause=16")
        #expect(call.acks == [.first] && call.byes.isEmpty)
        #expect(call.running.isEmpty && call.isFinished)
    }

    @Test func aForksByeThatOvertakesItsAnswerEndsNoOtherFork() {
        var call = RecordedCall.started()
        for fork in 0..<100 { call.handle(.overtakingBye(attempt: 0, tag: "fork \(fork)", reason: nil)) }
        call.receive(200, tag: "another", sdp: .answer)
        #expect(call.session.status == .connected)
        #expect(call.byes.isEmpty)
    }

    @Test func aByeThatOvertakesThe200EndsTheCallOnceThatIsHere() {
        var call = RecordedCall.started()
        call.receive(180)
        #expect(call.handle(.bye(.first, reason: "Q.850;cause=16")).isEmpty)
        call.receive(200, sdp: .answer)
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == "SIP BYE; Q.850;cause=16")
        #expect(call.acks == [.first] && call.byes.isEmpty)
        #expect(call.running.isEmpty && call.isFinished)
    }
}
