import CallCore
import TestPeer
import Testing

@testable import SIPBridge

extension SIPAgent {
    /// The first trunk's only peer, a name, leads to these from now on, tried in this order.
    fileprivate func lead(to addresses: [SIPAddress]) {
        _ = peers.trunks[0].resolve(
            0, to: addresses.enumerated().map { (address: $0.element, priority: $0.offset, weight: 1) })
        sendHeld(of: 0)
    }

    /// Whether the number's REGISTER waits for an address; nil where there is no binding.
    fileprivate func isHeld(_ number: PhoneNumber) -> Bool? { bindings.ofNumbers[number]?.isHeld }
}

/// REGISTERs where peers are names, which lead nowhere at first, or somewhere else next.
@Suite("Registering by names")
struct RegisteringTests {
    private let clock = ConnectedCall.Clock()
    private let number: PhoneNumber

    init() throws { number = try #require(PhoneNumber("+491600000001")) }

    private func options(_ mode: TrunkRegistration.Mode) -> SIPOptions {
        let trunk = Trunk(
            name: "test", peers: [TrunkPeer(host: "core.invalid")], domain: "ims.example",
            registration: TrunkRegistration(mode: mode, user: "gw"))
        return SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]), clock: { [clock] in clock.now })
    }

    private func address(_ peer: SIPPeer) -> SIPAddress {
        SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port)
    }

    private func register(_ user: String, at peer: SIPPeer) async throws {
        let request = await peer.strays.next(within: Patience.standard) { $0.message.method == "REGISTER" }
        #expect(request?.message["To"] == "<sip:\(user)@ims.example>")
        request?.respond(200, headers: [.init("Expires", "3600")])
    }

    /// Waits until the number's REGISTER is held, or is not, or there is none.
    private func becomes(_ isHeld: Bool?, _ agent: SIPAgent) async {
        let deadline = ContinuousClock.now + Patience.standard
        while await agent.isHeld(number) != isHeld, ContinuousClock.now < deadline { await Task.yield() }
        #expect(await agent.isHeld(number) == isHeld)
    }

    @Test func whatIsTriedAgainWaitsForAnAddressToo() async throws {
        let peer = try SIPPeer()
        try await withAgent(options(.account)) { agent, _ in
            agent.resume([(number: number, time: .seconds(3_600))])
            await becomes(true, agent)
            clock.move(on: .seconds(9))
            await becomes(false, agent)
            clock.move(on: .seconds(31))
            await becomes(true, agent)
            await agent.lead(to: [address(peer)])
            try await register(number.text, at: peer)
        }
    }

    @Test func whatHasWaitedInVainGoesOutOnceThereIsAnAddress() async throws {
        let peer = try SIPPeer()
        try await withAgent(options(.account)) { agent, _ in
            agent.resume([(number: number, time: .seconds(3_600))])
            await becomes(true, agent)
            clock.move(on: .seconds(9))
            await becomes(false, agent)
            await agent.lead(to: [address(peer)])
            try await register(number.text, at: peer)
        }
    }

    /// RFC 3263 §4.3.
    @Test func anAddressThatFailsAtOnceIsNotTheLast() async throws {
        let (first, last) = (try SIPPeer(), try SIPPeer())
        try await withAgent(options(.trunk)) { agent, _ in
            let nowhere = SIPAddress(transport: .udp, host: "", port: 5060)
            await agent.lead(to: [address(first), nowhere, address(last)])
            let request = await first.strays.next(within: Patience.standard) { $0.message.method == "REGISTER" }
            request?.respond(503)
            try await register("gw", at: last)
        }
    }

    @Test func whatCannotBeTakenBackIsForgotten() async throws {
        try await withAgent(options(.account)) { agent, _ in
            agent.resume([(number: number, time: .seconds(3_600))])
            await becomes(true, agent)
            agent.release(number)
            await becomes(nil, agent)
        }
    }
}
