import Foundation
import Synchronization
import TestPeer
import Testing

/// Many calls, and nothing left of them. `GATEWAY_SOAK=full` makes 10,000 one after the other and 2,000 at a time.
@Suite(.serialized, .gatewayAlone(.soak)) struct SoakTests {
    private static let isFull = ProcessInfo.processInfo.environment["GATEWAY_SOAK"] == "full"

    /// A callee that answers every call and counts.
    private final class Callee: Sendable {
        private let counts = Mutex<[SIPMethod: Set<String>]>([:])

        /// Call-IDs seen by method.
        func calls(_ method: SIPMethod) -> Int { counts.withLock { $0[method]?.count ?? 0 } }

        func serve(_ peer: SIPPeer, _ prefix: String) {
            peer.serve(prefix) { request in
                self.counts.withLock { _ = $0[request.message.method, default: []].insert(request.message.callID) }
                switch request.message.method {
                case .invite: request.respond(200, sdp: SDP.answer())
                case .bye: request.respond(200)
                default: break
                }
            }
        }
    }

    private func post(_ scene: Scene, _ prefix: String, _ index: Int) async throws -> String {
        let number = prefix + String(100_000_000 + index)
        let response = try await scene.http.send("POST", Attempt.sessions, json: Attempt.body(receiver: number))
        try #require(response.outcome == "201 Connected", "\(response.text)")
        return try #require(response.json["mediaSessionId"]?.string)
    }

    private func delete(_ scene: Scene, _ id: String) async throws {
        let response = try await scene.http.send("DELETE", "\(Attempt.sessions)/\(id)")
        try #require(response.status == 204, "\(response.text)")
    }

    /// Waits until the gateway holds nothing of any call.
    private func expectNothingLeft(_ scene: Scene) async throws {
        let zero = ["liveCalls", "dialogs", "clientTransactions", "serverTransactions", "endedKept", "timers"]
        let deadline = ContinuousClock.now + .seconds(60)
        var seen: [String: Int] = [:]
        while ContinuousClock.now < deadline {
            seen = try await scene.gateway.statistics()
            if zero.allSatisfy({ seen[$0] == 0 }) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("still held after all calls have ended: \(seen)")
    }

    /// Makes `count` calls, `width` of them at a time, and ends each.
    private func run(_ count: Int, width: Int, _ scene: Scene, _ prefix: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= width { try await group.next() }
                group.addTask {
                    let id = try await post(scene, prefix, index)
                    try await delete(scene, id)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("One after the other: memory and descriptors stay where they are")
    func sequential() async throws {
        let scene = try scene()
        let callee = Callee()
        callee.serve(scene.peer, "+16")
        let count = Self.isFull ? 10_000 : 1_000
        // What the first calls allocate stays; growth after them would be a leak.
        try await run(count / 2, width: 1, scene, "+16")
        try await expectNothingLeft(scene)
        let half = try scene.gateway.figures
        try await run(count / 2, width: 1, scene, "+16")
        try await expectNothingLeft(scene)
        let whole = try scene.gateway.figures
        #expect(callee.calls(.invite) == count)
        #expect(callee.calls(.ack) == count)
        #expect(callee.calls(.bye) == count)
        #expect(whole.descriptors == half.descriptors)
        #expect(whole.threads == half.threads, "\(half) \(whole)")
        // A sanitizer keeps what was freed for a while; resident memory says nothing then.
        if !Sanitizer.isOn { #expect(whole.residentKiB < half.residentKiB + 4_096, "\(half) \(whole)") }
    }

    @Test("All at once: every call is answered, and every one is ended")
    func concurrent() async throws {
        let scene = try scene()
        let callee = Callee()
        callee.serve(scene.peer, "+17")
        let count = Self.isFull ? 2_000 : 500
        let before = try scene.gateway.figures
        // Up together: none is ended before the last is answered.
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            var ids: [String] = []
            for index in 0..<count {
                if index >= 64, let id = try await group.next() { ids.append(id) }
                group.addTask { try await post(scene, "+17", index) }
            }
            for try await id in group { ids.append(id) }
            return ids
        }
        #expect(Set(ids).count == count)
        #expect(try await scene.gateway.statistics()["liveCalls"] == count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, id) in ids.enumerated() {
                if index >= 64 { try await group.next() }
                group.addTask { try await delete(scene, id) }
            }
            try await group.waitForAll()
        }
        try await expectNothingLeft(scene)
        #expect(callee.calls(.bye) == count)
        scene.http.closeIdle()
        _ = try await scene.gateway.statistics()
        let after = try scene.gateway.figures
        #expect(after.threads == before.threads, "\(before) \(after)")
        #expect(after.descriptors <= before.descriptors + 1, "\(before) \(after)")
    }
}

extension ScenePlan {
    /// Short timers, so that a call's last transaction is soon over, and nothing kept of ended sessions.
    /// What is freed goes back to the system nearly at once: what is resident is then what is held, not what was freed
    /// within the last seconds.
    static let soak: ScenePlan = {
        var plan = standard.with { configuration in
            configuration.timers = "{t1: 50ms, t2: 200ms, timerB: 5s, ring: 60s}"
            configuration.sessions = "{keepEnded: 1s, maxDuration: 4h}"
        }
        plan.environment = ["MIMALLOC_DECOMMIT_DELAY": "25", "MIMALLOC_SEGMENT_DECOMMIT_DELAY": "500"]
        return plan
    }()
}
