import Foundation
import TestPeer
import Testing

/// A gateway whose store outlives it: started by the test itself, killed and started again.
struct StoredScene {
    let scene: Scene
    private let folder: URL

    /// Runs `body` with a gateway on a database in a folder of its own, and ends it; then it must exit with 0.
    static func run(
        launcher: [String] = [], folder: URL? = nil,
        configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (StoredScene) async throws -> Void
    ) async throws {
        let folder = folder ?? FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = "sqlite:\(folder.appending(path: "gateway.db").path)"
        var plan = ScenePlan.events.with { configuration in
            configuration.storage = store
            configure(&configuration)
        }
        plan.launcher = launcher
        let scene = try await Scene(plan)
        do {
            try await body(StoredScene(scene: scene, folder: folder))
        } catch {
            Issue.record("the first gateway's log ends:\n\(scene.gateway.logTail)")
            throw error
        }
    }

    /// The database.
    var database: String { folder.appending(path: "gateway.db").path }

    /// Kills the gateway and starts it again on the same store and ports.
    func restarted() async throws -> StoredScene {
        try await scene.gateway.crash()
        scene.http.closeIdle()
        return StoredScene(scene: try await scene.restarted(), folder: folder)
    }

    /// Ends the gateway; it must exit with 0.
    func end() async throws {
        scene.http.closeIdle()
        let code = try await scene.gateway.stop()
        #expect(code == 0, "the gateway's log ends:\n\(scene.gateway.logTail)")
    }

    /// Returns once what SIGUSR1 tells satisfies `condition`.
    func settles(_ condition: ([String: Int]) -> Bool) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        var seen: [String: Int] = [:]
        while ContinuousClock.now < deadline {
            seen = try await scene.gateway.statistics()
            if condition(seen) { return }
            // Nothing tells from outside that the store has written: look again soon.
            try await Task.sleep(for: .milliseconds(5))
        }
        throw PatienceLost("state of the gateway", ladder: "\(seen)")
    }
}

extension StoredScene {
    /// The same store under another run of the gateway.
    init(_ scene: Scene, like other: StoredScene) {
        self.init(scene: scene, folder: other.folder)
    }
}
