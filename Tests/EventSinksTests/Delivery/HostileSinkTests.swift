import CallCore
import EventSinks
import Foundation
import Synchronization
import TestPeer
import TestSink
import TestTLS
import Testing

/// Sinks are named by clients and answered by anybody.
@Suite struct HostileSinkTests {
    private func sink(
        _ authority: TestAuthority? = nil, names: String = "DNS:localhost,IP:127.0.0.1", oldTLS: Bool = false,
        _ script: @escaping TestSink.Script = { _ in .status(204) }
    ) throws -> TestSink {
        try TestSink(authority ?? Rig.authority.get(), names: names, oldTLS: oldTLS, script: script)
    }

    /// Delivers one event that cannot arrive, and returns what became of it.
    private func failedDelivery(to sink: TestSink, host: String = "localhost") async throws -> DeliveryOutcome {
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url(host: host), bound: 2)
        let outcome = try await rig.outcome("e1")
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
        return outcome
    }

    @Test func trustsNoOtherAuthority() async throws {
        let sink = try sink(TestAuthority())
        let outcome = try await failedDelivery(to: sink)
        #expect(outcome.result == .dropped(.expired))
        #expect(outcome.lastFailure == .certificate)
        #expect(sink.requests.isEmpty)
    }

    @Test func trustsNoOtherName() async throws {
        let sink = try sink(names: "DNS:other.example")
        let outcome = try await failedDelivery(to: sink)
        #expect(outcome.lastFailure == .certificate)
        #expect(sink.requests.isEmpty)
    }

    @Test func speaksNoOldTLS() async throws {
        let sink = try sink(oldTLS: true)
        let outcome = try await failedDelivery(to: sink)
        #expect(outcome.lastFailure == .tls)
        #expect(sink.requests.isEmpty)
        #expect(sink.failedHandshakes > 0)
    }

    @Test func followsNoRedirect() async throws {
        let target = try sink()
        let url = target.url()
        for status in [301, 302, 303, 307, 308] {
            let sink = try sink { _ in .status(status, headers: ["Location": url]) }
            let outcome = try await failedDelivery(to: sink)
            #expect(outcome.result == .dropped(.redirected))
            #expect(outcome.lastStatus == status)
        }
        #expect(target.connections == 0)
        target.stop()
    }

    /// The name is harmless; what it resolves to is not.
    @Test func connectsToNoPrivateAddress() async throws {
        let sink = try sink()
        let rig = try await Rig.make { $0.allowList = .publicOnly }
        try rig.deliver("name", to: sink.url(), subscription: "s1")
        try rig.deliver("v4", to: sink.url(host: "127.0.0.1"), subscription: "s2")
        try rig.deliver("mapped", to: sink.url(host: "[::ffff:127.0.0.1]"), subscription: "s3")
        for id in ["name", "v4", "mapped"] {
            let outcome = try await rig.outcome(id)
            #expect(outcome.result == .dropped(.refusedAddress), "\(id)")
            #expect(outcome.attempts == 1)
        }
        #expect(sink.connections == 0)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func connectsToAPrivateAddressOfAnAllowedName() async throws {
        let sink = try sink()
        let rig = try await Rig.make { $0.allowList = try SinkAllowList(["localhost"]) }
        try rig.deliver("allowed", to: sink.url(), subscription: "s1")
        #expect(try await rig.outcome("allowed").result == .delivered)
        try rig.deliver("other", to: sink.url(host: "127.0.0.1"), subscription: "s2")
        #expect(try await rig.outcome("other").result == .dropped(.refusedAddress))
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func triesAgainWhereThereIsNoName() async throws {
        let rig = try await Rig.make()
        try rig.deliver("e1", to: "https://sink.invalid/", bound: 1)
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .dropped(.expired))
        await rig.sinks.stop(within: .seconds(5))
    }

    @Test func doesNotReadLongBodies() async throws {
        let sink = try sink { _ in .status(200, bodyBytes: 4 << 20) }
        let rig = try await Rig.make()
        for number in 1...3 { try rig.deliver("e\(number)", to: sink.url(), sequenceNumber: number) }
        for number in 1...3 {
            let outcome = try await rig.outcome("e\(number)")
            #expect(outcome.result == .delivered)
            #expect(outcome.attempts == 1)
        }
        // What is left unread ends the connection.
        #expect(sink.connections == 3)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func takesTheStatusOfAnAnswerThatNeverEnds() async throws {
        let sink = try sink { _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url())
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .delivered)
        #expect(outcome.attempts == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 204 No Content\r\n"
            + String(repeating: "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", count: 1_000),
        "HTTP/1.1 204 No Content\r\nX: " + String(repeating: "a", count: 40_000) + "\r\n\r\n",
        "hello\r\n\r\n", "HTTP/1.1 204", "\r\n\r\n",
    ])
    func refusesBadHeads(text: String) async throws {
        let outcome = try await failedDelivery(to: sink { _ in .raw(text) })
        #expect(outcome.result == .dropped(.expired))
        #expect(outcome.attempts > 1)
        #expect(
            outcome.lastFailure == .badResponse || outcome.lastFailure == .disconnected || outcome.lastFailure == .other
        )
        #expect(outcome.lastStatus == nil)
    }

    @Test func writesNoHeaderThatIsNone() async throws {
        let sink = try sink()
        let rig = try await Rig.make()
        for (index, correlator) in ["a\r\nX-Evil: 1", "a\nb", "ä", "a\u{0}b"].enumerated() {
            try rig.deliver("e\(index)", to: sink.url(), session: "m\(index)", correlator: correlator)
            #expect(try await rig.outcome("e\(index)").result == .dropped(.malformed))
        }
        #expect(sink.connections == 0)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }
}
