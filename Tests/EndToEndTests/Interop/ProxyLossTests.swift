import TestPeer
import Testing

/// Kamailio hangs or dies in the middle of a call. The timers are short in this suite's gateway.
@Suite(.serialized, .gateway(.proxiedHurried)) struct ProxyLossTests {
    /// How the proxy is lost.
    enum Loss: CaseIterable {
        /// Its socket stays: requests get no answer.
        case hangs
        /// Its socket is gone: the kernel tells so.
        case dies
    }

    /// Runs `body` with a call that is up, and whose proxy is lost. Nothing of it may be left.
    private func lose(_ loss: Loss, _ body: (Attempt, String) async throws -> Void) async throws {
        try await withProxy { proxy in
            let attempt = try scene().attempt()
            let (_, id) = try await attempt.connect()
            switch loss {
            case .hangs: proxy.freeze()
            case .dies: try await proxy.stop()
            }
            attempt.call.wire.note("the proxy \(loss)")
            try await body(attempt, id)
            let counts = try await scene().gateway.statistics()
            #expect(counts["liveCalls"] == 0 && counts["dialogs"] == 0, "\(counts); \(attempt.ladder)")
        }
    }

    @Test("The BYE reaches nobody: Terminated all the same", arguments: Loss.allCases)
    func bye(loss: Loss) async throws {
        try await lose(loss) { attempt, id in
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            let session = try await attempt.reaches("Terminated", id)
            #expect(session["reason"]?.string == "ended by the application", attempt.ladder)
        }
    }

    /// RFC 3261 §12.2.1.2, §14.1.
    @Test("A change that nobody answers ends the call: 409, then Terminated for session timeout")
    func holdUnanswered() async throws {
        try await lose(.hangs) { attempt, id in
            #expect(try await attempt.put(id, ["status": "Hold"]).status == 409, attempt.ladder)
            let session = try await attempt.reaches("Terminated", id)
            #expect(session["reason"]?.string == "session timeout", attempt.ladder)
        }
    }

    @Test("A change that cannot be sent is 409; once the proxy is back the call goes on")
    func proxyComesBack() async throws {
        try await lose(.dies) { attempt, id in
            #expect(try await attempt.put(id, ["status": "Hold"]).status == 409, attempt.ladder)
            #expect(try await attempt.read(id).outcome == "200 Connected", attempt.ladder)

            let proxy = try await startProxy()
            do {
                async let held = attempt.put(id, ["status": "Hold"])
                let request = try await attempt.call.request(.invite) { $0.toTag != nil }
                request.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
                #expect(try await held.outcome == "200 Hold", attempt.ladder)
                #expect(try await attempt.call.request(.ack).came(through: proxy), attempt.ladder)
                #expect(try await attempt.delete(id).status == 204, attempt.ladder)
                try await attempt.call.acceptBye()
                try await attempt.reaches("Terminated", id)
            } catch {
                try? await proxy.stop()
                throw error
            }
            try await proxy.stop()
        }
    }

    @Test("A new call fails where there is no other trunk", arguments: Loss.allCases)
    func newCall(loss: Loss) async throws {
        try await lose(loss) { attempt, id in
            let next = try scene().attempt()
            let response = try await next.post()
            #expect(response.status == 503 || response.status == 504, "\(response.outcome); \(next.ladder)")
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.reaches("Terminated", id)
        }
    }
}
