import Foundation
import TestPeer
import TestSink
import Testing

/// SIGTERM and `gateway drain` with calls alive (docs/operation.md).
@Suite(.sharing, .serialized) struct DrainTests {
    private func draining(
        deadline: String, _ body: (StoredScene, RegisteredDevice, EventInbox) async throws -> Void
    ) async throws {
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let configure: @Sendable (inout GatewayConfiguration) -> Void = { configuration in
            configuration.more = ["drain: {deadline: \(deadline)}"]
            configuration.sessionCreate = "{waitForProgress: 50ms, timeout: 20s, offerTimeout: 30s}"
        }
        try await StoredScene.run(configure: configure) { stored in
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register()
            _ = try await device.subscribe(to: inbox.url, Device.Wish())
            try await body(stored, RegisteredDevice(device, registration: registration), inbox)
        }
    }

    /// Sends SIGTERM and returns when the gateway has said that it drains.
    private func terminate(_ gateway: GatewayProcess) async throws {
        let line = gateway.nextLine { $0.contains("\"draining\"") }
        gateway.signal(SIGTERM)
        try #require(await line.next() != nil, "\(gateway.logTail)")
    }

    @Test("While it drains: new calls 503, an emergency call 501, a live one ends as ever; exit 0 when none is left")
    func newCallsAreRefused() async throws {
        try await draining(deadline: "120s") { stored, device, inbox in
            let (attempt, id) = try await device.connect()
            _ = try await inbox.status("Connected")
            try await terminate(stored.scene.gateway)

            let refused = try await device.call(Numbers.next("+1"))
            #expect(refused.status == 503)
            #expect(refused.json["code"]?.string == "UNAVAILABLE")
            let retryAfter = try #require(refused["Retry-After"].flatMap { Int($0) })
            #expect(retryAfter > 0)
            let emergency = try await device.call("112")
            #expect(emergency.status == 501)
            #expect(emergency.json["code"]?.string == "CALLTYPE_EMERGENCY_NOT_SUPPORTED")

            #expect(try await device.send("GET", "\(device.release.sessions)/\(id)").status == 200)
            #expect(try await device.send("DELETE", "\(device.release.sessions)/\(id)").status == 204)
            let bye = try await attempt.call.acceptBye()
            #expect(bye["Reason"]?.contains("cause=16") == true, attempt.ladder)
            _ = try await inbox.status("Terminated")
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }

    @Test("At the deadline: BYE and CANCEL with a Reason, both told by event, exit 0")
    func theDeadlineEndsWhatIsLeft() async throws {
        try await draining(deadline: "200ms") { stored, device, inbox in
            let (answered, connected) = try await device.connect()
            _ = try await inbox.status("Connected")
            let (ringing, invite, waiting) = try await device.ring()
            _ = try await inbox.status("Ringing")
            stored.scene.gateway.signal(SIGTERM)

            let bye = try await answered.call.acceptBye()
            #expect(bye["Reason"]?.hasPrefix("Q.850;cause=42") == true, answered.ladder)
            let cancel = try await ringing.call.acceptCancel(of: invite)
            #expect(cancel["Reason"]?.hasPrefix("Q.850;cause=42") == true, ringing.ladder)
            var told: [String: String] = [:]
            for _ in 0..<2 {
                let event = try await inbox.next()
                told[try #require(event.string("data.mediaSessionId"))] = event.string("data.status")
            }
            #expect(told == [connected: "Terminated", waiting: "SessionCancelled"])
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }

    @Test("A second signal ends a call before the deadline")
    func theSecondSignalHurries() async throws {
        try await draining(deadline: "1h") { stored, device, _ in
            let (attempt, _) = try await device.connect()
            try await terminate(stored.scene.gateway)
            stored.scene.gateway.signal(SIGTERM)
            try await attempt.call.acceptBye()
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }

    @Test("A third signal ends the process at once, with a status that says so")
    func theThirdSignalWaitsForNothing() async throws {
        try await draining(deadline: "1h") { stored, device, _ in
            let (attempt, _) = try await device.connect()
            let gateway = stored.scene.gateway
            try await terminate(gateway)
            gateway.signal(SIGTERM)
            // Nobody answers it: the gateway would wait 2 s, and end with 0.
            _ = try await attempt.call.request(.bye)
            gateway.signal(SIGTERM)
            #expect(try await gateway.ended() == 1, "\(gateway.logTail)")
        }
    }

    @Test("A CANCEL that waits for a provisional response goes out when that comes")
    func aHeldCancelIsWaitedFor() async throws {
        try await draining(deadline: "0s") { stored, device, _ in
            let attempt = stored.scene.attempt()
            async let reply = device.call(attempt.number)
            let invite = try await attempt.call.invite()
            try await terminate(stored.scene.gateway)
            #expect(try await reply.status == 503)
            invite.respond(180)
            try await attempt.call.acceptCancel(of: invite)
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }

    @Test("A peer that answers neither BYE nor CANCEL cannot hold the end; both sessions are told all the same")
    func aSilentPeerDoesNotHoldTheEnd() async throws {
        try await draining(deadline: "0s") { stored, device, inbox in
            let (answered, connected) = try await device.connect()
            _ = try await inbox.status("Connected")
            let (ringing, _, waiting) = try await device.ring()
            _ = try await inbox.status("Ringing")
            stored.scene.gateway.signal(SIGTERM)
            _ = try await answered.call.request(.bye)
            _ = try await ringing.call.request(.cancel)
            var told: [String: String] = [:]
            for _ in 0..<2 {
                let event = try await inbox.next()
                told[try #require(event.string("data.mediaSessionId"))] = event.string("data.status")
            }
            #expect(told == [connected: "Terminated", waiting: "SessionCancelled"])
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }

    @Test("'gateway drain' has the gateway drain and returns when it has ended; without one it says so")
    func theCommandDrains() async throws {
        try await draining(deadline: "120s") { stored, device, _ in
            let (attempt, _) = try await device.connect()
            let gateway = stored.scene.gateway
            let line = gateway.nextLine { $0.contains("\"draining\"") }
            async let status = drain(gateway.file)
            #expect(await line.next() != nil, "\(gateway.logTail)")
            #expect(try await device.call(Numbers.next("+1")).status == 503)
            // A second one hurries, and waits as well.
            let hurried = gateway.nextLine { $0.contains("second signal") }
            async let second = drain(gateway.file)
            #expect(await hurried.next() != nil, "\(gateway.logTail)")
            try await attempt.call.acceptBye()
            #expect(try await status == 0)
            #expect(try await second == 0)
            #expect(try await gateway.ended() == 0)
            #expect(try await drain(gateway.file) == 1)
        }
    }

    /// Runs `gateway drain` and returns its exit status.
    private func drain(_ file: URL) async throws -> Int32 {
        let process = Process()
        process.executableURL = try GatewayProcess.products.appending(path: "gateway")
        process.arguments = ["drain", "--config", file.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let exit = Mailbox<Int32>()
        process.terminationHandler = { exit.put($0.terminationStatus) }
        try process.run()
        guard let status = await exit.next(within: .seconds(30)) else {
            process.terminate()
            throw PatienceLost("end of gateway drain", ladder: "")
        }
        return status
    }
}
