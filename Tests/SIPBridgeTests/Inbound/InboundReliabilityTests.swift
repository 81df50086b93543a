import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// Reliable provisional responses of the network's calls (RFC 3262, RFC 6337).
@Suite("Reliable responses to the network")
struct InboundReliabilityTests {
    private static let answer = SDP.answer("device")

    @Test func oneWaitsForAnother() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel, timer")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, answer: Self.answer)
            let progress = try await call.response(183)
            #expect(progress.tokens("Require") == ["100rel"])
            #expect(progress["RSeq"] != nil)
            #expect(progress.bodyText == Self.answer)
            // Both are answered; neither response goes out before the PRACK.
            #expect(try await scene.put(id, .ringing)?.status == .ringing)
            #expect(try await scene.put(id, .connected)?.status == .connected)
            try await scene.peer.fence(scene.gateway)
            #expect(!call.invite.statuses.contains { $0 == 180 || $0 == 200 })
            #expect(try await call.acknowledge(progress).final().status == 200)
            let answered = try await call.response(200)
            #expect(answered.body.isEmpty, "RFC 6337 §2.2: the answer has been given")
            try call.acknowledge()
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    @Test func theNextComesAfterThePRACK() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, answer: Self.answer)
            let progress = try await call.response(183)
            try await scene.put(id, .ringing)
            let prack = try call.acknowledge(progress)
            let ringing = try await call.response(180)
            #expect(try await prack.final().status == 200)
            let numbers = [progress, ringing].compactMap { $0["RSeq"].flatMap { Int($0) } }
            #expect(numbers.count == 2 && numbers[1] == numbers[0] + 1)
            #expect(try await call.acknowledge(ringing).final().status == 200)
        }
    }

    @Test func aPRACKOfNothingIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            let ringing = try await call.response(180)
            let number = try #require(ringing["RSeq"].flatMap { Int($0) })
            #expect(try await call.acknowledge(ringing, rseq: number + 1).final().status == 481)
            #expect(try await call.acknowledge(ringing).final().status == 200)
            #expect(scene.agent.session(id)?.status == .ringing)
        }
    }

    /// RFC 3262 §3: a final response may overtake the PRACK of one without a description.
    @Test func aFinalResponseOvertakesThePRACK() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            let ringing = try await call.response(180)
            try await scene.put(id, .connected, answer: Self.answer)
            let answered = try await call.response(200)
            #expect(answered.bodyText == Self.answer)
            #expect(try await call.acknowledge(ringing).final().status == 200, "a late PRACK is one all the same")
            try call.acknowledge()
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    @Test func aRefusalOvertakesThePRACK() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, answer: Self.answer)
            let progress = try await call.response(183)
            try await scene.put(id, .busy)
            try await call.response(486)
            #expect(try await call.acknowledge(progress).final().status == 200)
            try await call.refusal(486)
            #expect(try await scene.end(of: id).status == .busy)
            try await scene.expectNothingLeft()
        }
    }

    /// RFC 3262 §5: an offer in the PRACK is refused; what it acknowledges is acknowledged.
    @Test func aPRACKWithAnOfferOfItsOwn() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, answer: Self.answer)
            let progress = try await call.response(183)
            #expect(try await call.acknowledge(progress, sdp: SDP.answer("other")).final().status == 488)
            try await scene.put(id, .connected)
            try await call.response(200)
        }
    }

    /// RFC 3262 §3: a caller that insists gets no unreliable response.
    @Test func aCallerThatInsists() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(headers: [.init("Require", "100rel")])
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            let ringing = try await call.response(180)
            #expect(ringing.tokens("Require") == ["100rel"])
            #expect(try await call.acknowledge(ringing).final().status == 200)
        }
    }

    @Test func anOfferlessCallIsSettledByThePRACK() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(sdp: nil, supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, offer: SDP.offer("device"))
            let progress = try await call.response(183)
            #expect(progress.bodyText == SDP.offer("device"))
            #expect(try await call.acknowledge(progress, sdp: Self.answer).final().status == 200)
            var session = try await scene.change(of: id)
            while session.answer == nil { session = try await scene.change(of: id) }
            #expect(session.answer?.text == Self.answer)
            try await scene.put(id, .connected)
            let answered = try await call.response(200)
            #expect(answered.body.isEmpty)
            try call.acknowledge()
            #expect(try await call.send(.bye).final().status == 200)
            _ = try await scene.end(of: id)
            try await scene.expectNothingLeft()
        }
    }

    @Test func aPRACKWithoutTheAnswerItOwes() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(sdp: nil, supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, offer: SDP.offer("device"))
            let progress = try await call.response(183)
            _ = try await call.acknowledge(progress).final()
            try await call.refusal(488)
            let end = try await scene.end(of: id)
            #expect(end.status == .failed)
            #expect(end.reason == "PRACK without an answer")
            try await scene.expectNothingLeft()
        }
    }
}
