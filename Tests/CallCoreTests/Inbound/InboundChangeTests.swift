import CallCore
import Testing

/// What a device's PUT and DELETE become in SIP (mapping §3, "REST → SIP").
@Suite("A device's word on an inbound call")
struct InboundChangeTests {
    @Test func invitationIsTheFirstEvent() {
        let call = RecordedInbound(devices: 2)
        #expect(
            call.all == [.start(.ring, .seconds(180)), .invite(device: 0), .invite(device: 1)],
            "nothing goes to the network before a device speaks")
        #expect(call.session().sequenceNumber == 1)
        #expect(call.status() == .initial)
    }

    // MARK: - The table, before the answer

    struct Row: Sendable {
        var put: SessionStatus
        var http: Int
        /// What the network is sent: a provisional or final status.
        var sip: Int?
        var status: SessionStatus
    }

    static let rows = [
        Row(put: .inProgress, http: 200, sip: 183, status: .inProgress),
        Row(put: .ringing, http: 200, sip: 180, status: .ringing),
        Row(put: .connected, http: 200, sip: 200, status: .connected),
        Row(put: .waiting, http: 200, sip: 182, status: .waiting),
        Row(put: .proceeding, http: 204, sip: nil, status: .initial),
        Row(put: .busy, http: 200, sip: 486, status: .busy),
        Row(put: .declined, http: 200, sip: 603, status: .declined),
        Row(put: .noAnswer, http: 200, sip: 480, status: .noAnswer),
        Row(put: .notReachable, http: 200, sip: 480, status: .notReachable),
        Row(put: .failed, http: 200, sip: 488, status: .failed),
        Row(put: .terminated, http: 200, sip: 603, status: .declined),
        Row(put: .sessionCancelled, http: 200, sip: 603, status: .declined),
        Row(put: .initial, http: 400, sip: nil, status: .initial),
        Row(put: .hold, http: 409, sip: nil, status: .initial),
        Row(put: .resume, http: 409, sip: nil, status: .initial),
    ]

    @Test func everyStatusHasARow() {
        #expect(Set(InboundChangeTests.rows.map(\.put)) == Set(SessionStatus.allCases))
    }

    @Test(arguments: rows)
    func putBeforeTheAnswer(row: Row) {
        var call = RecordedInbound()
        let reply = call.put(row.put, answer: row.put == .connected ? .answer : nil)
        #expect(reply?.http == row.http)
        #expect(call.provisionals.map(\.status) + call.finals == (row.sip.map { [$0] } ?? []))
        #expect(call.status() == row.status)
        #expect(call.isFinished == row.status.isFinal)
        let isChange = row.status != .initial
        #expect(call.session().sequenceNumber == (isChange ? 2 : 1))
        #expect(call.all.contains(.publish(device: 0)) == isChange)
    }

    @Test(arguments: InboundPolicy.HangUp.allCases)
    func theTrunkSaysHowAHangUpIsTold(hangUp: InboundPolicy.HangUp) {
        var call = RecordedInbound(policy: InboundPolicy(hangUp: hangUp))
        call.handle(.hangUp(device: 0))
        #expect(call.finals == [hangUp.rawValue])
        #expect(call.status() == .declined)
        var declined = RecordedInbound(policy: InboundPolicy(hangUp: hangUp))
        declined.put(.declined)
        #expect(declined.finals == [603], "Declined is 603 on every trunk")
    }

    @Test func failedWithoutAnOfferIsOurFault() {
        var call = RecordedInbound(offer: nil)
        call.put(.failed)
        #expect(call.finals == [500])
    }

    @Test func nothingIsTakenAfterTheEnd() {
        var call = RecordedInbound()
        call.put(.busy)
        for status in SessionStatus.allCases { #expect(call.put(status, answer: .answer)?.http == 409) }
        #expect(call.put(nil)?.http == 409)
        #expect(call.finals == [486])
        #expect(call.handle(.hangUp(device: 0)).isEmpty)
    }

    @Test func aDeviceThatIsNotThere() {
        var call = RecordedInbound()
        #expect(call.put(.ringing, device: 1)?.http == 404)
        #expect(call.handle(.hangUp(device: 1)).isEmpty)
    }

    // MARK: - After the answer

    @Test(arguments: [SessionStatus.terminated, .sessionCancelled])
    func putThatHangsUp(status: SessionStatus) {
        var call = RecordedInbound.connected()
        #expect(call.put(status)?.http == 204)
        #expect(call.byes == ["Q.850;cause=16;text=\"Normal call clearing\""])
        #expect(call.status() == .connected, "told on the BYE's 200")
        #expect(call.put(.connected)?.http == 409, "the session is ending")
        call.handle(.byeAnswered(status: 200, isInternal: false))
        #expect(call.status() == .terminated)
        #expect(call.session().reason == "ended by the application")
        #expect(call.isFinished)
    }

    @Test func putAfterTheAnswer() {
        var call = RecordedInbound.connected()
        let before = call.all.count
        #expect(call.put(.connected, offer: .offer, answer: .answer)?.http == 200, "an echo")
        #expect(call.put(nil, answer: .answer)?.http == 200)
        #expect(call.put(.proceeding)?.http == 204)
        #expect(call.put(nil, answer: .other)?.http == 409, "the answer was sent")
        for status in [SessionStatus.ringing, .inProgress, .waiting, .busy, .declined, .resume] {
            #expect(call.put(status)?.http == 409, "\(status)")
        }
        let isQuiet = call.all[before...].allSatisfy { if case .reply = $0 { true } else { false } }
        #expect(isQuiet, "no SIP and no event")
    }

    // MARK: - Descriptions

    @Test func connectedNeedsADescription() {
        var call = RecordedInbound()
        #expect(call.put(.connected)?.http == 400)
        var offerless = RecordedInbound(offer: nil)
        #expect(offerless.put(.connected, answer: nil)?.http == 400)
        #expect(offerless.put(.connected, answer: .answer)?.http == 409, "the answer is the network's")
        #expect(call.finals.isEmpty && offerless.finals.isEmpty)
    }

    @Test func anEchoOfTheOfferIsNoChange() {
        var call = RecordedInbound()
        #expect(call.put(.ringing, offer: .offer)?.http == 200)
        #expect(call.put(.ringing, offer: .other)?.http == 409)
        #expect(call.session().offer == .offer)
        #expect(call.provisionals == [InboundCall.Provisional(status: 180)])
    }

    @Test func anAnswerGivenEarlierGoesOutWithTheCall() {
        var call = RecordedInbound()
        #expect(call.put(nil, answer: .other)?.http == 200)
        #expect(call.put(nil, answer: .answer)?.http == 200, "not sent yet: it may change")
        #expect(call.provisionals.isEmpty, "an answer alone is no progress")
        #expect(call.all.contains(.show(device: 0)))
        #expect(call.put(.connected)?.http == 200)
        #expect(call.all.contains(.answer(.answer)))
        #expect(call.session().answer == .answer)
    }

    @Test func anAnswerThatWasSentStands() {
        var call = RecordedInbound()
        call.put(.inProgress, answer: .answer)
        #expect(call.put(.connected, answer: .other)?.http == 409)
        #expect(call.put(.connected, answer: .answer)?.http == 200)
    }

    @Test func theSameStatusAgainSaysNothing() {
        var call = RecordedInbound()
        call.put(.ringing)
        #expect(call.put(.ringing)?.http == 200)
        #expect(call.provisionals.count == 1)
        #expect(call.session().sequenceNumber == 2)
    }
}
