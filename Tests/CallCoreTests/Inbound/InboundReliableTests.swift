import CallCore
import Testing

/// Reliable provisional responses and offerless INVITEs (RFC 3262, RFC 3261 §13.2.1, RFC 6337).
@Suite("An inbound call's offer, answer and PRACK")
struct InboundReliableTests {
    typealias Provisional = InboundCall.Provisional

    @Test func unreliableAnswersAreRepeatedInThe200() {
        var call = RecordedInbound()
        call.put(.inProgress, answer: .answer)
        call.put(.ringing)
        call.put(.connected)
        #expect(
            call.provisionals == [
                Provisional(status: 183, description: .answer), Provisional(status: 180, description: .answer),
            ])
        #expect(call.all.contains(.answer(.answer)))
    }

    @Test func reliableAnswersAreNotRepeated() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        call.handle(.prack(nil))
        call.put(.ringing)
        call.handle(.prack(nil))
        call.put(.connected, answer: .answer)
        #expect(
            call.provisionals == [
                Provisional(status: 183, description: .answer, isReliable: true),
                Provisional(status: 180, isReliable: true),
            ])
        #expect(call.all.contains(.answer(nil)))
    }

    @Test func oneReliableResponseAtATime() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        #expect(call.put(.ringing)?.http == 200, "PUTs are answered meanwhile")
        #expect(call.provisionals.map(\.status) == [183])
        call.handle(.prack(nil))
        #expect(call.provisionals.map(\.status) == [183, 180])
    }

    @Test func the200WaitsForThePRACKOfADescription() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        #expect(call.put(.connected)?.http == 200)
        #expect(call.status() == .connected)
        #expect(call.finals.isEmpty)
        call.handle(.prack(nil))
        #expect(call.finals == [200])
        #expect(call.provisionals.count == 1, "no 1xx after the answer")
    }

    @Test func the200DoesNotWaitForAnEmptyRinging() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.ringing)
        call.put(.connected, answer: .answer)
        #expect(call.all.contains(.answer(.answer)))
        #expect(call.handle(.prack(nil)).isEmpty)
    }

    @Test(arguments: [true, false])
    func noPRACK(isAnswered: Bool) {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        if isAnswered { call.put(.connected) }
        call.handle(.unacknowledged)
        #expect(call.finals == [504])
        #expect(call.status() == .failed)
        #expect(call.session().reason == "no PRACK")
        #expect(call.isFinished)
    }

    @Test func aRefusalDoesNotWaitForPRACK() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        call.put(.busy)
        #expect(call.finals == [486])
    }

    @Test func nothingIsUnacknowledgedWhileNothingIsOwed() {
        var call = RecordedInbound()
        call.put(.ringing)
        #expect(call.handle(.unacknowledged).isEmpty)
        #expect(call.handle(.prack(.other)).isEmpty)
    }

    // MARK: - Offerless

    @Test func offerInThe200AndAnswerInTheACK() {
        var call = RecordedInbound(offer: nil)
        call.put(.inProgress, offer: .other)
        #expect(call.provisionals == [Provisional(status: 183)], "an offer is never sent unreliably")
        call.put(.connected)
        #expect(call.all.contains(.answer(.other)))
        call.handle(.ack(.answer))
        #expect(call.session().offer == .other)
        #expect(call.session().answer == .answer)
        #expect(call.all.last == .publish(device: 0))
        #expect(call.session().sequenceNumber == 4)
        #expect(call.byes.isEmpty)
    }

    @Test func anACKWithoutAnswerEndsTheCall() {
        var call = RecordedInbound.answered(offer: nil)
        call.handle(.ack(nil))
        #expect(call.byes == ["Q.850;cause=88;text=\"No media description\""])
        call.handle(.byeAnswered(status: 200, isInternal: false))
        #expect(call.status() == .terminated)
        #expect(call.session().reason == "answer without a media description")
    }

    @Test func offerInAReliable183AndAnswerInThePRACK() {
        var call = RecordedInbound(offer: nil, reliability: .supported)
        call.put(.ringing)
        #expect(call.provisionals == [Provisional(status: 180)], "the first reliable message has the offer")
        call.put(.inProgress, offer: .other)
        #expect(call.provisionals.last == Provisional(status: 183, description: .other, isReliable: true))
        call.handle(.prack(.answer))
        #expect(call.session().answer == .answer)
        call.put(.connected)
        #expect(call.all.contains(.answer(nil)))
        call.handle(.ack(nil))
        #expect(call.byes.isEmpty, "the answer has come")
    }

    @Test func aPRACKWithoutAnswerFailsTheCall() {
        var call = RecordedInbound(offer: nil, reliability: .supported)
        call.put(.inProgress, offer: .other)
        call.handle(.prack(nil))
        #expect(call.finals == [488])
        #expect(call.status() == .failed)
    }

    @Test func aCallerThatInsistsOnPRACKWaitsForTheOffer() {
        var call = RecordedInbound(offer: nil, reliability: .required)
        #expect(call.put(.ringing)?.http == 200)
        #expect(call.provisionals.isEmpty)
        call.put(.ringing, offer: .other)
        #expect(call.provisionals == [Provisional(status: 180, description: .other, isReliable: true)])
    }
}
