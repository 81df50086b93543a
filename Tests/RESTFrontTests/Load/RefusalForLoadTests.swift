import CallCore
import Foundation
import Testing

@testable import RESTFront

/// New calls while there is no time for any.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct RefusalForLoadTests {
    private static let busy = CAMARAError(503, .unavailable, "No time.", retryAfter: 3)

    /// The same request, as the library reads it and as it is refused before that.
    @Test(arguments: ["x-correlator: abc", "x-correlator: abc\r\nConnection: close"])
    func aCallIsRefused(header: String) async throws {
        try await withServer { address, calls in
            calls.refuseForLoad { _ in RefusalForLoadTests.busy }
            let client = try RawClient(address)
            let refused = try client.exchange("POST", "/webrtc/sessions", headers: [header], body: Sample.create)
            #expect(refused.status == 503)
            #expect(refused.code == "UNAVAILABLE")
            #expect(refused.json["message"] as? String == "No time.")
            #expect(refused.header("Retry-After") == "3")
            #expect(refused.header("x-correlator") == "abc")
            #expect(refused.header("Content-Type") == "application/json")
            // Only the library tells the time.
            #expect((refused.header("Date") == nil) == !header.contains("close"))
            #expect(calls.created.isEmpty)
        }
    }

    /// A connection whose requests are refused in either way, and taken again.
    @Test func theConnectionGoesOn() async throws {
        try await withServer { address, calls in
            let client = try RawClient(address)
            for round in 0..<3 {
                calls.refuseForLoad { _ in RefusalForLoadTests.busy }
                for path in ["/webrtc/sessions", "/webrtc/sessions?plain=no"] {
                    for _ in 0..<2 {
                        #expect(try client.exchange("POST", path, body: Sample.create).status == 503)
                    }
                }
                calls.refuseForLoad { _ in nil }
                #expect(try client.exchange("POST", "/webrtc/sessions", body: Sample.create).status == 201)
                #expect(calls.created.count == round + 1)
            }
            #expect(try client.exchange("POST", "/webrtc/nothing", body: Sample.create).status == 404)
        }
    }

    /// In pieces, or two at once, the library reads it.
    @Test func piecesAreRefusedAsWell() async throws {
        try await withServer { address, calls in
            calls.refuseForLoad { _ in RefusalForLoadTests.busy }
            let client = try RawClient(address)
            let text =
                "POST /webrtc/sessions HTTP/1.1\r\nHost: h\r\nContent-Length: \(Sample.create.utf8.count)\r\n\r\n"
                + Sample.create
            client.send(String(text.prefix(100)))
            let other = try RawClient(address)
            #expect(try other.exchange("GET", "/webrtc/sessions/none").status == 404)
            client.send(String(text.dropFirst(100)))
            #expect(try client.receive().status == 503)
            client.send(text + text)
            #expect(try client.receive().status == 503)
            #expect(try client.receive().status == 503)
            #expect(calls.created.isEmpty)
        }
    }

    @Test("A body that looks like a request is none, whatever came before it in one piece")
    func aBodyIsNoRequest() async throws {
        try await withServer { address, calls in
            calls.refuseForLoad { _ in RefusalForLoadTests.busy }
            let client = try RawClient(address)
            let inner =
                "POST /webrtc/sessions HTTP/1.1\r\nHost: h\r\nContent-Length: \(Sample.create.utf8.count)\r\n\r\n"
                + Sample.create
            client.send(
                "GET /webrtc/sessions/none HTTP/1.1\r\nHost: h\r\n\r\n"
                    + "PUT /webrtc/sessions/none/status HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(inner.utf8.count)\r\n\r\n")
            #expect(try client.receive().status == 404)
            // By now the library has taken the second head.
            let other = try RawClient(address)
            for _ in 0..<2 { #expect(try other.exchange("GET", "/webrtc/sessions/none").status == 404) }
            client.send(inner)
            #expect(try client.receive().status == 404, "the PUT's, and no refusal")
            #expect(try client.exchange("GET", "/webrtc/sessions/none").status == 404)
        }
    }

    @Test(arguments: [
        #"{"receiverAddress":"tel:112","originatorAddress":"tel:+17085852753",\#(Sample.offer)}"#,
        #"{"receiverAddress":"tel:\u00311\u0032","originatorAddress":"tel:+17085852753",\#(Sample.offer)}"#,
        #"{"receiverAddress":"tel:+17085854000","callType":"EMERGENCY",\#(Sample.offer)}"#,
    ])
    func emergencyCallsAreMade(body: String) async throws {
        try await withServer(configure: {
            $0.emergencyNumbers = (try? EmergencyNumbers(["112": "sos"])) ?? .none
            $0.takesEmergencyCalls = true
        }) { address, calls in
            calls.refuseForLoad { _ in RefusalForLoadTests.busy }
            let client = try RawClient(address)
            let response = try client.exchange("POST", "/webrtc/sessions", body: body)
            #expect(response.status == 201)
            #expect(calls.created.count == 1)
        }
    }

    @Test func whatIsNoNewCallGoesOn() throws {
        let harness = try RouterHarness()
        harness.calls.refuseForLoad { _ in RefusalForLoadTests.busy }
        harness.calls.add(Sample.session("A"))
        #expect(harness.respond(.get, "/webrtc/sessions/A").status == 200)
        #expect(harness.respond(.put, "/webrtc/sessions/A/status", #"{"status":"Hold"}"#).status == 200)
        #expect(harness.respond(.delete, "/webrtc/sessions/A").status == 204)
        #expect(harness.respond(.post, "/webrtc/sessions", Sample.create).status == 503)
    }

    /// Before it is known who asks, and whether the path is one of the published.
    @Test func nobodyIsAuthenticatedFirst() throws {
        let harness = try RouterHarness(authenticator: AuthorizationTests.Names(callers: [:]))
        #expect(harness.respond(.post, "/webrtc/sessions", Sample.create).status == 401)
        harness.calls.refuseForLoad { _ in RefusalForLoadTests.busy }
        for mount in ["/webrtc", "/webrtc-call-handling/v0.3"] {
            #expect(harness.respond(.post, "\(mount)/sessions", Sample.create).status == 503)
        }
    }
}
