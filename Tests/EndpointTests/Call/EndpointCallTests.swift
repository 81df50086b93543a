import Testing

@testable import Endpoint

/// The called side as a table: a script, what happens, what follows from it.
@Suite struct EndpointCallTests {
    private typealias Row = (event: EndpointCall.Event, actions: [EndpointCall.Action], state: EndpointCall.State)

    private func follow(_ steps: [EndpointStep], supports100rel: Bool = true, _ rows: [Row]) {
        var call = EndpointCall(steps, supports100rel: supports100rel)
        for (number, row) in rows.enumerated() {
            #expect(call.handle(row.event) == row.actions, "row \(number), \(row.event)")
            #expect(call.state == row.state, "row \(number), \(row.event)")
        }
    }

    private static let ringing = EndpointCall.Action.respond(status: 180, from: .answering, describes: false)
    private static let ok = EndpointCall.Action.respond(status: 200, from: .answering, describes: true)
    private static let terminated = EndpointCall.Action.respond(status: 487, from: .answering, describes: false)
    private static let ring: [EndpointStep] = [.provisional(180), .wait(.seconds(3)), .answer]
    private static let long = EndpointCall.Action.wait(EndpointCall.maximumDuration)

    @Test("Rung, answered, ended by the caller")
    func answered() {
        follow(
            Self.ring,
            [
                (.start, [Self.ringing, .wait(.seconds(3))], .ringing),
                (.timer, [Self.ok], .answered),
                (.acknowledged, [.releaseInvite, Self.long], .talking),
                (.bye, [.stopWaiting, .releaseInvite, .finish], .over),
            ])
    }

    @Test("A call nobody ends is ended at last")
    func forgotten() {
        follow(
            [.answer],
            [
                (.start, [Self.ok], .answered), (.acknowledged, [.releaseInvite, Self.long], .talking),
                (.timer, [.sendBye], .hangingUp),
                (.byeAnswered, [.stopWaiting, .releaseInvite, .finish], .over),
            ])
    }

    @Test("Hanging up, and BYEs that cross")
    func hangUp() {
        let steps: [EndpointStep] = [.answer, .wait(.seconds(2)), .hangUp]
        follow(
            steps,
            [
                (.start, [Self.ok], .answered),
                (.acknowledged, [.releaseInvite, .wait(.seconds(2))], .talking),
                (.timer, [.sendBye], .hangingUp),
                (.bye, [.stopWaiting, .releaseInvite, .finish], .over),
                (.byeAnswered, [], .over),
            ])
    }

    @Test("The 200 waits for the PRACK and does not repeat the answer")
    func reliable() {
        follow(
            [.reliable(183), .wait(.seconds(2)), .answer],
            [
                (.start, [.respondReliably(status: 183)], .awaitingPRACK),
                (.timer, [], .awaitingPRACK),
                (.pracked, [.wait(.seconds(2))], .ringing),
                (.pracked, [], .ringing),
                (.timer, [.respond(status: 200, from: .answering, describes: false)], .answered),
            ])
    }

    @Test("A peer without 100rel gets an ordinary 183, and the answer again in the 200")
    func unreliable() {
        follow(
            [.reliable(183), .wait(.seconds(2)), .answer], supports100rel: false,
            [
                (.start, [.respond(status: 183, from: .answering, describes: true), .wait(.seconds(2))], .ringing),
                (.timer, [Self.ok], .answered),
            ])
    }

    @Test("No PRACK: 504 (RFC 3262 §3)")
    func noPRACK() {
        follow(
            [.reliable(183), .answer],
            [
                (.start, [.respondReliably(status: 183)], .awaitingPRACK),
                (
                    .transactionTimedOut,
                    [.stopWaiting, .respond(status: 504, from: .answering, describes: false)], .refused
                ),
                (.acknowledged, [.releaseInvite, .finish], .over),
            ])
    }

    @Test("No ACK: BYE (RFC 3261 §13.3.1.4)")
    func noACK() {
        follow(
            [.answer],
            [
                (.start, [Self.ok], .answered), (.transactionTimedOut, [.releaseInvite, .sendBye], .hangingUp),
                (.byeAnswered, [.stopWaiting, .releaseInvite, .finish], .over),
            ])
    }

    @Test("A final response, acknowledged or not", arguments: [EndpointCall.Event.acknowledged, .transactionTimedOut])
    func refused(end: EndpointCall.Event) {
        follow(
            [.refuse(486)],
            [
                (.start, [.respond(status: 486, from: .answering, describes: false)], .refused),
                (.cancelled, [], .refused),
                (end, [.releaseInvite, .finish], .over),
            ])
    }

    @Test("Cancelled, or given up with BYE, while it rings", arguments: [EndpointCall.Event.cancelled, .bye])
    func cancelled(event: EndpointCall.Event) {
        follow(
            Self.ring,
            [
                (.start, [Self.ringing, .wait(.seconds(3))], .ringing),
                (event, [.stopWaiting, Self.terminated], .refused), (.timer, [], .refused),
                (.acknowledged, [.releaseInvite, .finish], .over),
            ])
        follow(
            [.reliable(183), .answer],
            [
                (.start, [.respondReliably(status: 183)], .awaitingPRACK),
                (event, [.stopWaiting, Self.terminated], .refused), (.pracked, [], .refused),
            ])
    }

    @Test("Two phones: one reports progress, the other takes the call")
    func fork() {
        follow(
            [.provisional(183, from: .other, describes: true), .wait(.seconds(1)), .provisional(180), .answer],
            [
                (.start, [.respond(status: 183, from: .other, describes: true), .wait(.seconds(1))], .ringing),
                (.timer, [Self.ringing, Self.ok], .answered),
            ])
    }

    @Test("Changes while they talk; a peer that is gone gets a BYE")
    func changes() {
        let hold = MediaChange(.held)
        follow(
            [.answer, .change(hold), .wait(.seconds(1)), .change(hold)],
            [
                (.start, [Self.ok], .answered), (.lost, [], .answered),
                (.acknowledged, [.releaseInvite, .change(hold), .wait(.seconds(1))], .talking),
                (.timer, [.change(hold), Self.long], .talking),
                (.lost, [.stopWaiting, .sendBye], .hangingUp),
            ])
    }

    @Test("What crosses the end of a call is ignored")
    func afterTheEnd() {
        var call = EndpointCall([.refuse(404)], supports100rel: false)
        _ = call.handle(.start)
        _ = call.handle(.acknowledged)
        for event: EndpointCall.Event in [
            .start, .timer, .pracked, .acknowledged, .cancelled, .transactionTimedOut, .bye, .byeAnswered, .lost,
        ] {
            #expect(call.handle(event).isEmpty)
            #expect(call.state == .over)
        }
    }
}
