import CallCore
import Testing

/// What an emergency call does that no other call does (emergency design 4, 6 and 7).
@Suite("An emergency call")
struct EmergencyCallTests {
    private func started(trunks: Int = 2) -> RecordedCall {
        var call = RecordedCall(
            choices: (0..<trunks).map { TrunkChoice(trunk: $0, failoverStatuses: []) }, isEmergency: true)
        call.handle(.start)
        return call
    }

    /// The trunk's own list of statuses is not asked, nor a Q.850 cause.
    @Test(arguments: Array(300...302) + [380] + Array(400...606))
    func everyFailureTriesTheNextTrunk(status: Int) {
        var call = started()
        call.receive(
            InviteResponse(status: status, toTag: "a", q850: 17, redirect: Redirect(trunk: 7, user: "bob")))
        #expect(call.invites == [.init(trunk: 0), .init(trunk: 1)])
        #expect(call.postAnswers.isEmpty)
    }

    @Test(arguments: [408, 503]) func evenALostConnectionDoes(status: Int) {
        var call = started()
        call.receive(100)
        call.stackFails(status)
        #expect(call.invites.map(\.trunk) == [0, 1])
    }

    @Test func anAnnouncementIsNoRinging() {
        var call = started()
        call.receive(183, sdp: .answer)
        call.receive(500)
        #expect(call.invites.map(\.trunk) == [0, 1])
        call.receive(180, attempt: 1)
        call.receive(500, attempt: 1)
        #expect(call.invites.count == 2)
        #expect(call.session.status == .failed)
    }

    @Test func whatHasRungIsRungNowhereElse() {
        var call = started()
        call.receive(180)
        call.receive(486)
        #expect(call.invites.count == 1)
        #expect(call.session.status == .busy)
    }

    @Test func silenceTriesTheNext() {
        var call = started()
        call.fire(.noResponse)
        #expect(call.invites.map(\.trunk) == [0, 1])
        #expect(call.cancels == [0])
    }

    @Test func thePostWaitsLongerForProgress() {
        var call = started()
        call.receive(100)
        #expect(call.running[.progress] == .seconds(4))
    }

    @Test func theLastRefusalIsTold() {
        var call = started()
        call.receive(500)
        call.receive(404, attempt: 1)
        #expect(call.postAnswers.map { $0?.status } == [404])
        // Another network's word for "dial natively".
        var other = started(trunks: 1)
        other.receive(InviteResponse(status: 380, toTag: "a", asksForEmergency: true))
        #expect(other.postAnswers == [.emergencyNotSupported])
    }

    // MARK: - Calls that become one

    private func alternative(_ choices: [TrunkChoice] = [TrunkChoice(trunk: 5), TrunkChoice(trunk: 6)])
        -> InviteResponse
    {
        var response = InviteResponse(status: 380, toTag: "a", asksForEmergency: true)
        response.emergency = EmergencyTarget(service: "sos.fire", choices: choices)
        return response
    }

    @Test func a380MakesOne() {
        var call = RecordedCall.started()
        let actions = call.receive(alternative())
        #expect(actions.contains(.becomeEmergency(service: "sos.fire")))
        #expect(call.invites.map(\.trunk) == [0, 5])
        #expect(call.session.callType == .emergency)
        // Now it is one in every respect: the next trunk, and no second change.
        call.receive(alternative(), attempt: 1)
        #expect(call.invites.map(\.trunk) == [0, 5, 6])
        call.receive(403, attempt: 2)
        #expect(call.postAnswers.map { $0?.status } == [403])
    }

    @Test func withoutATrunkForItTheApplicationDials() {
        var call = RecordedCall.started()
        call.receive(alternative([]))
        #expect(call.postAnswers == [.emergencyNotSupported])
        #expect(call.session.callType == nil)
    }

    // MARK: - Locations

    @Test(arguments: [true, false]) func aLocationThatIsRefusedIsLeftOutOnce(isEmergency: Bool) {
        var call = RecordedCall(choices: [TrunkChoice(trunk: 0)], isEmergency: isEmergency)
        call.handle(.start)
        var refusal = InviteResponse(status: 424, toTag: "a")
        refusal.refusesLocation = true
        call.receive(refusal)
        #expect(call.invites.map(\.trunk) == [0, 0])
        #expect(!call.call.omitsLocation(in: 0))
        #expect(call.call.omitsLocation(in: 1))
        call.receive(refusal, attempt: 1)
        #expect(call.invites.count == 2)
        #expect(call.postAnswers.map { $0?.status } == [400])
    }

    @Test func aLocationIsToldWhereTheDialogTakesIt() {
        var early = RecordedCall.started()
        #expect(early.call.locationDialog == nil)
        early.receive(InviteResponse(status: 183, toTag: "a", sdp: .answer))
        #expect(early.call.locationDialog == nil, "an early dialog without UPDATE has no way")
        early.receive(InviteResponse(status: 183, toTag: "a", allowsUpdate: true))
        #expect(early.call.locationDialog?.allowsUpdate == true)
        for allows in [true, false] {
            let connected = RecordedCall.connected(allowsUpdate: allows)
            #expect(connected.call.locationDialog?.dialog == .first)
            #expect(connected.call.locationDialog?.allowsUpdate == allows)
        }
    }

    @Test func aReinviteRestatesOurDescription() {
        var call = RecordedCall.connected()
        #expect(call.handle(.negotiation(.first, .restate)) == [.refresh(.first, usesUpdate: false)])
        #expect(call.handle(.negotiation(.first, .restate)).isEmpty, "one at a time")
        call.handle(.refreshAnswered(.first, status: 488, sessionExpires: nil))
        #expect(call.session.status == .connected)
        #expect(call.handle(.negotiation(.first, .restate)) == [.refresh(.first, usesUpdate: false)])
        call.handle(.refreshAnswered(.first, status: 481, sessionExpires: nil))
        #expect(call.byes == [.first], "the peer has lost the dialog (RFC 3261 §12.2.1.2)")
    }
}
