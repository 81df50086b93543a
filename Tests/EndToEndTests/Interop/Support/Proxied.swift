import TestPeer
import Testing

/// Starts Kamailio where the scene's trunks lead to.
func startProxy(
    account: Kamailio.Plan.Account? = nil, secure: Kamailio.Plan.Secure? = nil
) async throws -> Kamailio {
    let scene = try scene()
    var plan = Kamailio.Plan(
        gateway: scene.gateway.sip, peer: scene.peer.address, second: scene.second.address,
        account: account)
    plan.secure = secure
    return try await Kamailio.start(port: scene.sippPort, plan)
}

/// Runs `body` with Kamailio where the scene's trunks lead to; its log is shown if `body` fails.
func withProxy(
    account: Kamailio.Plan.Account? = nil, secure: Kamailio.Plan.Secure? = nil,
    _ body: (Kamailio) async throws -> Void
) async throws {
    let proxy = try await startProxy(account: account, secure: secure)
    do {
        try await body(proxy)
    } catch {
        Issue.record("Kamailio's log ends:\n\(proxy.logTail)")
        try? await proxy.stop()
        throw error
    }
    try await proxy.stop()
}

extension Kamailio.Plan.Account {
    /// The account of the trunks of ``ScenePlan/proxiedAccount``.
    static func gateway(_ algorithm: String) -> Kamailio.Plan.Account {
        .init(username: "gw", password: "hunter2", realm: "kamailio.example", algorithm: algorithm)
    }
}

extension PeerRequest {
    /// Whether the gateway sent it by way of the proxy, which adds a Via of its own.
    func came(through proxy: Kamailio) -> Bool {
        guard case .udp(proxy.address) = origin else { return false }
        return message.all("Via").count == 2
    }
}
