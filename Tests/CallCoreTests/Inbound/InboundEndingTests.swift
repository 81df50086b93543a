import CallCore
import Testing

/// CANCEL, BYE, silence and the clock (RFC 3261 §9.2, §13.3.1.4, §15).
@Suite("An inbound call that is ended")
struct InboundEndingTests {
    @Test func cancel() {
        var call = RecordedInbound()
        call.put(.ringing)
        call.handle(.cancel(reason: "Q.850;cause=16", isAnsweredElsewhere: false))
        #expect(call.finals == [487])
        #expect(call.status() == .sessionCancelled)
        #expect(call.session().reason == "SIP CANCEL; Q.850;cause=16")
        #expect(call.running.isEmpty)
        #expect(call.isFinished)
    }

    @Test func cancelThatCrossesAHeldAnswer() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        call.put(.connected)
        call.handle(.cancel(reason: nil, isAnsweredElsewhere: false))
        #expect(call.finals == [487])
        #expect(call.status() == .sessionCancelled)
    }

    @Test func cancelAfterTheAnswerChangesNothing() {
        var call = RecordedInbound.answered()
        #expect(call.handle(.cancel(reason: nil, isAnsweredElsewhere: false)).isEmpty)
        #expect(call.status() == .connected)
    }

    @Test func byeInTheEarlyDialog() {
        var call = RecordedInbound()
        call.put(.ringing)
        call.handle(.bye(reason: nil))
        #expect(call.finals == [487])
        #expect(call.status() == .sessionCancelled)
        #expect(call.isFinished)
    }

    @Test(arguments: [true, false])
    func byeOfThePeer(isAcknowledged: Bool) {
        var call = isAcknowledged ? RecordedInbound.connected() : .answered()
        call.handle(.bye(reason: "Q.850;cause=16"))
        #expect(call.status() == .terminated)
        #expect(call.session().reason == "SIP BYE; Q.850;cause=16")
        #expect(call.byes.isEmpty)
        #expect(call.running.isEmpty)
        #expect(call.isFinished)
    }

    @Test func byesThatCross() {
        var call = RecordedInbound.connected()
        call.handle(.hangUp(device: 0))
        call.handle(.bye(reason: nil))
        #expect(call.status() == .terminated)
        #expect(call.session().reason == "ended by the application")
        #expect(!call.isFinished, "our own BYE is still out")
        call.handle(.byeAnswered(status: 481, isInternal: false))
        #expect(call.isFinished)
    }

    @Test func noACK() {
        var call = RecordedInbound.answered()
        call.handle(.unacknowledged)
        #expect(call.byes.count == 1)
        call.handle(.byeAnswered(status: 408, isInternal: true))
        #expect(call.status() == .terminated)
        #expect(call.session().reason == "no ACK")
        #expect(call.isFinished)
    }

    @Test func noACKAfterTheACKIsIgnored() {
        var call = RecordedInbound.connected()
        #expect(call.handle(.unacknowledged).isEmpty)
        #expect(call.handle(.ack(nil)).isEmpty, "an ACK that comes again")
    }

    @Test(arguments: [true, false])
    func byeIsHeldBackUntilTheACK(comes: Bool) {
        var call = RecordedInbound.answered()
        #expect(call.put(.terminated)?.http == 204)
        #expect(call.byes.isEmpty)
        call.handle(comes ? .ack(nil) : .unacknowledged)
        #expect(call.byes.count == 1)
        call.handle(.byeAnswered(status: 200, isInternal: false))
        #expect(call.session().reason == "ended by the application")
        #expect(call.isFinished)
    }

    @Test func aPeerThatHangsUpWhileOurBYEIsHeldBack() {
        var call = RecordedInbound.answered()
        call.handle(.hangUp(device: 0))
        call.handle(.bye(reason: nil))
        #expect(call.byes.isEmpty)
        #expect(call.isFinished, "no BYE is owed to a dialog that has ended")
        #expect(call.handle(.ack(nil)).isEmpty)
    }

    @Test func hangUpOfAHeldAnswerRefusesTheINVITE() {
        var call = RecordedInbound(reliability: .supported)
        call.put(.inProgress, answer: .answer)
        call.put(.connected)
        #expect(call.put(.terminated)?.http == 204)
        #expect(call.finals == [603])
        #expect(call.status() == .terminated)
        #expect(call.isFinished)
    }

    @Test func aBYEThatCannotBeSentIsTriedAgain() {
        var call = RecordedInbound.connected()
        call.handle(.hangUp(device: 0))
        for _ in 0..<3 {
            call.handle(.byeAnswered(status: 503, isInternal: true))
            call.fire(.resend)
        }
        #expect(call.byes.count == 4)
        call.handle(.byeAnswered(status: 503, isInternal: true))
        #expect(call.isFinished)
        #expect(call.running.isEmpty)
    }

    @Test func nobodyAnswers() {
        var call = RecordedInbound(devices: 2, policy: InboundPolicy(ring: .seconds(40)))
        call.put(.ringing, device: 1)
        #expect(call.running[.ring] == .seconds(40))
        call.fire(.ring)
        #expect(call.finals == [480])
        #expect([call.status(0), call.status(1)] == [.noAnswer, .noAnswer])
    }

    @Test func theLongestCall() {
        var call = RecordedInbound.connected()
        #expect(call.running == [.maxDuration: .seconds(14_400)], "the ring timer has stopped")
        call.fire(.maxDuration)
        #expect(call.byes == ["Q.850;cause=31;text=\"Maximum duration reached\""])
    }

    @Test func shutdown() {
        var ringing = RecordedInbound()
        ringing.handle(.end(.shutdown))
        #expect(ringing.all.contains(.refuse(status: 503, retryAfter: 5)))
        #expect(ringing.status() == .sessionCancelled)
        var connected = RecordedInbound.connected()
        connected.handle(.end(.shutdown))
        #expect(connected.byes.count == 1)
    }

    @Test func transportFailure() {
        var ringing = RecordedInbound(devices: 2)
        ringing.handle(.transportFailure)
        #expect([ringing.status(0), ringing.status(1)] == [.failed, .failed])
        #expect(ringing.isFinished)
        var connected = RecordedInbound.connected()
        #expect(connected.handle(.transportFailure).isEmpty)
        // The BYE waits for the ACK of a 200 that could not be sent.
        var ending = RecordedInbound.answered()
        ending.handle(.hangUp(device: 0))
        ending.handle(.transportFailure)
        #expect(ending.status() == .terminated)
        #expect(ending.byes.isEmpty)
        #expect(ending.isFinished)
    }
}
