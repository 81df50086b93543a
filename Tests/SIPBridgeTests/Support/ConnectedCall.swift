import CallCore
import Synchronization
import TestPeer
import Testing

@testable import SIPBridge

/// An answered call between an agent and a peer on real sockets, whose clock can be moved on.
struct ConnectedCall: Sendable {
    /// What would be written to disk.
    final class Kept: StoredCalls, Sendable {
        let rows = Mutex<[SessionID: StoredCall]>([:])

        func keep(_ call: StoredCall) { rows.withLock { $0[call.session.id] = call } }
        func removeCall(_ id: SessionID) { rows.withLock { $0[id] = nil } }
        func takeLeftCalls() -> [StoredCall] { [] }
        func call(_ id: SessionID) -> StoredCall? { rows.withLock { $0[id] } }
    }

    final class Clock: Sendable {
        private let ahead = Atomic<UInt64>(0)

        var now: UInt64 { MonotonicClock.now() &+ ahead.load(ordering: .relaxed) }
        func move(on duration: Duration) { ahead.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
    }

    let agent: SIPAgent
    let peer: SIPPeer
    let gateway: SocketAddress
    let number: PeerCall
    let id: SessionID
    let kept: Kept
    let clock: Clock

    /// Has a call answered, `body` use it, and stops the agent whatever happens.
    /// - Parameter headers: of the 200, in place of the usual ones.
    static func with(
        headers: [WireMessage.Header] = [], _ body: (ConnectedCall) async throws -> Void
    ) async throws {
        let peer = try SIPPeer()
        let (kept, clock) = (Kept(), Clock())
        let loopback = [IPNetwork("127.0.0.0/8")].compactMap(\.self)
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port), domain: "ims.example",
            inbound: loopback)
        var options = SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]),
            // On a busy machine the peer's side may take longer than a POST waits.
            policy: CallPolicy(timeout: .seconds(300)), clock: { clock.now })
        options.calls = kept
        let agent = SIPAgent(options: options)
        let gateway = SocketAddress(port: try agent.start().first?.port ?? 0)
        do {
            let number = peer.expect("+17085854000")
            let request = try CallRequest.sample()
            let replies = Mailbox<Bool>()
            agent.create(request) { replies.put((try? $0.get()) != nil) }
            let invite = try await number.invite()
            invite.respond(200, sdp: SDP.answer(), headers: headers)
            _ = try await number.request(.ack)
            #expect(await replies.next() == true)
            try await body(
                ConnectedCall(
                    agent: agent, peer: peer, gateway: gateway, number: number, id: request.id, kept: kept, clock: clock
                ))
        } catch {
            await agent.stop(deadline: .zero)
            throw error
        }
        await agent.stop(deadline: .zero)
    }

    /// Has the API end the call and the peer answer the BYE.
    func end() async throws -> WireMessage {
        agent.end(id)
        return try await number.acceptBye()
    }

    /// Waits until what is kept of the call fits.
    func keeps(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ fits: (StoredCall?) -> Bool
    ) async {
        let deadline = ContinuousClock.now + Patience.standard
        while !fits(kept.call(id)), ContinuousClock.now < deadline { await Task.yield() }
        #expect(fits(kept.call(id)), "\(what)", sourceLocation: sourceLocation)
    }
}
