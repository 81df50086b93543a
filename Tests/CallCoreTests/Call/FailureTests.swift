import CallCore
import Testing

/// Every row of mapping §2 through a whole call.
@Suite("A call that fails")
struct FailureTests {
    @Test(arguments: MappingRow.all)
    func whileThePostWaits(_ row: MappingRow) {
        var call = RecordedCall.started()
        call.receive(100)
        call.receive(row.sip, "Phrase")
        #expect(call.session.status == row.status)
        #expect(call.session.reason == "SIP \(row.sip) Phrase")
        #expect(call.postAnswers.map { $0?.status } == [row.http])
        #expect(call.postAnswers.first??.code == row.code)
        // The application was never told an id, so there is nothing to show it.
        #expect(call.told.isEmpty)
        #expect(call.alarms.count == (row.isAlarm ? 1 : 0))
        #expect(call.running.isEmpty)
        #expect(call.all.last == .finish)
    }

    @Test(arguments: MappingRow.all)
    func asAResource(_ row: MappingRow) {
        var call = RecordedCall.started(policy: CallPolicy(calleeOutcome: .resource))
        call.receive(row.sip)
        if row.isCalleeOutcome {
            #expect(call.postAnswers == [nil])
            #expect(call.call.isPublished)
        } else {
            #expect(call.postAnswers.map { $0?.status } == [row.http])
            #expect(!call.call.isPublished)
        }
        #expect(call.session.status == row.status)
        #expect(call.session.status.isFinal)
        #expect(call.isFinished)
    }

    @Test(arguments: MappingRow.all)
    func afterRinging(_ row: MappingRow) {
        var call = RecordedCall.started(trunks: 2)
        call.receive(180)
        call.receive(row.sip, "Phrase")
        #expect(call.postAnswers == [nil])
        #expect(call.statuses.last == row.rungStatus)
        #expect(call.told.last?.reason == "SIP \(row.sip) Phrase")
        #expect(call.told.map(\.sequenceNumber) == [2])
        #expect(call.invites.count == 1, "nobody else is rung")
        #expect(call.isFinished)
    }

    @Test(arguments: MappingRow.all)
    func withAnotherTrunkLeft(_ row: MappingRow) {
        var call = RecordedCall.started(trunks: 2)
        call.receive(row.sip)
        #expect(call.invites.map(\.trunk) == (row.failsOver ? [0, 1] : [0]))
        #expect(call.postAnswers.isEmpty == row.failsOver)
        #expect(call.isFinished != row.failsOver)
        guard row.failsOver else { return }
        call.receive(row.sip, attempt: 1)
        #expect(call.postAnswers.map { $0?.status } == [row.http])
        #expect(call.session.status == row.status)
        #expect(call.isFinished)
    }

    @Test(arguments: CauseRow.all)
    func causes(_ row: CauseRow) {
        var call = RecordedCall.started(trunks: 2)
        call.receive(
            InviteResponse(
                status: 500, phrase: "Server Internal Error", toTag: "a", reason: "Q.850;cause=\(row.cause)",
                q850: row.cause))
        #expect(call.invites.count == (row.failsOver ? 2 : 1))
        guard !row.failsOver else { return }
        #expect(call.session.status == row.status)
        #expect(call.session.reason == "SIP 500 Server Internal Error; Q.850;cause=\(row.cause)")
        #expect(call.postAnswers.map { $0?.status } == [row.http])
    }

    @Test func everyTrunkIsTriedInOrder() {
        var call = RecordedCall(
            choices: [
                TrunkChoice(trunk: 4, failoverStatuses: [503]), TrunkChoice(trunk: 2, failoverStatuses: [500]),
                TrunkChoice(trunk: 7, failoverStatuses: [500]),
            ])
        call.handle(.start)
        call.receive(503)
        call.receive(500, attempt: 1)
        call.receive(InviteResponse(status: 503, toTag: "a", retryAfter: 30), attempt: 2)
        #expect(call.invites.map(\.trunk) == [4, 2, 7])
        #expect(call.postAnswers.map { $0?.retryAfter } == [30])
    }

    @Test func aTrunksOwnListDecides() {
        var call = RecordedCall(choices: [TrunkChoice(trunk: 0, failoverStatuses: [404]), TrunkChoice(trunk: 1)])
        call.handle(.start)
        call.receive(404)
        #expect(call.invites.map(\.trunk) == [0, 1])
        call.receive(404, attempt: 1)
        #expect(call.postAnswers.map { $0?.code } == [.identifierNotFound])
    }

    // MARK: - 3xx and 380

    @Test(arguments: [300, 301, 302])
    func redirectionIsFollowed(status: Int) {
        var call = RecordedCall.started()
        let redirect = InviteResponse(status: status, toTag: "a", redirect: Redirect(trunk: 3, user: "+493012345"))
        call.receive(redirect)
        #expect(call.invites.last == .init(trunk: 3, user: "+493012345"))
        #expect(call.postAnswers.isEmpty)
        call.receive(200, attempt: 1, sdp: .answer)
        #expect(call.session.status == .connected)
    }

    @Test func redirectionsEnd() {
        var call = RecordedCall.started()
        for attempt in 0..<4 {
            call.receive(
                InviteResponse(status: 302, toTag: "a", redirect: Redirect(trunk: 0, user: "+49301234\(attempt)")),
                attempt: attempt)
        }
        #expect(call.invites.count == 4)
        #expect(call.session.status == .notReachable)
        #expect(call.postAnswers.map { $0?.status } == [502])
        #expect(call.isFinished)
    }

    @Test func aRedirectionOf305OrFromNowhereIsNotFollowed() {
        for status in [303, 305, 380] {
            var call = RecordedCall.started()
            call.receive(InviteResponse(status: status, toTag: "a", redirect: Redirect(trunk: 0, user: "x")))
            #expect(call.invites.count == 1)
            #expect(call.postAnswers.map { $0?.status } == [502])
        }
    }

    @Test func alternativeServiceAsksForAnEmergencyCall() {
        var call = RecordedCall.started()
        call.receive(InviteResponse(status: 380, phrase: "Alternative Service", toTag: "a", asksForEmergency: true))
        #expect(call.postAnswers == [.emergencyNotSupported])
        #expect(call.session.status == .failed)

        var late = RecordedCall.started()
        late.receive(183)
        late.receive(InviteResponse(status: 380, phrase: "Alternative Service", toTag: "a", asksForEmergency: true))
        #expect(late.statuses.last == .failed)
        #expect(late.session.reason?.contains("dial natively") == true)
    }

    // MARK: - 422 and 424

    @Test func tooSmallAnIntervalIsRaisedOnce() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(InviteResponse(status: 422, toTag: "a", minSE: 1800))
        #expect(call.invites == [.init(trunk: 0), .init(trunk: 0, minSE: 1800)])
        call.receive(InviteResponse(status: 422, toTag: "a", minSE: 3600), attempt: 1)
        #expect(call.invites.count == 2)
        #expect(call.session.status == .failed)
        #expect(call.postAnswers.map { $0?.status } == [502])
    }

    @Test func theRaisedIntervalKeepsTheRedirectedUser() {
        var call = RecordedCall.started()
        call.receive(InviteResponse(status: 302, toTag: "a", redirect: Redirect(trunk: 1, user: "bob")))
        call.receive(InviteResponse(status: 422, toTag: "a", minSE: 120), attempt: 1)
        #expect(call.invites.last == .init(trunk: 1, user: "bob", minSE: 120))
    }

    // MARK: - 401 and 407

    private static func challenge(_ status: Int = 407) -> InviteResponse {
        var response = InviteResponse(status: status, toTag: "a")
        response.isAnswerable = true
        return response
    }

    @Test func anAnswerableChallengeRepeatsTheInvite() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(InviteResponse(status: 422, toTag: "a", minSE: 1800))
        call.receive(Self.challenge(), attempt: 1)
        #expect(call.invites.last == .init(trunk: 0, minSE: 1800))
        #expect(call.invites.count == 3)
        #expect(!call.call.isRepeat(attempt: 0) && call.call.isRepeat(attempt: 2))
        #expect(call.postAnswers.isEmpty)
        call.receive(InviteResponse(status: 401, toTag: "a"), attempt: 2)
        #expect(call.invites.count == 3)
        #expect(call.postAnswers.map { $0?.status } == [502])
    }

    @Test func challengesWithoutEndEnd() {
        var call = RecordedCall.started()
        for attempt in 0..<20 { call.receive(Self.challenge(401), attempt: attempt) }
        #expect(call.invites.count == 8)
        #expect(call.postAnswers.map { $0?.status } == [502])
    }

    @Test func aChallengeToACancelledInviteEndsIt() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.end(.owner))
        call.receive(Self.challenge())
        #expect(call.invites.count == 1)
        #expect(call.session.status == .sessionCancelled)
    }

    // MARK: - The stack's own verdicts

    @Test func timerBTriesTheNextTrunkThenTimesOut() {
        var call = RecordedCall.started(trunks: 2)
        call.stackFails(408)
        #expect(call.invites.map(\.trunk) == [0, 1])
        call.stackFails(408, attempt: 1)
        #expect(call.postAnswers.map { $0?.code } == [.timeout])
        #expect(call.session.status == .failed)
        #expect(call.isFinished)
    }

    /// A connection lost after a 100: the network has the INVITE, and another one might ring the phone twice.
    @Test func transportFailureAfterAResponseTriesNoOtherTrunk() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(100)
        call.stackFails(503)
        #expect(call.invites.count == 1)
        #expect(call.postAnswers.map { $0?.status } == [503])
        #expect(call.isFinished)
    }

    @Test func aRedirectionToAnEmergencyNumberIsThe501() {
        var call = RecordedCall.started(trunks: 2)
        call.receive(InviteResponse(status: 302, toTag: "a", asksForEmergency: true))
        #expect(call.invites.count == 1)
        #expect(call.postAnswers == [.emergencyNotSupported])
    }

    @Test func transportFailureTriesTheNextTrunk() {
        var call = RecordedCall.started(trunks: 2)
        call.stackFails(503)
        #expect(call.invites.map(\.trunk) == [0, 1])
        #expect(call.running[.resend] == nil)
    }

    @Test func transportFailureOfTheLastTrunkIsSentAgain() {
        var call = RecordedCall.started()
        for attempt in 0..<3 {
            call.stackFails(503, attempt: attempt)
            #expect(call.postAnswers.isEmpty)
            #expect(call.running[.resend] == .milliseconds(50 * (attempt + 1)))
            #expect(call.running[.noResponse] == nil)
            call.fire(.resend)
        }
        #expect(call.invites.count == 4)
        call.stackFails(503, attempt: 3)
        #expect(call.postAnswers.map { $0?.code } == [.unavailable])
        #expect(call.session.status == .failed)
        #expect(call.running.isEmpty)
        #expect(call.isFinished)
    }

    @Test func aCallSentAgainIsAnOrdinaryCall() {
        var call = RecordedCall.started()
        call.stackFails(503)
        call.fire(.resend)
        call.receive(200, attempt: 1, sdp: .answer)
        #expect(call.postAnswers == [nil])
        #expect(call.session.status == .connected)
        #expect(call.acks == [DialogID(attempt: 1, index: 0)])
    }

    @Test func attemptsAreBounded() {
        var call = RecordedCall.started(trunks: 20)
        for attempt in 0..<7 { call.receive(503, attempt: attempt) }
        #expect(call.invites.count == 8)
        call.receive(503, attempt: 7)
        #expect(call.invites.count == 8)
        #expect(call.postAnswers.map { $0?.code } == [.unavailable])
        #expect(call.isFinished)
    }

    /// An announcement, a queue or a diversion is no ringing, but somebody has dealt with the call.
    @Test(arguments: [181, 182, 183])
    func progressWithoutRinging(status: Int) {
        var call = RecordedCall.started(trunks: 2)
        call.receive(status)
        call.receive(480)
        #expect(call.session.status == .notReachable)

        var other = RecordedCall.started(trunks: 2)
        other.receive(status)
        other.receive(503)
        #expect(other.invites.count == 1)
        #expect(other.session.status == .failed)
    }
}
