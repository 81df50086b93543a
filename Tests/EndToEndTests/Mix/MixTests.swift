import Endpoint
import TestPeer
import Testing

/// Calls both ways with hold, resume, new media and cancellation at random, over a network that loses, repeats and reorders
/// datagrams: afterwards nothing is left of any, on either side. docs/benchmark.md tells how to run it for long.
@Suite(.serialized, .gatewayAlone(.mix)) struct MixSoakTests {
    @Test(
        "A random mix over a bad network: every call ends for both sides, every session once", .timeLimit(.minutes(60)))
    func mix() async throws {
        let (scene, options) = (try scene(), MixOptions.current)
        let network = try MixNetwork(scene, options)
        defer { network.endpoint.stop() }
        let inboxes = try MixInbox(users: options.users)
        defer { inboxes.stop() }
        let ledger = inboxes.ledger
        let memory = MixMemory()
        let watching = Task { await memory.watch(scene.gateway) }
        defer { watching.cancel() }

        let end = ContinuousClock.now + options.length
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<options.users {
                var user = MixUser(index, scene, options, network, inboxes)
                try await user.register(inboxes.url(of: index))
                group.addTask { [user] in
                    var user = user
                    try await user.live(until: end)
                    try await user.deregister()
                }
            }
            try await group.waitForAll()
        }
        watching.cancel()

        let (gateway, peer) = try await settled(scene, network, options)
        let thirds = memory.thirds(warmUp: Int((options.timerB + options.keepEnded) / .seconds(1)))
        let report = MixReport(
            options: options, ledger: ledger, relay: network.relay, gateway: gateway, peer: peer, memory: thirds)
        print(report.text)

        let faults = ledger.faults
        #expect(faults.count == 0, "\(faults.first.joined(separator: "\n"))")
        #expect(ledger.unfinished.isEmpty, "\(ledger.unfinished.prefix(10).joined(separator: "\n"))")
        for (name, count) in gateway where Self.zero.contains(name) { #expect(count == 0, "\(name) of the gateway") }
        #expect(peer.liveCalls == 0 && peer.dialogs == 0, "\(peer)")
        #expect(peer.clientTransactions == 0 && peer.serverTransactions == 0, "\(peer)")
        // What it proves, it has done.
        for what in ["PUT Hold", "PUT Resume", "PUT new offer", "PUT Connected", "DELETE"] {
            let outcomes = ledger.outcomes[what] ?? [:]
            #expect(outcomes.contains { $0.key.hasPrefix("20") && $0.value > 0 }, "\(what): \(outcomes)")
        }
        for way in [network.relay.toFirst, network.relay.toSecond] {
            #expect(way.lost > 0 && way.repeated > 0 && way.late > 0, "\(way)")
        }
        if thirds.count == 3, options.isLong {
            #expect(thirds[2] * 100 <= thirds[1] * Self.tolerance, "memory grows: \(thirds) KiB")
        }
    }

    /// What the gateway says of itself that is nothing once all calls are over.
    private static let zero: Set<String> = [
        "liveCalls", "inboundCalls", "dialogs", "clientTransactions", "serverTransactions", "endedKept", "timers",
        "registrations", "eventsPending", "storeUndelivered", "storeUnwritten",
    ]
    /// The last third's median of memory in percent of the middle one's.
    private static let tolerance = 105

    /// What both sides hold, once that is nothing; or what is left after all that could be waited for has run out.
    private func settled(
        _ scene: Scene, _ network: MixNetwork, _ options: MixOptions
    ) async throws -> ([String: Int], EndpointStatistics) {
        let deadline = ContinuousClock.now + options.patience + options.keepEnded
        while true {
            let gateway = try await scene.gateway.statistics()
            let peer = await network.endpoint.statistics
            let isEmpty =
                Self.zero.allSatisfy { gateway[$0] == 0 } && peer.liveCalls == 0 && peer.dialogs == 0
                && peer.clientTransactions == 0 && peer.serverTransactions == 0
            if isEmpty || ContinuousClock.now > deadline { return (gateway, peer) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
