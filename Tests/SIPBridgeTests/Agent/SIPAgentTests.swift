import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// The little that needs real sockets: binding, starting, stopping, and who is answered at all.
@Suite("The SIP side's life")
struct SIPAgentTests {
    private static let loopback = [IPNetwork("127.0.0.0/8")].compactMap(\.self)

    private func options(
        _ listen: [SIPAddress] = [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)],
        inbound: [IPNetwork] = loopback, unknownSource: SIPOptions.UnknownSource = .reject, peerPort: UInt16 = 5060
    ) -> SIPOptions {
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peerPort),
            domain: "ims.example", inbound: inbound)
        return SIPOptions(
            listen: listen, domain: "gw.example", unknownSource: unknownSource, trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]))
    }

    @Test func portZeroIsBoundAndTold() async throws {
        let agent = SIPAgent(
            options: options([
                SIPAddress(transport: .udp, host: "127.0.0.1", port: 0),
                SIPAddress(transport: .tcp, host: "127.0.0.1", port: 0),
            ]))
        let bound = try agent.start()
        #expect(bound.map(\.transport) == [.udp, .tcp])
        #expect(bound.allSatisfy { $0.host == "127.0.0.1" && $0.port != 0 })
        await agent.stop(deadline: .zero)
    }

    @Test func anAddressInUseIsNamed() async throws {
        try await withAgent(options()) { _, address in
            let taken = SIPAddress(transport: .udp, host: "127.0.0.1", port: address.port)
            let second = SIPAgent(options: options([taken]))
            let error = #expect(throws: SIPStartError.self) { try second.start() }
            #expect(
                error?.description
                    == "SIP: cannot listen on udp:127.0.0.1:\(address.port): Address already in use; change sip.listen "
                    + "or free the address")
        }
    }

    @Test func anAddressThatIsNotOursIsNamed() {
        let agent = SIPAgent(options: options([SIPAddress(transport: .udp, host: "192.0.2.1", port: 5060)]))
        let error = #expect(throws: SIPStartError.self) { try agent.start() }
        #expect(error?.description.contains("udp:192.0.2.1:5060") == true)
    }

    @Test func aStoppedAgentLeavesItsAddress() async throws {
        let address = [SIPAddress(transport: .udp, host: "127.0.0.1", port: try FreePort.next())]
        for _ in 0..<3 {
            let agent = try await started(options(address))
            let statistics = await agent.statistics()
            #expect(statistics.liveCalls == 0)
            #expect(statistics.timers == 0)
            #expect(statistics.clientTransactions == 0)
            await agent.stop(deadline: .zero)
        }
    }

    /// An agent that has the address as soon as the one before has left it: its thread closes the socket on its way out,
    /// a moment after `stop` returns.
    private func started(_ options: SIPOptions) async throws -> SIPAgent {
        let deadline = ContinuousClock.now + Patience.standard
        while true {
            let agent = SIPAgent(options: options)
            do {
                _ = try agent.start()
                return agent
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                await Task.yield()
            }
        }
    }

    @Test func aTrunkIsAnswered() async throws {
        let peer = try SIPPeer()
        try await withAgent(options()) { _, address in
            for (method, expected) in [(SIPMethod.options, 200), (.bye, 481), (.invite, 404)] {
                let response = try await peer.request(method, to: address).final()
                #expect(response.status == expected)
            }
        }
    }

    @Test func aStrangerIsRefused() async throws {
        let peer = try SIPPeer()
        try await withAgent(options(inbound: [])) { _, address in
            let response = try await peer.request(.options, to: address).final()
            #expect(response.status == 403)
        }
    }

    @Test func aStrangerIsNotAnsweredWhereItIsToBeDropped() async throws {
        let peer = try SIPPeer()
        try await withAgent(options(inbound: [], unknownSource: .drop)) { agent, address in
            let transaction = peer.request(.options, to: address)
            // Answers are sent while a message is handled: once it counts as received, none will come.
            let deadline = ContinuousClock.now + Patience.standard
            while await agent.statistics().receivedMessages == 0, ContinuousClock.now < deadline { await Task.yield() }
            let statistics = await agent.statistics()
            #expect(statistics.receivedMessages >= 1)
            #expect(statistics.sentMessages == 0)
            #expect(statistics.serverTransactions == 0)
            #expect(!transaction.hasResponse)
        }
    }

    // MARK: - Calls that are refused before any INVITE

    private func create(_ agent: SIPAgent, _ request: CallRequest) async -> Result<Session, CAMARAError> {
        await withCheckedContinuation { continuation in
            agent.create(request) { continuation.resume(returning: $0) }
        }
    }

    private func refusal(_ agent: SIPAgent, _ request: CallRequest) async -> CAMARAError? {
        guard case .failure(let error) = await create(agent, request) else { return nil }
        return error
    }

    @Test func withoutARouteTheReceiverIsUnknown() async throws {
        try await withAgent(options()) { agent, _ in
            let request = try CallRequest.sample(receiver: .uri(user: "bob", host: "example.com"))
            #expect(await refusal(agent, request)?.code == .identifierNotFound)
            #expect(agent.session(request.id) == nil)
        }
    }

    @Test func aDrainingAgentTakesNoCall() async throws {
        try await withAgent(options()) { agent, _ in
            await agent.refuseNewCalls()
            let request = try CallRequest.sample()
            let error = await refusal(agent, request)
            #expect(error?.code == .unavailable)
            #expect(error?.retryAfter != nil)
        }
    }

    @Test func liveCallsAreBounded() async throws {
        var options = options()
        options.maximumLiveCalls = 0
        try await withAgent(options) { agent, _ in
            let request = try CallRequest.sample()
            #expect(await refusal(agent, request)?.code == .unavailable)
        }
    }

    /// By it the gateway tells how much begins.
    @Test func everyCallTakesTheNextNumber() async throws {
        let silent = try UDPSocket()
        try await withAgent(options(peerPort: silent.address.port)) { agent, _ in
            let before = await agent.answer()
            let requests = try (0..<3).map { try CallRequest.sample(id: "call-\($0)") }
            await withTaskGroup { group in
                for request in requests { group.addTask { _ = await create(agent, request) } }
                let deadline = ContinuousClock.now + Patience.standard
                while await agent.statistics().liveCalls < requests.count, ContinuousClock.now < deadline {
                    await Task.yield()
                }
                #expect(await agent.answer() - before == 3)
                await agent.stop(deadline: .zero)
            }
        }
    }

    @Test func whatIsNotThereCannotBeChanged() async throws {
        try await withAgent(options()) { agent, _ in
            let nobody = SessionID(rawValue: "nobody")
            let result = await withCheckedContinuation { continuation in
                agent.update(nobody, with: SessionChange(status: .terminated)) { continuation.resume(returning: $0) }
            }
            #expect(result == .failure(.sessionNotFound))
            agent.end(nobody)
            agent.abandon(nobody)
            #expect(await agent.statistics().liveCalls == 0)
        }
    }

    /// Sofia rounds the time until its next timer down to milliseconds: on a finer clock it would poll without a pause
    /// during the last one, thousands of times before each retransmission.
    @Test func theLoopRestsUntilATimerIsDue() async throws {
        let silent = try UDPSocket()
        let arrivals = Mailbox<Int>()
        silent.start { datagram, _ in arrivals.put(datagram.count) }
        var options = options(peerPort: silent.address.port)
        options.t1 = .milliseconds(10)
        // Nothing but retransmissions happens, however late a busy machine gets to them.
        options.timerB = .seconds(120)
        options.policy.timeout = .seconds(600)
        try await withAgent(options) { agent, _ in
            let before = await agent.statistics()
            let request = try CallRequest.sample()
            async let answer = create(agent, request)
            for _ in 0..<6 { try #require(await arrivals.next() != nil) }
            let after = await agent.statistics()
            #expect(after.retransmittedRequests - before.retransmittedRequests >= 5)
            #expect(after.turns - before.turns < 100)
            await agent.stop(deadline: .zero)
            _ = await answer
        }
        withExtendedLifetime(silent) {}
    }

    /// Who asks too late gets an answer all the same, from many threads at once too.
    @Test func aStoppedAgentAnswers() async throws {
        let agent = SIPAgent(options: options())
        _ = try agent.start()
        await agent.stop(deadline: .zero)
        let request = try CallRequest.sample()
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask { #expect(await refusal(agent, request)?.code == .unavailable) }
                group.addTask { #expect(await agent.statistics().liveCalls == 0) }
            }
        }
        await agent.stop(deadline: .zero)
    }

    /// Stopping ends the call that waits and answers its POST; nothing stays behind.
    @Test func stoppingAnswersThePostThatWaits() async throws {
        let peer = try SIPPeer()
        var options = options(peerPort: peer.port)
        // Only stopping may answer it, however late a busy machine gets there.
        options.policy.timeout = .seconds(600)
        let agent = SIPAgent(options: options)
        _ = try agent.start()
        let request = try CallRequest.sample()
        async let answer = create(agent, request)
        let call = peer.expect("+17085854000")
        let invite = try await call.invite()
        invite.respond(100)
        await agent.stop(deadline: .zero)
        guard case .failure(let error) = await answer else {
            Issue.record("the POST was answered 201")
            return
        }
        #expect(error.status == 503)
        #expect(agent.session(request.id) == nil)
    }
}
