import TestPeer
import Testing

/// Starts Kamailio where the scene's trunks lead to.
func startProxy() async throws -> Kamailio {
    let scene = try scene()
    let plan = Kamailio.Plan(
        gateway: scene.gateway.sip, peer: scene.peer.address, second: scene.second.address)
    return try await Kamailio.start(port: scene.sippPort, plan)
}

/// Runs `body` with Kamailio where the scene's trunks lead to; its log is shown if `body` fails.
func withProxy(_ body: (Kamailio) async throws -> Void) async throws {
    let proxy = try await startProxy()
    do {
        try await body(proxy)
    } catch {
        Issue.record("Kamailio's log ends:\n\(proxy.logTail)")
        try? await proxy.stop()
        throw error
    }
    try await proxy.stop()
}

extension PeerRequest {
    /// Whether the gateway sent it by way of the proxy, which adds a Via of its own.
    func came(through proxy: Kamailio) -> Bool {
        guard case .udp(proxy.address) = origin else { return false }
        return message.all("Via").count == 2
    }
}
