import Testing

@testable import CallCore

/// Mid-call of a call that came from the network: the same ``Negotiation``, with the roles the other way round.
@Suite("An inbound call in mid-call")
struct InboundMidCallTests {
    private func steps(_ actions: [InboundCall.Action]) -> [Negotiation.Action] {
        actions.compactMap { if case .negotiate(let step) = $0 { step } else { nil } }
    }

    private func waited(_ actions: [InboundCall.Action]) -> [Int] {
        actions.compactMap { if case .replyWaiting(_, let reply) = $0 { reply.http } else { nil } }
    }

    private func accepted(_ answer: SessionDescription = .made("peer")) -> InboundCall.Event {
        .negotiation(.answered(status: 200, reason: "", answer: answer, draw: 0))
    }

    /// A PUT that waits for the network; returns what it led to.
    private func put(_ change: SessionChange, _ call: inout RecordedInbound) -> [InboundCall.Action] {
        let actions = call.handle(.change(device: 0, change))
        #expect(!actions.contains { if case .reply = $0 { true } else { false } }, "the PUT waits")
        return actions
    }

    @Test func holdAndResumeWaitForTheNetwork() {
        var call = RecordedInbound.connected()
        let hold = put(SessionChange(status: .hold), &call)
        guard case .reinvite(let offer)? = steps(hold).first else {
            Issue.record("no re-INVITE: \(hold)")
            return
        }
        #expect(offer.streams.map(\.direction) == [.sendonly])
        #expect(call.status() == .connected)
        let held = call.handle(accepted())
        #expect(waited(held) == [200])
        #expect(call.status() == .hold)
        #expect(call.put(.hold)?.http == 200, "an echo")
        _ = put(SessionChange(status: .resume), &call)
        call.handle(accepted())
        #expect(call.status() == .resume)
    }

    @Test func aSecondChangeIsRefusedAndTheFirstStillWaits() {
        var call = RecordedInbound.connected()
        _ = put(SessionChange(status: .hold), &call)
        #expect(call.put(.resume)?.http == 409)
        #expect(waited(call.handle(accepted())) == [200])
    }

    @Test(arguments: [488, 500])
    func aRefusalKeepsTheSession(status: Int) {
        var call = RecordedInbound.connected()
        _ = put(SessionChange(status: .hold), &call)
        let actions = call.handle(.negotiation(.answered(status: status, reason: "", answer: nil, draw: 0)))
        #expect(waited(actions) == [409])
        #expect(call.status() == .connected)
    }

    @Test func anEndAnswersThePutThatWaits() {
        for event in [InboundCall.Event.bye(reason: nil), .hangUp(device: 0), .end(.shutdown)] {
            var call = RecordedInbound.connected()
            _ = put(SessionChange(status: .hold), &call)
            #expect(waited(call.handle(event)) == [409])
            #expect(call.running[.exchange] == nil)
        }
    }

    @Test func aNewOfferIsAcceptedAtOnceAndItsAnswerTold() {
        var call = RecordedInbound.connected()
        #expect(call.put(.connected, offer: .made("mine"))?.http == 204)
        #expect(call.session().offer == .offer, "until the network agrees")
        call.handle(accepted())
        #expect(call.session().offer == .made("mine") && call.session().answer == .made("peer"))
        #expect(call.all.last == .publish(device: 0))
    }

    @Test func theCallersHoldIsAnsweredAndTold() {
        var call = RecordedInbound.connected()
        let held = SessionDescription(unchecked: SessionDescription.offer.text + "a=sendonly\r\n")
        let actions = call.handle(.negotiation(.invite(offer: held)))
        guard case .respond(200, let answer?)? = steps(actions).last else {
            Issue.record("not answered: \(actions)")
            return
        }
        #expect(answer.streams.map(\.direction) == [.recvonly])
        #expect(call.status() == .hold)
        #expect(call.session().offer == held && call.session().answer == .answer, "the caller is the offerer")
    }

    @Test func theCallersOtherMediaAreTheDevicesToAnswer() {
        var call = RecordedInbound.connected()
        call.handle(.negotiation(.invite(offer: .made("more"))))
        #expect(call.session().offer == .made("more") && call.session().answer == nil)
        let actions = call.handle(
            .change(device: 0, SessionChange(status: .connected, answer: .made("yes"))))
        let sent = SessionDescription(
            unchecked: SessionDescription.made("yes").text.replacing(" 1 1 IN", with: " 1 2 IN"))
        #expect(steps(actions) == [.settle(status: 200, sent)])
        #expect(actions.contains(.reply(device: 0, .session)))
        #expect(call.session().answer == .made("yes"))
    }

    @Test func anAnswerWhileAnotherPutWaitsIsRepliedToByItself() {
        var call = RecordedInbound.answered()
        _ = put(SessionChange(status: .hold), &call)
        call.handle(.negotiation(.invite(offer: .made("more"))))
        #expect(call.put(.connected, answer: .made("yes"))?.http == 200)
        let acknowledged = call.handle(.negotiation(.acknowledged(answer: nil)))
        #expect(steps(acknowledged).contains { if case .reinvite = $0 { true } else { false } })
        #expect(waited(call.handle(accepted(.made("more")))) == [200])
    }

    @Test func nothingOfOursBeforeTheAck() {
        var call = RecordedInbound.answered()
        #expect(steps(put(SessionChange(status: .hold), &call)).isEmpty)
        #expect(steps(call.handle(.ack(nil))).contains { if case .reinvite = $0 { true } else { false } })
    }

    /// RFC 5407 §3.1.4 and §3.1.5.
    @Test func aReinviteBeforeTheAckOfThe200() {
        var complete = RecordedInbound.answered()
        #expect(steps(complete.handle(.negotiation(.invite(offer: .offer)))).last == .respond(status: 200, .answer))
        complete.handle(.unacknowledged)
        #expect(complete.byes.isEmpty, "the re-INVITE says that the 200 has come")
        var open = RecordedInbound.answered(offer: nil)
        #expect(steps(open.handle(.negotiation(.invite(offer: .answer)))) == [.respond(status: 491, nil)])
    }

    @Test func requestsBeforeTheAnswer() {
        var call = RecordedInbound()
        #expect(steps(call.handle(.negotiation(.invite(offer: .offer)))) == [.respond(status: 500, nil)])
        #expect(steps(call.handle(.negotiation(.update(offer: .offer)))) == [.respond(status: 500, nil)])
        var ending = RecordedInbound.connected()
        ending.handle(.hangUp(device: 0))
        #expect(steps(ending.handle(.negotiation(.invite(offer: .offer)))) == [.respond(status: 481, nil)])
    }

    @Test func anOfferlessCallIsNegotiatedFromItsAckOn() {
        var call = RecordedInbound.answered(offer: nil)
        call.handle(.ack(.answer))
        #expect(call.session().offer == .other && call.session().answer == .answer)
        _ = put(SessionChange(status: .hold), &call)
        call.handle(accepted(.answer))
        #expect(call.status() == .hold)
        #expect(call.session().offer == .other, "the device is the offerer")
    }

    // MARK: - Session timers

    private func timed(_ timer: Negotiation.SessionTimer) -> RecordedInbound {
        var call = RecordedInbound(timer: timer)
        call.put(.connected, answer: .answer)
        return call
    }

    @Test func theCallerRefreshes() {
        var call = timed(.init(interval: 1800, isOurs: false, usesUpdate: true))
        #expect(call.running[.sessionExpiry] == .seconds(1768), "from the 200 on")
        call.handle(.ack(nil))
        call.handle(.negotiation(.refreshed(sessionExpires: 600, refresherIsUs: false)))
        #expect(call.running[.sessionExpiry] == .seconds(568))
        call.fire(.sessionExpiry)
        #expect(call.byes.count == 1)
        call.handle(.byeAnswered(status: 200, isInternal: false))
        #expect(call.status() == .terminated && call.session().reason == "session timeout")
        #expect(call.running.isEmpty)
    }

    @Test(arguments: [false, true])
    func weRefresh(usesUpdate: Bool) {
        var call = timed(.init(interval: 1800, isOurs: true, usesUpdate: usesUpdate))
        call.handle(.ack(nil))
        #expect(call.running[.refresh] == .seconds(900))
        call.fire(.refresh)
        #expect(steps(call.all).last == .refresh(usesUpdate: usesUpdate))
        call.handle(.negotiation(.refreshAnswered(status: 422, sessionExpires: nil, minSE: 2400)))
        call.fire(.refresh)
        #expect(call.call.sessionInterval == 2400)
        call.handle(.negotiation(.refreshAnswered(status: 200, sessionExpires: 2400, minSE: nil)))
        #expect(call.running[.refresh] == .seconds(1200))
        #expect(call.running[.sessionExpiry] == nil)
    }

    @Test(arguments: [408, 481])
    func aRefreshIntoNothingEndsTheCall(status: Int) {
        var call = timed(.init(interval: 1800, isOurs: true, usesUpdate: false))
        call.handle(.ack(nil))
        call.fire(.refresh)
        call.handle(.negotiation(.refreshAnswered(status: status, sessionExpires: nil, minSE: nil)))
        #expect(call.byes.count == 1)
        call.handle(.byeAnswered(status: 200, isInternal: false))
        #expect(call.session().reason == "session timeout")
    }
}
