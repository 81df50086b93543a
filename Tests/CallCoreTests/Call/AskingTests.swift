import Testing

@testable import CallCore

/// The network's offers of other media, which the application answers.
@Suite("Other media from the network")
struct AskingTests {
    private static func sdp(
        _ owner: String, version: Int = 1, _ direction: String? = nil, port: Int = 9, streams: Int = 1
    )
        -> SessionDescription
    {
        let line = direction.map { "a=\($0)\r\n" } ?? ""
        let media = (0..<streams).map { "m=audio \(port + $0) RTP/AVP 0\r\n\(line)" }.joined()
        return SessionDescription(
            unchecked:
                "v=0\r\no=\(owner) 7 \(version) IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\(media)")
    }

    private let other = sdp("peer", version: 2, port: 11)
    private let answer = sdp("app", version: 2, port: 21)

    private func made() -> Negotiation {
        Negotiation(own: Self.sdp("app"), remote: Self.sdp("peer"), ownsCallID: true, limit: .seconds(10))
    }

    private func asked(isUpdate: Bool = false) -> Negotiation {
        var talk = made()
        _ = talk.handle(isUpdate ? .update(offer: other) : .invite(offer: other))
        return talk
    }

    @Test(arguments: [false, true])
    func theApplicationIsAskedAndAnswers(isUpdate: Bool) {
        var talk = made()
        #expect(
            talk.handle(isUpdate ? .update(offer: other) : .invite(offer: other)) == [
                .ask, .start(.answer, .seconds(10)), .tell(nil, reason: "the network offers other media"),
            ])
        #expect(talk.isAsking)
        #expect(talk.shownOffer == other)
        #expect(talk.shownAnswer == nil)
        #expect(
            talk.handle(.change(.init(answer: answer))) == [
                .stop(.answer), .tell(nil, reason: nil), .settle(status: 200, answer), .replyToAnswer(nil),
            ])
        #expect(talk.shownOffer == other)
        #expect(talk.shownAnswer == answer)
        #expect(talk.isIdle == isUpdate, "a re-INVITE waits for its ACK")
        _ = talk.handle(.acknowledged(answer: nil))
        // What was agreed on is what counts from now on: only directions change.
        let hold = talk.handle(.update(offer: Self.sdp("peer", version: 3, "sendonly", port: 11)))
        #expect(hold.contains(.tell(.hold, reason: "the network holds the call")))
        #expect(hold.last == .respond(status: 200, Self.sdp("app", version: 3, "recvonly", port: 21)))
    }

    @Test(arguments: [(false, 488), (true, 504)])
    func nobodyAnswers(isUpdate: Bool, status: Int) {
        let before = made()
        var talk = asked(isUpdate: isUpdate)
        #expect(
            talk.handle(.unanswered) == [
                .stop(.answer), .tell(nil, reason: "the network's offer was not answered"),
                .settle(status: status, nil),
            ])
        #expect(talk == before, "the session stays what it was")
    }

    @Test func thePeerWithdrawsIt() {
        var talk = asked()
        let actions = talk.handle(.cancelled)
        #expect(actions.contains(.settle(status: 487, nil)))
        #expect(actions.contains(.tell(nil, reason: "the network withdrew its offer")))
        #expect(talk == made())
    }

    @Test func theEndOfTheDialogAnswersIt() {
        var talk = asked()
        #expect(talk.handle(.over) == [.stop(.answer), .settle(status: 487, nil)])
    }

    @Test func noSecondOfferMeanwhile() {
        var talk = asked()
        #expect(talk.handle(.invite(offer: other)) == [.respond(status: 500, nil)])
        #expect(talk.handle(.update(offer: other)) == [.respond(status: 500, nil)])
        guard case .reply(let error?)? = talk.handle(.change(.init(hold: true))).last else {
            Issue.record("a change went ahead while the network's offer is open")
            return
        }
        #expect(error.code == .aborted)
        #expect(talk.isAsking)
    }

    @Test func anAnswerThatDoesNotFitIsRefusedAndTheQuestionStays() {
        var talk = asked()
        guard case .replyToAnswer(let error?)? = talk.handle(.change(.init(answer: Self.sdp("app", streams: 2)))).last
        else {
            Issue.record("an answer with a stream too many was taken")
            return
        }
        #expect(error.status == 400)
        #expect(talk.isAsking)
    }

    @Test func anAnswerToNothingIsRefused() {
        var talk = made()
        guard case .replyToAnswer(let error?)? = talk.handle(.change(.init(answer: answer))).last else {
            Issue.record("an answer was taken without an offer")
            return
        }
        #expect(error.status == 409)
    }

    @Test func anAnswerWhileTheApplicationHoldsNeverPromisesToListen() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        _ = talk.handle(
            .answered(status: 200, reason: "", answer: Self.sdp("peer", version: 2, "recvonly"), draw: 0))
        _ = talk.handle(.invite(offer: Self.sdp("peer", version: 3, port: 11)))
        let actions = talk.handle(.change(.init(answer: answer)))
        let sent = actions.compactMap { if case .settle(200, let sdp) = $0 { sdp } else { nil } }.first
        #expect(sent?.streams.first?.direction == .sendonly)
        #expect(talk.shownAnswer == answer, "the application sees what it gave")
    }

    @Test func anAnswerNeverSaysMoreThanTheOfferAllows() {
        var talk = made()
        _ = talk.handle(.invite(offer: Self.sdp("peer", version: 2, "sendonly", port: 11)))
        let actions = talk.handle(.change(.init(answer: answer)))
        let sent = actions.compactMap { if case .settle(200, let sdp) = $0 { sdp } else { nil } }.first
        #expect(sent?.streams.first?.direction == .recvonly)
        #expect(actions.contains(.tell(.hold, reason: "the network holds the call")))
    }

    /// RFC 5407 §3.1.4 and §3.1.5.
    @Test func aReinviteBeforeTheAckIsTakenOnlyWhereTheExchangeIsComplete() {
        var talk = made()
        _ = talk.handle(.invite(offer: Self.sdp("peer", version: 2, "sendonly")))
        #expect(
            talk.handle(.invite(offer: Self.sdp("peer", version: 3))).last
                == .respond(status: 200, Self.sdp("app", version: 3)))
        _ = talk.handle(.acknowledged(answer: nil))
        _ = talk.handle(.invite(offer: nil))
        #expect(talk.handle(.invite(offer: Self.sdp("peer", version: 4))).last == .respond(status: 491, nil))
    }

    @Test func aChangeThatWaitsGoesOutOnceTheQuestionIsSettled() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        _ = talk.handle(.answered(status: 491, reason: "", answer: nil, draw: 0))
        _ = talk.handle(.invite(offer: other))
        #expect(talk.handle(.retry).isEmpty)
        let settled = talk.handle(.unanswered)
        #expect(settled.contains { if case .reinvite = $0 { true } else { false } })
    }

    // MARK: - In a call

    @Test func theSessionShowsBothInTurn() {
        var call = RecordedCall.connected()
        let offer = SessionDescription.made("new")
        call.handle(.negotiation(.first, .invite(offer: offer)))
        #expect(call.session.offer == offer && call.session.answer == nil)
        #expect(call.told.last == call.session)
        #expect(call.running[.answer] == .seconds(10))
        #expect(
            call.call.decide(SessionChange(status: .connected, answer: .other)) == .negotiate(.init(answer: .other)))
        for change in [SessionChange(status: .hold), SessionChange(offer: .other)] {
            guard case .refuse(let error) = call.call.decide(change) else {
                Issue.record("\(change) was taken while the network's offer is open")
                continue
            }
            #expect(error.code == .aborted)
        }
        #expect(call.call.decide(SessionChange(offer: .offer)) == .echo, "v0.3 repeats the application's own")
        call.handle(.negotiation(.first, .change(.init(answer: .other))))
        #expect(call.session.offer == offer && call.session.answer == .other)
        #expect(call.running[.answer] == nil)
        #expect(call.call.decide(SessionChange(offer: offer, answer: .other)) == .echo)
        call.handle(.negotiation(.first, .acknowledged(answer: nil)))
        #expect(call.call.decide(SessionChange(offer: .made("third"))) == .negotiate(.init(offer: .made("third"))))
    }

    @Test func theTimerBringsTheOldSessionBack() {
        var call = RecordedCall.connected()
        call.handle(.negotiation(.first, .invite(offer: .other)))
        let actions = call.fire(.answer)
        #expect(actions.contains(.negotiate(.first, .settle(status: 488, nil))))
        #expect(call.session.offer == .offer && call.session.answer == .answer)
        #expect(call.session.status == .connected)
        #expect(call.told.last?.reason == "the network's offer was not answered")
    }

    @Test(arguments: [Event.bye(.first, reason: nil), .end(.owner)])
    func anEndAnswersTheRequestThatIsOpen(event: Event) {
        var call = RecordedCall.connected()
        call.handle(.negotiation(.first, .invite(offer: .other)))
        let actions = call.handle(event)
        #expect(actions.contains(.negotiate(.first, .settle(status: 487, nil))))
        #expect(call.running[.answer] == nil)
    }
}
