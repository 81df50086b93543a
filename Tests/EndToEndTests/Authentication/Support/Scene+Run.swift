import TestPeer
import Testing

extension Scene {
    /// Runs `body` with a gateway of its own, and ends it; then it must exit with 0.
    static func run(_ plan: ScenePlan, _ body: (Scene) async throws -> Void) async throws {
        let scene = try await Scene(plan)
        var failure: (any Error)?
        do { try await body(scene) } catch { failure = error }
        scene.http.closeIdle()
        let code = try await scene.gateway.stop()
        #expect(code == 0, "the gateway's exit code after SIGTERM; its log ends:\n\(scene.gateway.logTail)")
        if let failure { throw failure }
    }
}

extension ScenePlan {
    /// The gateway asks `provider` about tokens.
    static func introspection(_ provider: TokenProvider) -> ScenePlan {
        let (url, authority) = (provider.url("/introspect"), EventInbox.authority)
        return ScenePlan { configuration, places in
            try standard.prepare(&configuration, places)
            configuration.auth = [
                "mode: introspection", "caFile: \"\(try authority.get().ca)\"",
                "introspection: {url: \"\(url)\", clientId: \"gate:way\", clientSecret: \"s e/c+r:et\"}",
            ]
        }
    }

    /// The gateway fetches the scene issuer's keys from `url`.
    static func remoteKeys(_ url: String) -> ScenePlan {
        ScenePlan { configuration, places in
            try standard.prepare(&configuration, places)
            configuration.auth = [
                "mode: jwt", "issuer: \(places.issuer.name)", "audience: \(places.issuer.audience)",
                "jwks: \"\(url)\"", "caFile: \"\(try EventInbox.authority.get().ca)\"",
            ]
        }
    }
}

/// The header that carries `token`.
func bearer(_ token: String) -> [WireMessage.Header] { [.init("Authorization", "Bearer \(token)")] }

/// The scopes of call handling.
let callScopes = ["create", "read", "write", "delete"].map { "webrtc-call-handling:sessions:\($0)" }
