import Foundation
import Synchronization
import TestPeer
import Testing

/// Reloads while many calls are set up and ended.
@Suite(.serialized, .gatewayAlone(.soak)) struct ReloadUnderLoadTests {

    private final class Progress: Sendable {
        private let made = Mutex(0)
        private let over = Mutex(false)

        var calls: Int { made.withLock { $0 } }
        var isOver: Bool { over.withLock { $0 } }

        /// The number of the next call.
        func next() -> Int {
            made.withLock { made in
                made += 1
                return made
            }
        }

        func end() { over.withLock { $0 = true } }
    }

    /// Calls without a pause, each ended as soon as it is answered, until `progress` is over.
    private static func load(_ scene: Scene, width: Int, _ progress: Progress) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<width {
                group.addTask {
                    while !progress.isOver {
                        let index = progress.next()
                        let number = "+18" + String(100_000_000 + index)
                        let response = try await scene.http.send(
                            "POST", Attempt.sessions, json: Attempt.body(receiver: number))
                        try #require(response.outcome == "201 Connected", "\(response.text)")
                        let id = try #require(response.json["mediaSessionId"]?.string)
                        let ended = try await scene.http.send("DELETE", "\(Attempt.sessions)/\(id)")
                        try #require(ended.status == 204, "\(ended.text)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("100 reloads that move the trunk to and fro: no call fails, and nothing is left behind")
    func reloads() async throws {
        let scene = try scene()
        let answers: SIPPeer.Handler = { request in
            switch request.message.method {
            case .invite: request.respond(200, sdp: SDP.answer())
            case .bye: request.respond(200)
            default: break
            }
        }
        scene.peer.serve("+18", answers)
        scene.second.serve("+18", answers)
        var moved = scene.gateway.configuration
        moved.trunks[0].peers = ["sip:127.0.0.1:\(scene.second.port)"]
        let both = [moved, scene.gateway.configuration]

        func round(_ reloads: Int) async throws -> Int {
            let progress = Progress()
            async let load: Void = Self.load(scene, width: 8, progress)
            for index in 0..<reloads {
                let answer = try await scene.gateway.reload(both[index % 2])
                if answer.text != "reloaded; changed: trunks\n" {
                    Issue.record("\(answer)\n\(scene.gateway.logTail)")
                    break
                }
            }
            progress.end()
            try await load
            return progress.calls
        }
        _ = try await round(20)
        let before = try await settled(scene)
        let calls = try await round(100)
        let after = try await settled(scene)
        #expect(calls > 100)
        #expect(after.threads == before.threads, "\(before) \(after)")
        #expect(after.descriptors <= before.descriptors + 1, "\(before) \(after)")
        if !Sanitizer.isOn { #expect(after.residentKiB < before.residentKiB + 6_144, "\(before) \(after)") }
    }

    /// What the process holds once no call is left.
    private func settled(_ scene: Scene) async throws -> ProcessFigures {
        scene.http.closeIdle()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let seen = try await scene.gateway.statistics()
            if ["liveCalls", "dialogs", "clientTransactions", "timers"].allSatisfy({ seen[$0] == 0 }) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try scene.gateway.figures
    }
}
