import CallCore
import Testing

/// What a PUT may ask of a call that its originator made (mapping §3).
@Suite("PUT …/status")
struct ChangeTests {
    private static func states() -> [(name: String, call: RecordedCall)] {
        var ringing = RecordedCall.started()
        ringing.receive(180)
        var early = RecordedCall.started()
        early.receive(183, sdp: .answer)
        var cancelling = ringing
        cancelling.handle(.end(.owner))
        return [
            ("waiting for the offer", RecordedCall.started(offer: nil)), ("ringing", ringing), ("early", early),
            ("cancelling", cancelling), ("connected", RecordedCall.connected()),
        ]
    }

    @Test(arguments: [SessionStatus.terminated, .sessionCancelled])
    func anEnd(status: SessionStatus) {
        for (name, call) in Self.states() {
            #expect(call.call.decide(SessionChange(status: status)) == .end, "\(name)")
        }
        var ending = RecordedCall.connected()
        ending.handle(.end(.owner))
        expect(ending, SessionChange(status: status), refusedWith: 409)
        ending.byeAnswered()
        expect(ending, SessionChange(status: status), refusedWith: 409)
    }

    @Test func initialIsTheNetworks() {
        for (_, call) in Self.states() {
            expect(call, SessionChange(status: .initial), refusedWith: 400)
        }
    }

    @Test func proceedingSaysNothing() {
        for (name, call) in Self.states() {
            #expect(call.call.decide(SessionChange(status: .proceeding)) == .noContent, "\(name)")
        }
    }

    @Test func whatTheSessionHasIsAnEcho() {
        for (name, call) in Self.states() {
            let session = call.session
            let echo = SessionChange(offer: session.offer, answer: session.answer)
            #expect(call.call.decide(echo) == .echo, "\(name)")
            #expect(call.call.decide(SessionChange()) == .echo, "\(name)")
            guard session.status != .initial else { continue }
            #expect(call.call.decide(SessionChange(status: session.status, offer: session.offer)) == .echo, "\(name)")
        }
    }

    @Test func anOfferIsTakenOnce() {
        let waiting = RecordedCall.started(offer: nil)
        #expect(waiting.call.decide(SessionChange(offer: .offer)) == .offer(.offer))
        #expect(waiting.call.decide(SessionChange(status: .inProgress, offer: .offer)) == .offer(.offer))
    }

    @Test func anotherOfferBeforeTheAnswerIsTaken() {
        for (name, call) in Self.states() where name == "ringing" || name == "early" {
            #expect(call.call.decide(SessionChange(offer: .other)) == .offer(.other), "\(name)")
            #expect(
                call.call.decide(SessionChange(status: call.session.status, offer: .other)) == .offer(.other), "\(name)"
            )
            expect(call, SessionChange(status: .connected, offer: .other), refusedWith: 409)
            var waiting = call
            waiting.handle(.offer(.other))
            guard case .refuse(let error) = waiting.call.decide(SessionChange(offer: .made("third"))) else {
                Issue.record("a second offer was taken while one waits")
                continue
            }
            #expect(error.code == .aborted)
        }
        for (name, call) in Self.states() where name == "cancelling" {
            expect(call, SessionChange(offer: .other), refusedWith: 409)
        }
    }

    @Test func theAnswerIsTheNetworks() {
        for (_, call) in Self.states() { expect(call, SessionChange(answer: .other), refusedWith: 409) }
    }

    @Test(arguments: [
        SessionStatus.busy, .declined, .noAnswer, .notReachable, .failed, .waiting, .hold, .resume, .connected,
        .ringing, .inProgress,
    ])
    func aStatusThatDoesNotFit(status: SessionStatus) {
        for (name, call) in Self.states() where call.session.status != status {
            if name == "connected", status == .hold { continue }
            expect(call, SessionChange(status: status), refusedWith: 409)
        }
    }

    @Test func anAnsweredCallCanBeHeldAndItsMediaChanged() {
        var call = RecordedCall.connected()
        #expect(call.call.decide(SessionChange(status: .hold)) == .negotiate(.init(hold: true)))
        #expect(call.call.decide(SessionChange(offer: .other)) == .negotiate(.init(offer: .other)))
        #expect(call.call.decide(SessionChange(status: .connected, offer: .other)) == .negotiate(.init(offer: .other)))
        #expect(
            call.call.decide(SessionChange(status: .hold, offer: .other))
                == .negotiate(.init(hold: true, offer: .other)))
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        guard case .refuse(let error) = call.call.decide(SessionChange(status: .hold)) else {
            Issue.record("a second change was taken while one is under way")
            return
        }
        #expect(error.status == 409)
        #expect(error.code == .aborted)
    }

    @Test func nothingFitsAnEndedSession() {
        var call = RecordedCall.connected()
        call.handle(.bye(.first, reason: nil))
        for change in [SessionChange(), SessionChange(status: .proceeding), SessionChange(offer: .offer)] {
            expect(call, change, refusedWith: 409)
        }
    }

    private func expect(
        _ call: RecordedCall, _ change: SessionChange, refusedWith status: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .refuse(let error) = call.call.decide(change) else {
            Issue.record("\(change) was not refused in \(call.phase)", sourceLocation: sourceLocation)
            return
        }
        #expect(error.status == status, sourceLocation: sourceLocation)
        #expect(error.code == (status == 400 ? .invalidArgument : .incompatibleState), sourceLocation: sourceLocation)
    }
}
