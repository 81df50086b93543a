import TestPeer
import Testing

/// Calls of a SIP implementation that is not ours: sipp as the caller. It ends with 0 only if every message was the one
/// it expected.
@Suite(.serialized, .gateway(.inbound)) struct SippCallerTests {
    /// A device that sipp calls.
    private func called(_ scenario: String, _ body: (IncomingSession) async throws -> Void) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let scene = callee.scene
        guard
            let sipp = try Sipp.place(
                scenario, from: scene.sippPort, to: scene.gateway.sip, number: callee.device.number)
        else { return }
        let event = try await callee.inbox.kind("session-invitation")
        let id = try #require(event.string("data.mediaSessionId"))
        try await body(IncomingSession(callee: callee, id: id))
        #expect(await sipp.exitCode() == 0, "\(sipp.errors)")
    }

    /// The session of a call that no ``PeerCaller`` belongs to.
    private struct IncomingSession {
        let callee: Callee
        let id: String
        var path: String { "\(callee.release.sessions)/\(id)" }

        func put(_ status: String, _ more: [String: JSONValue] = [:]) async throws {
            var change: JSONValue = ["status": .string(status)]
            for (name, value) in more { change[name] = value }
            let response = try await callee.device.send("PUT", path + "/status", json: change)
            #expect(response.outcome == "200 \(status)", "\(response.text)")
        }

        func told(_ statuses: String...) async throws {
            for status in statuses { _ = try await callee.inbox.status(status) }
        }
    }

    @Test func answered() async throws {
        try await called("place-answered") { session in
            try await session.put("Ringing")
            try await session.put("Connected", ["answer": IncomingCall.answer])
            try await session.told("Ringing", "Connected", "Terminated")
        }
    }

    @Test func endedByTheApplication() async throws {
        try await called("place-ended") { session in
            try await session.put("Ringing")
            try await session.put("Connected", ["answer": IncomingCall.answer])
            try await session.told("Ringing", "Connected")
            #expect(try await session.callee.device.send("DELETE", session.path).status == 204)
            try await session.told("Terminated")
        }
    }

    @Test func refused() async throws {
        try await called("place-refused") { session in
            try await session.put("Busy")
            try await session.told("Busy")
        }
    }

    @Test func cancelled() async throws {
        try await called("place-cancelled") { session in
            try await session.put("Ringing")
            try await session.told("Ringing", "SessionCancelled")
        }
    }
}
