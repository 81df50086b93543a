import Foundation
import TestPeer
import Testing

@testable import RESTFront

/// The bounds of a connection hold over TLS too: from the first byte of a handshake on.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct SecureDeadlineTests {
    /// The first bytes of a TLS record with a handshake message of 512 bytes.
    private static let beginning: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]

    private func run(_ body: (SecureServer) async throws -> Void) async throws {
        try await SecureServer.run(configure: { $0.limits.request = .milliseconds(400) }, body)
    }

    private func timeUntilClosed(_ client: RawClient, doing work: () -> Void = {}) -> Duration {
        let began = ContinuousClock.now
        work()
        #expect(client.isClosedByPeer())
        return ContinuousClock.now - began
    }

    @Test("A client that says nothing, or half of a greeting, is cut off", arguments: [[], Self.beginning])
    func silence(_ bytes: [UInt8]) async throws {
        try await run { server in
            let client = try RawClient(server.address)
            client.send(bytes)
            #expect(timeUntilClosed(client) < .seconds(5))
            if !bytes.isEmpty {
                let failure = try await server.failure()
                #expect(failure.reason == "the connection was closed, or the handshake took too long")
            }
        }
    }

    @Test("A greeting byte by byte gains no time")
    func slowGreeting() async throws {
        try await run { server in
            let client = try RawClient(server.address)
            let time = timeUntilClosed(client) {
                client.send(Self.beginning)
                var isOpen = true
                var sent = 0
                // 5 s and more, if nobody minded.
                while isOpen, sent < 500 {
                    isOpen = client.send([0])
                    sent += 1
                    usleep(10_000)
                }
            }
            #expect(time < .seconds(4))
        }
    }

    @Test("A request byte by byte gains no time, each byte in a record")
    func slowRequest() async throws {
        try await run { server in
            let client = try server.client()
            #expect(try client.exchange("GET", "/x").status == 404)
            let began = ContinuousClock.now
            client.send("GET /x HTTP/1.1\r\nHost: h\r\nx-a: ")
            var sent = 0
            while client.send("a"), sent < 500 {
                sent += 1
                usleep(10_000)
            }
            #expect(client.isClosedByServer())
            #expect(ContinuousClock.now - began < .seconds(4))
        }
    }

    @Test("A record that never ends does not keep a connection beyond its idle time")
    func unfinishedRecord() async throws {
        try await SecureServer.run(configure: { $0.limits.idle = .milliseconds(400) }) { server in
            let client = try server.client()
            #expect(try client.exchange("GET", "/x").status == 404)
            let began = ContinuousClock.now
            // A record of 16 KiB, which comes byte by byte.
            client.send(raw: [0x17, 0x03, 0x03, 0x40, 0x00])
            var sent = 0
            while client.send(raw: [0]), sent < 500 {
                sent += 1
                usleep(10_000)
            }
            #expect(client.isClosedByServer())
            #expect(ContinuousClock.now - began < .seconds(4))
        }
    }

    @Test("Where every place is taken, the handshake that has stalled longest gives way")
    func evictedHandshakes() async throws {
        try await SecureServer.run(configure: {
            $0.limits.connections = 3
            $0.limits.request = .seconds(600)
        }) { server in
            let working = try server.client()
            #expect(try working.exchange("GET", "/x").status == 404)
            let stalled = try (0..<6).map { _ in try RawClient(server.address) }
            for client in stalled { client.send(Self.beginning) }
            #expect(try server.client().exchange("GET", "/x").status == 404)
        }
    }

    @Test("Handshakes that stall take places like any connection, and give them back")
    func places() async throws {
        try await SecureServer.run(configure: {
            $0.limits.request = .milliseconds(400)
            $0.limits.connections = 2
        }) { server in
            let stalled = try (0..<4).map { _ in try RawClient(server.address) }
            for client in stalled { client.send(Self.beginning) }
            let held = try #require(await server.statistics()).connections
            #expect(held <= 2)
            // It waits for a place behind them, two by two.
            #expect(try server.client().exchange("GET", "/x").status == 404)
            for client in stalled { #expect(client.isClosedByPeer()) }
            #expect(await server.statistics()?.tlsFailures == 4)
        }
    }
}
