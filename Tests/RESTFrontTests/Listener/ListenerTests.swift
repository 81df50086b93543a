import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite(.serialized, .timeLimit(.minutes(1)))
struct ListenerTests {
    @Test func postGetPutDelete() async throws {
        try await withServer { address, calls in
            let client = try RawClient(address)
            let created = try client.exchange(
                "POST", "/webrtc/sessions", headers: ["x-correlator: abc"], body: Sample.create)
            #expect(created.status == 201)
            #expect(created.header("x-correlator") == "abc")
            #expect(created.header("Content-Type") == "application/json")
            let id = try #require(created.json["mediaSessionId"] as? String)
            calls.add(FakeCalls.session(for: calls.created[0], status: .ringing))
            let read = try client.exchange("GET", "/webrtc/sessions/\(id)")
            #expect(read.status == 200)
            #expect(read.json["status"] as? String == "Ringing")
            let changed = try client.exchange("PUT", "/webrtc/sessions/\(id)/status", body: #"{"status":"Hold"}"#)
            #expect(changed.status == 200)
            #expect(changed.json["status"] as? String == "Hold")
            let deleted = try client.exchange("DELETE", "/webrtc/sessions/\(id)")
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(calls.ended == [SessionID(rawValue: id)])
        }
    }

    @Test func headHasGetsHeadersAndNoBody() async throws {
        try await withServer { address, calls in
            calls.add(Sample.session("A"))
            let client = try RawClient(address)
            let get = try client.exchange("GET", "/webrtc/sessions/A")
            let head = try client.exchange("HEAD", "/webrtc/sessions/A")
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == get.header("Content-Length"))
            // The connection is still in step.
            #expect(try client.exchange("GET", "/webrtc/sessions/A").body == get.body)
        }
    }

    @Test func replyFromAnotherThread() async throws {
        let calls = FakeCalls()
        calls.holdCreates()
        try await withServer(calls: calls) { address, calls in
            let client = try RawClient(address)
            client.send("POST", "/webrtc/sessions", body: Sample.create)
            #expect(came(calls.createdSignal))
            calls.releaseHeld(.failure(CAMARAError(503, .unavailable, "no trunk", retryAfter: 7)))
            let response = try client.receive()
            #expect(response.status == 503)
            #expect(response.code == "UNAVAILABLE")
            #expect(response.header("Retry-After") == "7")
            #expect(calls.abandoned.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func clientThatLeavesAbandonsItsCall(byReset: Bool) async throws {
        let calls = FakeCalls()
        calls.holdCreates()
        try await withServer(calls: calls) { address, calls in
            var client: RawClient? = try RawClient(address)
            client?.send("POST", "/webrtc/sessions", body: Sample.create)
            #expect(came(calls.createdSignal))
            if byReset { client?.reset() }
            client = nil
            #expect(came(calls.abandonedSignal))
            #expect(calls.abandoned == calls.created.map(\.id))
            // A late reply goes nowhere, and the server is well.
            calls.releaseHeld(.success(Sample.session()))
            let other = try RawClient(address)
            #expect(try other.exchange("GET", "/webrtc/sessions/none").status == 404)
        }
    }

    /// The reply finds that the client has gone before the loop has looked for it: nobody would ever know the session.
    @Test func aReplyThatOvertakesTheEndOfItsClientAbandonsTheCall() async throws {
        let calls = FakeCalls()
        calls.holdCreates()
        try await withServer(calls: calls) { address, calls in
            for round in 1...20 {
                var client: RawClient? = try RawClient(address)
                client?.send("POST", "/webrtc/sessions", body: Sample.create)
                #expect(came(calls.createdSignal))
                client = nil
                calls.releaseHeld(.success(Sample.session()))
                #expect(came(calls.abandonedSignal), "round \(round)")
            }
            #expect(calls.abandoned == calls.created.map(\.id))
        }
    }
}
