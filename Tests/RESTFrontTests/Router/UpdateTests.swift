import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite struct UpdateTests {
    /// A PUT body and its status in each dialect.
    @Test(arguments: [
        (#"{"status":"Connected"}"#, 200, 200, 200),
        (#"{"status":"Ringing"}"#, 200, 200, 200),
        (#"{"status":"Connected",\#(answer)}"#, 200, 200, 200),
        (#"{"status":"Hold",\#(Sample.offer)}"#, 200, 200, 200),
        (#"{\#(Sample.offer)}"#, 200, 200, 400),
        (#"{\#(answer)}"#, 200, 200, 400),
        (#"{}"#, 400, 400, 400),
        (#"{"status":"Initial"}"#, 400, 400, 400),
        (#"{"status":"connected"}"#, 400, 400, 400),
        (#"{"status":5}"#, 400, 400, 400),
        (#"{"status":null}"#, 400, 400, 400),
        (#"{"status":"Hold","offer":{}}"#, 400, 400, 400),
        (#"{"status":"Hold","answer":{"sdp":"x"}}"#, 400, 400, 400),
        (#"{"status":"Hold","originatorName":"a\nb"}"#, 400, 400, 400),
        (#"{"status":"Hold","colour":"blue"}"#, 200, 200, 400),
        (#"{"status":"Hold","originatorAddress":"tel:+17085852753","mediaSessionId":"A"}"#, 200, 200, 200),
        (#"{"status":"Hold","sequenceNumber":7,"reason":"x"}"#, 200, 200, 200),
        (#"{"receiverSessionStatus":{"status":"Ringing"}}"#, 200, 200, 400),
        (#"{"ReceiverSessionStatus":{"status":"Hold"}}"#, 200, 200, 400),
        (#"{"receiverSessionStatus":{"status":"Ringing"},"status":"Hold"}"#, 200, 200, 400),
        (#"{"receiverSessionStatus":5}"#, 400, 400, 400),
        (#"{"receiverSessionStatus":{}}"#, 400, 400, 400),
        (#"{"receiverSessionStatus":{"status":"Initial"}}"#, 400, 400, 400),
        (#"{"receiverSessionStatus":{"status":"Hold","answer":{"sdp":"x"}}}"#, 400, 400, 400),
        ("", 400, 400, 400),
        ("[]", 400, 400, 400),
    ])
    func bodies(body: String, seed: Int, v03: Int, v04: Int) throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        for (version, status) in [(Version.seed, seed), (.v03, v03), (.v04, v04)] {
            for path in ["/A/status", "/A"] {
                let before = harness.calls.updated.count
                let response = harness.respond(.put, version.path + path, body)
                #expect(response.status == status, "\(version): \(response.message)")
                #expect(harness.calls.updated.count - before == (status == 200 ? 1 : 0))
                if status == 400 { #expect(response.code == "INVALID_ARGUMENT") }
            }
        }
    }

    @Test func whatIsAskedOfTheCallLayer() throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        let sdp = try SessionDescription(Sample.sdp)
        _ = harness.respond(
            .put, "/webrtc/sessions/A/status", #"{"receiverSessionStatus":{"status":"InProgress",\#(Self.answer)}}"#)
        _ = harness.respond(.put, "/webrtc/sessions/A/status", "{\(Sample.offer)}")
        #expect(harness.calls.updated == [SessionChange(status: .inProgress, answer: sdp), SessionChange(offer: sdp)])
    }

    @Test func answersOfTheCallLayer() throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        harness.calls.onUpdate { _, _, reply in reply(.success(.accepted)) }
        let accepted = harness.respond(.put, Version.v04.path + "/A/status", #"{"status":"Proceeding"}"#)
        #expect(accepted.status == 204)
        #expect(accepted.body.isEmpty)
        #expect(accepted.header("Content-Type") == nil)
        #expect(accepted.header("x-correlator") == "generated")
        harness.calls.onUpdate { _, _, reply in reply(.failure(CAMARAError(409, .incompatibleState, "no"))) }
        #expect(harness.respond(.put, Version.v04.path + "/A", #"{"status":"Hold"}"#).code == "INCOMPATIBLE_STATE")
        #expect(harness.respond(.put, Version.v03.path + "/A", #"{"status":"Hold"}"#).code == "CONFLICT")
        harness.calls.onUpdate { _, _, reply in reply(.failure(CAMARAError(409, .aborted, "no"))) }
        #expect(harness.respond(.put, Version.v03.path + "/A", #"{"status":"Hold"}"#).code == "ABORTED")
    }

    @Test func unknownSessionsComeBeforeTheBody() throws {
        let harness = try RouterHarness()
        #expect(harness.respond(.put, "/webrtc/sessions/none/status", "nonsense").status == 404)
    }

    @Test func endedSessionsStayEnded() throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        harness.calls.add(Sample.session("B", status: .terminated))
        #expect(harness.respond(.delete, "/webrtc/sessions/A").status == 204)
        #expect(harness.respond(.delete, "/webrtc/sessions/B").status == 204)
        #expect(harness.respond(.delete, "/webrtc/sessions/C").status == 404)
        #expect(harness.calls.ended == [SessionID(rawValue: "A")])
    }

    static let answer = Sample.offer.replacingOccurrences(of: "offer", with: "answer")
}
