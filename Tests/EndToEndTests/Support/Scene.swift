import Foundation
import TestPeer
import Testing

/// A running gateway with its surroundings: what a suite's tests share.
final class Scene: Sendable {
    /// The scene of the suite that runs.
    @TaskLocal static var current: Scene?

    let gateway: GatewayProcess
    /// The peer behind the first trunk of every route.
    let peer: SIPPeer
    /// The peer behind the second trunk, where a route has two.
    let second: SIPPeer
    /// Tokens, where the gateway wants them.
    let issuer: TokenIssuer
    let http: HTTPClient
    /// Where the SIP program of a test is to listen; the port after it is free too.
    let sippPort: UInt16

    /// Making keys takes a while; one issuer serves all.
    private static let sharedIssuer = Result { try TokenIssuer() }

    init(_ plan: ScenePlan) async throws {
        Turnstile.mustBeInside()
        peer = try SIPPeer()
        second = try SIPPeer()
        issuer = try Scene.sharedIssuer.get()
        sippPort = try FreePort.pair()
        var configuration = try GatewayConfiguration()
        try plan.prepare(&configuration, Places(self.peer, self.second, self.issuer, sippPort))
        gateway = try await GatewayProcess.start(
            configuration, launcher: plan.launcher, environment: plan.environment)
        http = HTTPClient(port: configuration.clientPort ?? configuration.httpPort)
    }

    /// The same surroundings with the gateway started again, once it is gone.
    func restarted() async throws -> Scene {
        let again = try await GatewayProcess.start(
            gateway.configuration, launcher: gateway.launcher, environment: gateway.environment)
        return Scene(self, again)
    }

    private init(_ scene: Scene, _ gateway: GatewayProcess) {
        self.gateway = gateway
        peer = scene.peer
        second = scene.second
        issuer = scene.issuer
        sippPort = scene.sippPort
        http = HTTPClient(port: gateway.configuration.clientPort ?? gateway.configuration.httpPort)
    }

    /// What a configuration refers to.
    struct Places {
        let peer: SIPPeer
        let second: SIPPeer
        let issuer: TokenIssuer
        let sippPort: UInt16

        init(_ peer: SIPPeer, _ second: SIPPeer, _ issuer: TokenIssuer, _ sippPort: UInt16) {
            (self.peer, self.second, self.issuer, self.sippPort) = (peer, second, issuer, sippPort)
        }
    }

    /// A call to a number nobody else dials, expected at both peers.
    func attempt(_ prefix: String = "+1") -> Attempt {
        let number = Numbers.next(prefix)
        return Attempt(scene: self, number: number, call: peer.expect(number), secondCall: second.expect(number))
    }
}

/// How a suite's gateway is configured and started.
struct ScenePlan: Sendable {
    /// Fills in the configuration.
    let prepare: @Sendable (inout GatewayConfiguration, Scene.Places) throws -> Void
    /// A command to start the gateway with.
    var launcher: [String] = []
    /// Variables for the gateway beside the tests' own.
    var environment: [String: String] = [:]
}

/// Starts a gateway before the suite's tests and ends it after them; it must then exit with 0.
struct GatewayTrait: SuiteTrait, TestScoping {
    let plan: ScenePlan
    let isAlone: Bool

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Turnstile.shared.run(alone: isAlone) {
            let scene = try await Scene(plan)
            var failure: (any Error)?
            do {
                try await Scene.$current.withValue(scene) { try await function() }
            } catch {
                failure = error
            }
            scene.http.closeIdle()
            let code = try await scene.gateway.stop()
            #expect(code == 0, "the gateway's exit code after SIGTERM; its log ends:\n\(scene.gateway.logTail)")
            if let failure { throw failure }
        }
    }
}

extension Trait where Self == GatewayTrait {
    /// One gateway for all tests of the suite.
    static func gateway(_ plan: ScenePlan) -> GatewayTrait { GatewayTrait(plan: plan, isAlone: false) }

    /// One gateway for all tests of the suite, which run while no other suite does.
    static func gatewayAlone(_ plan: ScenePlan) -> GatewayTrait { GatewayTrait(plan: plan, isAlone: true) }
}

/// The scene of the suite a test is in.
func scene() throws -> Scene {
    try #require(Scene.current, "the suite has no .gateway trait")
}
