import CallCore
import EventSinks
import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// The engine against real TLS sockets.
@Suite struct DeliveryTests {
    private func sink(
        names: String = "DNS:localhost,IP:127.0.0.1", port: UInt16 = 0,
        _ script: @escaping TestSink.Script = { _ in .status(204) }
    ) throws -> TestSink {
        try TestSink(Rig.authority.get(), names: names, port: port, script: script)
    }

    private func credential(expiresIn seconds: TimeInterval = 3_600, token: String = "t0ken") throws -> SinkCredential {
        try SinkCredential(accessToken: token, expiresAt: Date.now.addingTimeInterval(seconds))
    }

    @Test func postsACloudEvent() async throws {
        let (rig, sink) = (try await Rig.make { $0.userAgent = "gateway/1" }, try sink())
        try rig.deliver(
            "e1", to: sink.url("/hook?a=b"), sequenceNumber: 4, credential: credential(), correlator: "corr-7")
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .delivered)
        #expect(outcome.attempts == 1)
        #expect(outcome.lastStatus == 204)
        let request = try #require(sink.requests.first)
        #expect(sink.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.path == "/hook?a=b")
        #expect(request.headers["content-type"] == "application/cloudevents+json")
        #expect(request.headers["x-correlator"] == "corr-7")
        #expect(request.headers["authorization"] == "Bearer t0ken")
        #expect(request.headers["host"] == "localhost:\(sink.port)")
        #expect(request.headers["user-agent"] == "gateway/1")
        #expect(request.headers["expect"] == nil)
        #expect(request.eventID == "e1")
        #expect(request.string("data.status") == "Ringing")
        #expect(request.int("data.sequenceNumber") == 4)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func sendsNoCredentialWhereThereIsNone() async throws {
        let (rig, sink) = (try await Rig.make(), try sink())
        try rig.deliver("e1", to: sink.url(), subscription: "s1", credential: credential())
        _ = try await rig.outcome("e1")
        // The same transfer and connection, another subscription.
        try rig.deliver("e2", to: sink.url(), subscription: "s2")
        _ = try await rig.outcome("e2")
        #expect(sink.requests.map { $0.headers["authorization"] } == ["Bearer t0ken", nil])
        #expect(sink.connections == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    /// 30 sessions of 20 events, a sink that fails in every way it can: each event is taken once, in order, without a gap.
    @Test func deliversEachEventOnceAndInOrder() async throws {
        let failures = Mutex<[String: Int]>([:])
        let taken = Mutex<[String: [Int]]>([:])
        let sink = try sink { request in
            let id = request.eventID
            let number = failures.withLock { failures in
                failures[id, default: 0] += 1
                return failures[id] ?? 0
            }
            // A third of the events fails, each once or twice and each in its own way.
            let kind = id.utf8.reduce(0) { $0 &* 31 &+ Int($1) } % 12
            if kind < 4, number == 1 || (kind == 0 && number == 2) {
                return [.status(500), .close, .status(503, headers: ["Retry-After": "0"]), .raw("nonsense\r\n\r\n")][
                    kind]
            }
            let (session, sequence) = (
                request.string("data.mediaSessionId") ?? "", request.int("data.sequenceNumber") ?? 0
            )
            taken.withLock { $0[session, default: []].append(sequence) }
            return .status(204)
        }
        // Failures are the rule here, not a sign that the sink is down.
        let rig = try await Rig.make { $0.failuresUntilDown = 1_000 }
        for sequence in 1...20 {
            for session in 0..<30 {
                try rig.deliver(
                    "e-\(session)-\(sequence)", to: sink.url(), session: "m\(session)", sequenceNumber: sequence)
            }
        }
        for session in 0..<30 {
            for sequence in 1...20 {
                let outcome = try await rig.outcome("e-\(session)-\(sequence)")
                #expect(outcome.result == .delivered)
            }
        }
        let all = taken.withLock { $0 }
        #expect(all.count == 30)
        for (session, sequences) in all { #expect(sequences == Array(1...20), "\(session)") }
        let statistics = rig.sinks.statistics
        #expect(statistics.delivered == 600)
        #expect(statistics.failedAttempts > 100)
        #expect(statistics.attempts == 600 + statistics.failedAttempts)
        #expect(statistics.latency.counts.reduce(0, +) == 600)
        #expect(await rig.sinks.stop(within: .seconds(5)) == 0)
        sink.stop()
    }

    @Test func repeatsTheSameBodyAndID() async throws {
        let count = Atomic(0)
        let sink = try sink { _ in count.add(1, ordering: .relaxed).newValue < 3 ? .status(500) : .status(204) }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url())
        let outcome = try await rig.outcome("e1")
        #expect(outcome.attempts == 3)
        #expect(Set(sink.requests.map(\.body)).count == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func waitsAsRetryAfterSays() async throws {
        let times = Mutex<[ContinuousClock.Instant]>([])
        let sink = try sink { _ in
            let number = times.withLock { times in
                times.append(.now)
                return times.count
            }
            return number == 1 ? .status(429, headers: ["Retry-After": "1"]) : .status(204)
        }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url())
        #expect(try await rig.outcome("e1").result == .delivered)
        let seen = times.withLock { $0 }
        #expect(seen[1] - seen[0] >= .milliseconds(990))
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func endsASubscriptionOn410() async throws {
        let gate = Gate()
        let sink = try sink { _ in
            gate.pass()
            return .status(410)
        }
        let rig = try await Rig.make()
        for number in 1...3 { try rig.deliver("e\(number)", to: sink.url(), sequenceNumber: number) }
        // Not before all three are in the queue, however slow the machine is.
        gate.open()
        #expect(try await rig.outcome("e1").result == .subscriptionGone)
        #expect(try await rig.outcome("e2").result == .dropped(.subscriptionEnded))
        #expect(try await rig.outcome("e3").result == .dropped(.subscriptionEnded))
        #expect(sink.requests.count == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func tellsAnExpiredCredentialFromARefusedOne() async throws {
        let sink = try sink { _ in .status(401) }
        let rig = try await Rig.make()
        try rig.deliver("live", to: sink.url(), subscription: "s1", credential: credential())
        #expect(try await rig.outcome("live").result == .dropped(.rejected))
        try rig.deliver("expired", to: sink.url(), subscription: "s2", credential: credential(expiresIn: -1))
        #expect(try await rig.outcome("expired").result == .credentialExpired)
        try rig.deliver("last", to: sink.url(), subscription: "s2", credential: credential(expiresIn: -1), isLast: true)
        #expect(try await rig.outcome("last").result == .dropped(.rejected))
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func sendsAgainWithACredentialReplacedMeanwhile() async throws {
        let gate = Gate()
        let arrived = Mailbox<String>()
        let sink = try sink { request in
            let authorization = request.headers["authorization"] ?? ""
            arrived.put(authorization)
            return authorization == "Bearer new" ? .status(204) : .wait(gate, thenStatus: 401)
        }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url(), credential: credential(expiresIn: -1, token: "old"))
        try rig.deliver("e2", to: sink.url(), sequenceNumber: 2, credential: credential(expiresIn: -1, token: "old"))
        #expect(await arrived.next() == "Bearer old")
        rig.sinks.replaceCredential(try credential(token: "new"), of: SubscriptionID(rawValue: "s1"))
        // Commands are in order: once a later delivery is answered, the replacement is done.
        try rig.deliver("marker", to: sink.url("/marker"), subscription: "s2", credential: credential(token: "new"))
        _ = try await rig.outcome("marker")
        gate.open()
        #expect(try await rig.outcome("e1").result == .delivered)
        #expect(try await rig.outcome("e2").attempts == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func sendsTheLastEventLast() async throws {
        let failed = Atomic(false)
        let sink = try sink { request in
            request.eventID == "e2" && failed.exchange(true, ordering: .relaxed) == false ? .close : .status(204)
        }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url(), session: "m1")
        try rig.deliver("e2", to: sink.url(), session: "m2")
        try rig.deliver("last", to: sink.url(), isLast: true)
        #expect(try await rig.outcome("last").result == .delivered)
        #expect(sink.requests.last?.eventID == "last")
        #expect(sink.requests.last?.string("type") == "org.camaraproject.webrtc-events.v0.subscription-ended")
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    // MARK: - Sinks that are slow, dead or back

    @Test func isNotDelayedByAHangingSink() async throws {
        let gate = Gate()
        let slow = try sink { _ in .wait(gate, thenStatus: 204) }
        let good = try sink()
        let rig = try await Rig.make { $0.timeout = .seconds(60) }
        for number in 0..<200 {
            try rig.deliver("slow-\(number)", to: slow.url(), subscription: "slow", session: "m\(number)")
        }
        for number in 0..<200 {
            try rig.deliver("good-\(number)", to: good.url(), subscription: "good", session: "m\(number)")
        }
        for number in 0..<200 { #expect(try await rig.outcome("good-\(number)").result == .delivered) }
        // A sink that has shown nothing gets a small window.
        #expect(slow.requests.count <= 8)
        let statistics = rig.sinks.statistics
        #expect(statistics.accepted - statistics.delivered == 200)
        gate.open()
        for number in 0..<200 { #expect(try await rig.outcome("slow-\(number)").result == .delivered) }
        await rig.sinks.stop(within: .seconds(5))
        slow.stop()
        good.stop()
    }

    @Test func timesOutAndTriesAgain() async throws {
        let gate = Gate()
        let count = Atomic(0)
        let sink = try sink { _ in
            count.add(1, ordering: .relaxed).newValue == 1 ? .wait(gate, thenStatus: 204) : .status(204)
        }
        let rig = try await Rig.make { $0.timeout = .milliseconds(200) }
        try rig.deliver("e1", to: sink.url())
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .delivered)
        #expect(outcome.attempts == 2)
        gate.open()
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func deliversToASinkThatComesBack() async throws {
        let changes = Mailbox<Bool>()
        let port = try FreePort.next()
        let first = try sink(port: port)
        let rig = try await Rig.make {
            $0.failuresUntilDown = 3
            $0.onSinkChange = { _, isDown in changes.put(isDown) }
        }
        try rig.deliver("e1", to: first.url(), sequenceNumber: 1)
        #expect(try await rig.outcome("e1").result == .delivered)
        first.stop()
        for number in 2...20 { try rig.deliver("e\(number)", to: first.url(), sequenceNumber: number) }
        #expect(await changes.next() == true)
        #expect(rig.sinks.statistics.delivered == 1)

        let second = try sink(port: port)
        for number in 2...20 { #expect(try await rig.outcome("e\(number)").result == .delivered) }
        #expect(await changes.next() == false)
        #expect(second.requests.compactMap { $0.int("data.sequenceNumber") } == Array(2...20))
        await rig.sinks.stop(within: .seconds(5))
        second.stop()
    }

    @Test func givesUpAtTheBound() async throws {
        let sink = try sink { _ in .status(500) }
        let rig = try await Rig.make()
        try rig.deliver("e1", to: sink.url(), bound: 2)
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .dropped(.expired))
        #expect(outcome.lastStatus == 500)
        #expect(outcome.attempts > 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }
}
