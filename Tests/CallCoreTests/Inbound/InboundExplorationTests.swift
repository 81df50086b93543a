import CallCore
import Foundation
import Testing

/// Every order of what network, devices and clock may do to an inbound call, to a depth that covers their crossings. On each
/// step the rules of ``InboundWorld`` hold, and from each state every ``WayOut`` leads to the end. For `GATEWAY_EXPLORE` see
/// ``ExplorationTests``.
@Suite("Everything that can happen to an inbound call")
struct InboundExplorationTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var devices = 1
        var hasOffer = true
        var reliability = InboundInvite.Reliability.unsupported
        var timer: Negotiation.SessionTimer?
        var alphabet: InboundAlphabet
        /// What has happened before the walk begins.
        var before: [InboundCall.Event] = [.start]
        var depth: Int
        /// States that the ordinary walk may see.
        var atMost = 1_500
        /// States that have to be seen: a narrower walk than meant is a failure.
        var atLeast: Int

        var testDescription: String { name }

        var offer: SessionDescription? { hasOffer ? .offer : nil }

        var call: InboundCall {
            InboundCall(
                invite: InboundInvite(offer: offer, reliability: reliability, timer: timer),
                sessions: (0..<devices).map { .invited($0, offer: offer) }, policy: InboundPolicy())
        }

        func world<Machine: InboundMachine>(_ call: Machine) throws -> InboundWorld<Machine> {
            var world = InboundWorld(call, alphabet, offer: offer, reliability: reliability)
            for event in before { _ = try world.take(event) }
            return world
        }
    }

    private static let isDeep = ProcessInfo.processInfo.environment["GATEWAY_EXPLORE"] == "deep"

    /// A call that its only device has answered, and whose caller has acknowledged it.
    private static let answered: [InboundCall.Event] = [
        .start, .change(device: 0, SessionChange(status: .connected, answer: .made("device0"))), .ack(nil),
    ]

    private static let before: [Scenario] = InboundInvite.Reliability.allCases.flatMap { reliability in
        [true, false].flatMap { hasOffer in
            [1, 2].map { devices in
                Scenario(
                    name:
                        "\(devices) device\(devices > 1 ? "s" : ""), \(hasOffer ? "offer" : "no offer"), \(reliability)",
                    devices: devices, hasOffer: hasOffer, reliability: reliability, alphabet: .answering, depth: 6,
                    atMost: 500, atLeast: 100)
            }
        }
    }

    private static let after: [Scenario] = [
        Scenario(name: "mid-call", alphabet: .midCall, before: answered, depth: 6, atLeast: 1_500),
        Scenario(
            name: "mid-call around the answer", alphabet: .midCall, depth: 6, atLeast: 1_500),
        Scenario(
            name: "mid-call around the answer to our offer", hasOffer: false, alphabet: .midCall, depth: 7,
            atLeast: 1_000),
        Scenario(
            name: "session timers", timer: .init(interval: 1800, isOurs: true, usesUpdate: false),
            alphabet: [.midCall, .sessionTimers], before: answered, depth: 5, atLeast: 1_500),
        Scenario(
            name: "broken BYEs", timer: .init(interval: 1800, isOurs: false, usesUpdate: true),
            alphabet: [.brokenByes, .sessionTimers], depth: 8, atLeast: 200),
    ]

    @Test(arguments: before + after)
    func holds(_ scenario: Scenario) throws {
        let limit = InboundExplorationTests.isDeep ? 100_000 : scenario.atMost
        var explorer = Explorer(try scenario.world(scenario.call), maximumStates: limit)
        explorer.run(depth: scenario.depth + (InboundExplorationTests.isDeep ? 2 : 0))
        print("Explored inbound \(scenario.name): \(explorer.summary)")
        for failure in explorer.failures { Issue.record("\(failure)") }
        #expect(explorer.states >= scenario.atLeast)
    }

    struct Planted: Sendable, CustomTestStringConvertible {
        var fault: FaultyInboundCall.Fault
        var devices = 1
        var alphabet: InboundAlphabet = []
        var timer: Negotiation.SessionTimer?
        /// Words of the rule that has to catch it.
        var rule: String
        /// Steps of the shortest way to it.
        var steps: Int

        var testDescription: String { fault.rawValue }
    }

    @Test(
        "A planted fault is found, by its rule and on the shortest way",
        arguments: [
            Planted(fault: .answersTwice, rule: "two final responses", steps: 2),
            Planted(fault: .hangsUpBeforeTheACK, rule: "BYE before the ACK", steps: 3),
            Planted(fault: .forgetsRingTimer, rule: "nothing ends the call", steps: 1),
            Planted(fault: .forgetsAReply, alphabet: .midCall, rule: "nothing ends a PUT's wait", steps: 4),
            Planted(fault: .answersAWaitingPutTwice, alphabet: .midCall, rule: "a PUT was answered twice", steps: 4),
            Planted(fault: .forgetsToTellTheOthers, devices: 2, rule: "nobody was told", steps: 2),
            Planted(fault: .forgetsItsBye, rule: "no BYE is out or will be", steps: 3),
            Planted(fault: .acceptsBeforeTheAnswer, alphabet: .midCall, rule: "taken before the answer", steps: 2),
            Planted(fault: .staysAfterTheEnd, rule: "no end is reached", steps: 2),
            Planted(
                fault: .forgetsTheSessionTimer, timer: .init(interval: 1800, isOurs: false, usesUpdate: true),
                rule: "nothing bounds the session's interval", steps: 2),
        ])
    func finds(_ planted: Planted) throws {
        let scenario = Scenario(
            name: "", devices: planted.devices, timer: planted.timer, alphabet: planted.alphabet, before: [], depth: 0,
            atLeast: 0)
        let world = try scenario.world(FaultyInboundCall(scenario.call, fault: planted.fault))
        var explorer = Explorer(world, maximumStates: 10_000, maximumFailures: 1)
        explorer.run(depth: 8)
        let failure = try #require(explorer.failures.first)
        print("Planted inbound \(planted.fault): \(failure)")
        #expect(failure.rule.contains(planted.rule))
        #expect(failure.trace.count == planted.steps)
    }
}
