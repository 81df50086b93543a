import TestPeer

@testable import SIPBridge

/// Starts an agent, has `body` use it, and stops it whatever happens.
func withAgent(
    _ options: SIPOptions, _ body: (SIPAgent, SocketAddress) async throws -> Void
) async throws {
    let agent = SIPAgent(options: options)
    let bound = try agent.start()
    do {
        try await body(agent, SocketAddress(port: bound.first?.port ?? 0))
    } catch {
        await agent.stop(deadline: .zero)
        throw error
    }
    await agent.stop(deadline: .zero)
}
