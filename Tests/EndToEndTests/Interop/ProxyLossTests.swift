import TestPeer
import Testing

/// Kamailio dies in the middle of a call, and nothing takes its place.
@Suite(.serialized, .gateway(.proxiedHurried)) struct ProxyLossTests {
    /// A call that is up, and whose proxy is gone.
    private func lose(_ body: (Attempt, String) async throws -> Void) async throws {
        try await withProxy { proxy in
            let attempt = try scene().attempt()
            let (_, id) = try await attempt.connect()
            try await proxy.stop()
            attempt.call.wire.note("the proxy is gone")
            try await body(attempt, id)
            let counts = try await scene().gateway.statistics()
            #expect(counts["liveCalls"] == 0 && counts["dialogs"] == 0, "\(counts); \(attempt.ladder)")
        }
    }

    @Test("The BYE is answered by nobody: Terminated all the same")
    func bye() async throws {
        try await lose { attempt, id in
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            let session = try await attempt.reaches("Terminated", id)
            #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
        }
    }

    @Test("A change that reaches nobody ends the call: 409, and Terminated with a reason")
    func hold() async throws {
        try await lose { attempt, id in
            #expect(try await attempt.put(id, ["status": "Hold"]).status == 409, attempt.ladder)
            let session = try await attempt.reaches("Terminated", id)
            #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
        }
    }

    @Test("A new call fails: there is no other trunk")
    func newCall() async throws {
        try await lose { attempt, id in
            let next = try scene().attempt()
            let response = try await next.post()
            #expect(response.status == 503 || response.status == 504, "\(response.outcome); \(next.ladder)")
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.reaches("Terminated", id)
        }
    }
}
