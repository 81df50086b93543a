import Foundation
import Synchronization
import TestPeer
import Testing

/// Two trunks, and one of them dies under load and comes back: no call is lost, and none that rang is tried twice.
@Suite(.alone, .serialized) struct DyingTrunkTests {
    private static let prefix = "+62"

    /// What has become of the calls of one run.
    private struct Ledger {
        var placed: [String] = []
        var lost: [String] = []
        var slowest = Duration.zero
    }

    /// A gateway with two trunks of one route; the first is taken while it lives.
    private static func plan(_ first: MortalPeer, _ second: MortalPeer, health: String, adminPort: UInt16) -> ScenePlan
    {
        ScenePlan { configuration, _ in
            let lines = ["failover: {noResponse: 500ms, cooldown: 1500ms}", "health: \(health)"]
            configuration.trunks = [
                .init("first", peers: ["sip:127.0.0.1:\(first.port)"], domain: "first.example", lines: lines),
                .init("second", peers: ["sip:127.0.0.1:\(second.port)"], domain: "second.example", lines: lines),
            ]
            configuration.routes = [(prefix, ["first", "second"])]
            configuration.timers = "{t1: 100ms, t2: 400ms, timerB: 6s, ring: 10s}"
            configuration.more.append("admin: {listen: \"127.0.0.1:\(adminPort)\"}")
        }
    }

    @Test(
        "Calls go on by the other trunk, and come back",
        arguments: [MortalPeer.Mode.closed, .silent, .refusing],
        ["{interval: 400ms, timeout: 200ms, down: 2, up: 1}", "{interval: 0s}"])
    func diesAndReturns(how: MortalPeer.Mode, health: String) async throws {
        let first = try MortalPeer(prefix: Self.prefix)
        let second = try MortalPeer(prefix: Self.prefix)
        let adminPort = try FreePort.next()
        let scene = try await Scene(Self.plan(first, second, health: health, adminPort: adminPort))
        let admin = HTTPClient(port: adminPort)
        let run = Run(scene: scene, admin: admin)
        do {
            let load = Task { try await run.place() }
            let watch = Task { try await run.watch() }

            try await run.reaches { first.answers >= 40 }
            #expect(second.answers == 0, "the first trunk is preferred")
            let death = ContinuousClock.now
            try await first.become(how)
            let before = run.placed
            try await run.reaches { run.placed >= before + 160 }
            let lastFailover = run.lastFailover
            let viaSecond = second.answers

            let return_ = ContinuousClock.now
            try await first.become(.alive)
            let answers = first.answers
            try await run.reaches { first.answers > answers }
            let back = ContinuousClock.now
            // From then on all of them do, but those that wait for an answer yet (failover.noResponse).
            try await Task.sleep(for: .milliseconds(600))
            let late = second.answers
            try await run.reaches { first.answers > answers + 40 }
            #expect(second.answers <= late + 1)

            run.stop()
            _ = try await load.value
            _ = try await watch.value
            let ledger = run.ledger.withLock { $0 }
            #expect(
                ledger.lost.isEmpty,
                "\(ledger.lost.count) of \(ledger.placed.count): \(ledger.lost.prefix(5)); the log ends:\n\(scene.gateway.logTail)"
            )
            #expect(viaSecond > 100)
            // An INVITE that was given up may ring late, where it was lost on a peer that comes back; the call is elsewhere then.
            for number in ledger.placed {
                guard let rang = first.rang(number), let tried = second.firstCall(of: number) else { continue }
                #expect(tried < rang, "\(number) rang by the first trunk and was tried by the second then")
            }
            for number in ledger.placed { #expect(second.calls(of: number) <= 1 && first.calls(of: number) <= 1) }
            #expect(run.failovers > 0)
            let passed = lastFailover.map { "\(($0 - death) / .seconds(1)) s" } ?? "none"
            print(
                "PRINT first trunk \(how.rawValue), health \(health): \(ledger.placed.count) calls, \(ledger.lost.count) lost,",
                "\(run.failovers) failed over, the last one \(passed) after the death; slowest POST",
                "\(ledger.slowest / .milliseconds(1)) ms; traffic back \((back - return_) / .seconds(1)) s after the return"
            )
            if health.contains("400ms") {
                // Two probes and their timeouts; then nothing is sent there any more.
                #expect(lastFailover.map { $0 - death < .seconds(3) } ?? false)
            }
        } catch {
            run.stop()
            _ = try? await scene.gateway.stop()
            throw error
        }
        admin.closeIdle()
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0, "\(scene.gateway.logTail)")
    }

    @Test("A call that rings where the socket is closed then is not tried elsewhere")
    func ringsAndDies() async throws {
        let second = try MortalPeer(prefix: Self.prefix)
        let port = try FreePort.next()
        var dying: SIPPeer? = try SIPPeer(port: port)
        let number = Self.prefix + "5550001"
        let call = try #require(dying).expect(number)
        let first = try MortalPeer(prefix: "+0")
        var plan = Self.plan(first, second, health: "{interval: 0s}", adminPort: try FreePort.next())
        plan = plan.with { $0.trunks[0].peers = ["sip:127.0.0.1:\(port)"] }
        let scene = try await Scene(plan)
        call.whenInvited { $0.respond(180) }
        let response = try await scene.http.send("POST", Attempt.sessions, json: Attempt.body(receiver: number))
        #expect(response.outcome == "201 Ringing")
        dying = nil
        let id = try #require(response.json["mediaSessionId"]?.string)
        // Its owner gives up; the CANCEL finds nobody.
        _ = try await scene.http.send("DELETE", "\(Attempt.sessions)/\(id)")
        try await second.fence(scene.gateway.sip)
        #expect(second.calls(of: number) == 0)
        scene.http.closeIdle()
        _ = try await scene.gateway.stop()
    }

    /// Load, and what the operator sees of it.
    private final class Run: Sendable {
        let scene: Scene
        let admin: HTTPClient
        let ledger = Mutex(Ledger())
        private let isOver = Mutex(false)
        private let seen = Mutex<(count: Int, at: ContinuousClock.Instant?)>((0, nil))

        init(scene: Scene, admin: HTTPClient) {
            self.scene = scene
            self.admin = admin
        }

        var placed: Int { ledger.withLock { $0.placed.count } }
        var lastFailover: ContinuousClock.Instant? { seen.withLock { $0.at } }
        var failovers: Int { seen.withLock { $0.count } }
        func stop() { isOver.withLock { $0 = true } }

        /// 50 calls a second, each ended as soon as it is answered.
        func place() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                var number = 10_000_000
                let clock = ContinuousClock()
                var next = clock.now
                while !isOver.withLock({ $0 }) {
                    number += 1
                    let dialled = DyingTrunkTests.prefix + String(number)
                    ledger.withLock { $0.placed.append(dialled) }
                    group.addTask { try await self.call(dialled) }
                    next += .milliseconds(20)
                    try await clock.sleep(until: next)
                }
                try await group.waitForAll()
            }
        }

        private func call(_ number: String) async throws {
            let began = ContinuousClock.now
            let response = try await scene.http.send(
                "POST", Attempt.sessions, json: Attempt.body(receiver: number))
            let time = ContinuousClock.now - began
            var isLost = response.status != 201
            if let id = response.json["mediaSessionId"]?.string {
                // A 201 may tell of the ringing; the answer follows.
                let deadline = ContinuousClock.now + Patience.standard
                var status = response.json["status"]?.string
                while status != "Connected", ContinuousClock.now < deadline, status == "Ringing" || status == "Initial"
                {
                    try await Task.sleep(for: .milliseconds(5))
                    status = try await scene.http.send("GET", "\(Attempt.sessions)/\(id)").json["status"]?.string
                }
                isLost = status != "Connected"
                _ = try await scene.http.send("DELETE", "\(Attempt.sessions)/\(id)")
            }
            ledger.withLock {
                if isLost { $0.lost.append("\(number) \(response.outcome)") }
                $0.slowest = max($0.slowest, time)
            }
        }

        /// When the counter of failovers grew last.
        func watch() async throws {
            while !isOver.withLock({ $0 }) {
                let text = try MetricsText(try await admin.send("GET", "/metrics").text)
                let count = Int(text.value("gateway_failovers_total", ["trunk": "first"]) ?? 0)
                seen.withLock { if count > $0.count { $0 = (count, .now) } }
                try await Task.sleep(for: .milliseconds(25))
            }
        }

        func reaches(_ condition: @Sendable () -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while !condition() {
                guard ContinuousClock.now < deadline else {
                    throw PatienceLost("calls as expected", ladder: scene.gateway.logTail)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
