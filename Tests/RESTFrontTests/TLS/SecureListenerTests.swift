import CallCore
import Foundation
import TestPeer
import Testing

@testable import RESTFront

@Suite(.serialized, .timeLimit(.minutes(1)))
struct SecureListenerTests {
    @Test("A call's requests over one connection, in both versions", arguments: [TLSClient.Version.tls12, .tls13])
    func wholeCall(_ version: TLSClient.Version) async throws {
        try await SecureServer.run { server in
            let client = try server.client {
                $0.version = version
                $0.alpn = "http/1.1"
            }
            #expect(client.version == (version == .tls12 ? "TLSv1.2" : "TLSv1.3"))
            #expect(client.alpn == "http/1.1")
            let created = try client.exchange("POST", "/webrtc/sessions", body: Sample.create)
            #expect(created.status == 201)
            let id = try #require(created.json["mediaSessionId"]?.string)
            server.calls.add(FakeCalls.session(for: server.calls.created[0], status: .ringing))
            #expect(try client.exchange("GET", "/webrtc/sessions/\(id)").json["status"] == "Ringing")
            #expect(try client.exchange("DELETE", "/webrtc/sessions/\(id)").status == 204)
            #expect(server.calls.ended == [SessionID(rawValue: id)])
            #expect(await server.statistics()?.connections == 1)
        }
    }

    @Test("A reply from another thread, and a client that leaves while it waits", arguments: [true, false])
    func waits(leavingPolitely: Bool) async throws {
        let calls = FakeCalls()
        calls.holdCreates()
        try await SecureServer.run(calls: calls) { server in
            let client = try server.client()
            let length = "Content-Length: \(Sample.create.utf8.count)\r\n"
            let request = "POST /webrtc/sessions HTTP/1.1\r\nHost: h\r\n\(length)\r\n\(Sample.create)"
            client.send(request)
            #expect(came(calls.createdSignal))
            calls.releaseHeld(.failure(CAMARAError(503, .unavailable, "no trunk", retryAfter: 7)))
            #expect(try client.response().status == 503)
            client.send(request)
            #expect(came(calls.createdSignal))
            client.close(politely: leavingPolitely)
            #expect(came(calls.abandonedSignal))
            #expect(calls.abandoned == [calls.created[1].id])
        }
    }

    @Test("A call that there is no time for is refused within the connection's encryption, which goes on")
    func refusesForLoad() async throws {
        let calls = FakeCalls()
        calls.refuseForLoad { _ in CAMARAError(503, .unavailable, "No time.", retryAfter: 3) }
        try await SecureServer.run(calls: calls) { server in
            let client = try server.client()
            for _ in 0..<2 {
                let refused = try client.exchange("POST", "/webrtc/sessions", body: Sample.create)
                #expect(refused.status == 503)
                #expect(refused["Retry-After"] == "3")
            }
            calls.refuseForLoad { _ in nil }
            #expect(try client.exchange("POST", "/webrtc/sessions", body: Sample.create).status == 201)
        }
    }

    @Test("Requests in one record, and in a record for each byte")
    func framing() async throws {
        try await SecureServer.run { server in
            let client = try server.client()
            let request = "GET /webrtc/sessions/none HTTP/1.1\r\nHost: h\r\n\r\n"
            client.send(request + request + request)
            for _ in 0..<3 { #expect(try client.response().status == 404) }
            for byte in request { client.send(String(byte)) }
            #expect(try client.response().status == 404)
        }
    }

    @Test("What the library refuses alone is answered in the API's form, and the connection ended in order")
    func libraryPages() async throws {
        try await SecureServer.run(configure: { $0.limits.body = 1_000 }) { server in
            let client = try server.client()
            client.send("NONSENSE\r\n\r\n")
            let refused = try client.response()
            #expect(refused.outcome == "400 INVALID_ARGUMENT")
            #expect(client.isClosedByServer())
            let large = try server.client()
            let body = String(repeating: " ", count: 50_000)
            #expect(try large.exchange("POST", "/webrtc/sessions", body: body).outcome == "413 INVALID_ARGUMENT")
        }
    }

    @Test("A response that fills the socket arrives whole")
    func largeResponse() async throws {
        try await SecureServer.run { server in
            let client = try server.client()
            // Far more than the socket takes while nobody reads.
            let count = 60
            for _ in 0..<count { client.send("GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n") }
            let first = try client.response()
            #expect(first.status == 200 && first.body.count > 20_000)
            for _ in 1..<count { #expect(try client.response().body == first.body) }
        }
    }

    @Test("Versions, protocols and ciphers that are not spoken")
    func refusals() async throws {
        var refused: [(TLSClient.Wishes, String)] = [
            (.init(version: .tls11), "unsupported protocol"), (.init(alpn: "h2"), "no application protocol"),
        ]
        for ciphers in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"] {
            refused.append((.init(ciphers: ciphers, version: .tls12), "no shared cipher"))
        }
        try await SecureServer.run { server in
            for (wishes, reason) in refused {
                #expect(throws: SocketError.self, "\(reason)") { try TLSClient(port: server.port, wishes) }
                let failure = try await server.failure()
                #expect(failure == TLSFailure(client: "127.0.0.1", reason: reason))
            }
            let count = await server.statistics()?.tlsFailures
            #expect(count == refused.count)
            // No protocol need be named, and any name may be asked for.
            let client = try server.client { $0.name = "elsewhere.example" }
            let response = try client.exchange("GET", "/x")
            #expect(response.status == 404)
        }
    }

    @Test("HTTP in clear is not answered")
    func clear() async throws {
        try await SecureServer.run { server in
            let client = try RawClient(server.address)
            client.send("GET", "/webrtc/sessions/none")
            #expect(client.isClosedByPeer())
            #expect(try await server.failure().reason == "http request")
        }
    }

    @Test("Who looks whether somebody listens is no failure")
    func knocking() async throws {
        try await SecureServer.run { server in
            for _ in 0..<3 { _ = try RawClient(server.address) }
            #expect(try server.client().exchange("GET", "/x").status == 404)
            #expect(await server.statistics()?.tlsFailures == 0)
            #expect(server.untakenFailures.isEmpty)
        }
    }

    @Test("A client that renews its keys without end keeps nobody waiting")
    func keyRenewals() async throws {
        try await SecureServer.run { server in
            let patient = try server.client()
            #expect(try patient.exchange("GET", "/x").status == 404)
            let port = server.port
            let flood = Thread {
                // The keys are made before they are sent; the connection ends with the test.
                guard let client = try? TLSClient(port: port, .init(version: .tls13)) else { return }
                _ = client.renewKeys(300_000)
                client.close(politely: false)
            }
            flood.start()
            var longest = Duration.zero
            while !flood.isFinished {
                let began = ContinuousClock.now
                #expect(try patient.exchange("GET", "/x").status == 404)
                longest = max(longest, ContinuousClock.now - began)
            }
            #expect(longest < .milliseconds(500))
            // A few renewals are a client's right.
            let busy = try server.client { $0.version = .tls13 }
            #expect(busy.renewKeys(3))
            #expect(try busy.exchange("GET", "/x").status == 404)
        }
    }
}
