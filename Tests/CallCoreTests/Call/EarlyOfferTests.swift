import Testing

@testable import CallCore

/// Further offers before the answer: UPDATE where the early dialog takes it, else after the answer (mapping §3).
@Suite("Offers in an early dialog")
struct EarlyOfferTests {
    /// A call whose early dialog has the answer by a reliable response.
    private func early(tag: String = "a", allowsUpdate: Bool = true) -> RecordedCall {
        var call = RecordedCall.started()
        call.receive(
            InviteResponse(
                status: 183, toTag: tag, rseq: 1, sdp: .answer, allowsUpdate: allowsUpdate))
        return call
    }

    private func offers(_ actions: [Action]) -> [Negotiation.Action] {
        actions.compactMap { action in
            guard case .negotiate(_, let step) = action else { return nil }
            return switch step {
            case .update(let offer): .update(first(offer))
            case .reinvite(let offer): .reinvite(first(offer))
            default: nil
            }
        }
    }

    /// The same with the version that the application gave it.
    private func first(_ offer: SessionDescription) -> SessionDescription {
        SessionDescription(unchecked: offer.text.replacing(" 1 2 IN", with: " 1 1 IN"))
    }

    private let accepted = Negotiation.Event.answered(status: 200, reason: "", answer: .made("new"), draw: 0)

    @Test func anUpdateGoesOutAndItsAnswerIsTold() {
        var call = early()
        #expect(offers(call.handle(.offer(.other))) == [.update(.other)])
        call.handle(.negotiation(.first, accepted))
        #expect(call.session.offer == .other && call.session.answer == .made("new"))
        #expect(call.told.last == call.session)
        #expect(call.session.status == .inProgress)
        // Later responses of the dialog bring the first answer back to nobody.
        call.receive(180)
        #expect(call.session.status == .ringing && call.session.answer == .made("new"))
        call.receive(200)
        #expect(call.session.status == .connected)
        #expect(call.session.offer == .other && call.session.answer == .made("new"))
        #expect(offers(call.all).count == 1, "nothing is left to be offered")
    }

    @Test func whereTheNetworkTakesNoneItWaitsForTheAnswer() {
        var unreliable = RecordedCall.started()
        unreliable.receive(180, sdp: .answer)
        for (var call, sdp) in [(unreliable, SessionDescription.answer), (early(allowsUpdate: false), .answer)] {
            #expect(call.handle(.offer(.other)).isEmpty)
            let answered = call.receive(200, sdp: sdp)
            #expect(offers(answered) == [.reinvite(.other)])
            #expect(call.session.offer == .offer, "until the network agrees")
            call.handle(.negotiation(.first, accepted))
            #expect(call.session.offer == .other)
        }
    }

    @Test func itWaitsForAnEarlyDialogThatTakesIt() {
        var call = RecordedCall.started()
        call.receive(180)
        call.handle(.offer(.other))
        let actions = call.receive(
            InviteResponse(status: 183, toTag: "a", rseq: 1, sdp: .answer, allowsUpdate: true))
        #expect(offers(actions) == [.update(.other)])
    }

    @Test(arguments: [false, true])
    func anotherForkThatAnswersIsOfferedItToo(isSettled: Bool) {
        var call = early()
        call.handle(.offer(.other))
        if isSettled { call.handle(.negotiation(.first, accepted)) }
        let actions = call.receive(200, tag: "b", sdp: .made("b"))
        #expect(offers(actions) == [.reinvite(.other)])
        #expect(call.session.offer == .offer && call.session.answer == .made("b"))
        #expect(call.handle(.negotiation(.first, accepted)).isEmpty, "the loser's answer")
    }

    @Test func aRefusedUpdateIsToldAndTheCallGoesOn() {
        for status in [408, 481, 488] {
            var call = early()
            call.handle(.offer(.other))
            call.handle(.negotiation(.first, .answered(status: status, reason: "SIP \(status)", answer: nil, draw: 0)))
            #expect(call.phase == .calling)
            #expect(call.told.last?.reason == "offer refused: SIP \(status)")
            #expect(call.session.offer == .offer && call.session.answer == .answer)
            #expect(call.running[.exchange] == nil)
        }
    }

    @Test func glareInAnEarlyDialog() {
        var call = early()
        call.handle(.offer(.other))
        #expect(
            call.handle(.negotiation(.first, .update(offer: .made("peer")))) == [
                .negotiate(.first, .respond(status: 491, nil))
            ])
        let crossed = call.handle(.negotiation(.first, .answered(status: 491, reason: "", answer: nil, draw: 0)))
        #expect(crossed == [.start(.glare, .milliseconds(2_100))])
        #expect(offers(call.fire(.glare)) == [.update(.other)])
    }

    @Test func theNetworksOfferIsShownAndAnswered() {
        var call = early()
        call.handle(.negotiation(.first, .update(offer: .other)))
        #expect(call.session.offer == .other && call.session.answer == nil)
        #expect(call.session.status == .inProgress)
        #expect(call.call.decide(SessionChange(answer: .made("mine"))) == .negotiate(.init(answer: .made("mine"))))
        let answered = call.handle(.negotiation(.first, .change(.init(answer: .made("mine")))))
        let sent = answered.compactMap {
            if case .negotiate(_, .settle(200, let sdp?)) = $0 { first(sdp) } else { nil }
        }
        #expect(sent == [.made("mine")])
        #expect(call.session.answer == .made("mine"))
    }

    @Test func theNetworksOfferInAnotherForkIsRefused() {
        var call = early()
        call.receive(180, tag: "b")
        #expect(
            call.handle(.negotiation(.second, .update(offer: .other))) == [
                .negotiate(.second, .respond(status: 488, nil))
            ])
        #expect(
            call.handle(.negotiation(.second, .invite(offer: .other))) == [
                .negotiate(.second, .respond(status: 491, nil))
            ])
    }

    @Test func aCallThatIsGivenUpLeavesNothingOpen() {
        var call = early()
        call.handle(.offer(.other))
        call.handle(.end(.owner))
        #expect(call.running[.exchange] == nil)
        var asked = early()
        asked.handle(.negotiation(.first, .update(offer: .other)))
        let actions = asked.handle(.end(.owner))
        #expect(actions.contains(.negotiate(.first, .settle(status: 487, nil))))
    }
}
