import Foundation
import TestPeer
import Testing

/// What keeps a gateway from starting is told, and it ends instead of half running.
@Suite(.sharing) struct StartTests {
    /// Starts a gateway that cannot run; returns what it said.
    private func refusal(_ configuration: GatewayConfiguration) async throws -> String {
        do {
            let gateway = try await GatewayProcess.start(configuration)
            _ = try await gateway.stop()
            Issue.record("it runs")
            return ""
        } catch let failure as GatewayProcess.Failure {
            #expect(failure.description.hasPrefix("gateway ended at once"), "\(failure)")
            return failure.description
        }
    }

    @Test("Two gateways never share a store: the second says who has it, the first goes on")
    func sharedStore() async throws {
        try await StoredScene.run { stored in
            let device = try Device(stored.scene, .r3)
            var second = stored.scene.gateway.configuration
            second.httpPort = try FreePort.next()
            second.sipPort = try FreePort.next()
            let text = try await refusal(second)
            #expect(text.contains("already used by process \(stored.scene.gateway.identifier)"), "\(text)")
            #expect(text.contains("give each gateway a file of its own"), "\(text)")
            _ = try await device.register()
            try await stored.end()
        }
    }

    @Test("A port that is taken, the API's or SIP's, is told after the store was opened, and the store is let go")
    func portTaken() async throws {
        try await StoredScene.run { stored in
            let store = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString).db").path
            defer {
                for end in ["", "-lock", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: store + end) }
            }
            var second = stored.scene.gateway.configuration
            second.storage = "sqlite:\(store)"
            second.sipPort = try FreePort.next()
            // Somebody answers at the API's port: the first gateway.
            let blocked = try await GatewayProcess.start(second)
            #expect(try await blocked.ended() == 1)
            #expect(blocked.logTail.contains("cannot start"), "\(blocked.logTail)")
            second.httpPort = try FreePort.next()
            second.sipPort = stored.scene.gateway.configuration.sipPort
            let sip = try await refusal(second)
            #expect(sip.contains("cannot start"), "\(sip)")
            second.sipPort = try FreePort.next()
            let third = try await GatewayProcess.start(second)
            #expect(try await third.stop() == 0)
            try await stored.end()
        }
    }

    @Test("Certificates nobody can read, and a folder that is not there")
    func unusable() async throws {
        var configuration = try GatewayConfiguration()
        configuration.trunks = [.init("main", peers: ["sip:127.0.0.1:5070"])]
        configuration.routes = [("", ["main"])]
        configuration.storage = "sqlite:no/such/folder.db"
        let text = try await refusal(configuration)
        #expect(text.contains("its folder does not exist; create the folder"), "\(text)")
        configuration.storage = "memory:"
        configuration.events = "{caFile: no-such-file.pem}"
        let second = try await refusal(configuration)
        #expect(second.contains("events.caFile"), "\(second)")
    }
}
