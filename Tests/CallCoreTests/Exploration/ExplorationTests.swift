import CallCore
import Foundation
import Testing

/// Every order in which a few kinds of event can happen, to a depth that covers their crossings. On each step the rules
/// of ``World`` hold, and from each state every ``WayOut`` leads to the end.
///
/// With `GATEWAY_EXPLORE=deep` in the environment the walks are two steps longer and may see ten times as many states;
/// that takes minutes, best in a release build.
@Suite("Every interleaving")
struct ExplorationTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var trunks = 1
        var hasOffer = true
        var alphabet: Alphabet = []
        /// What has happened before the walk begins.
        var before: [Event] = []
        var depth: Int
        /// States that the ordinary walk may see.
        var atMost = 7_000
        /// States that have to be seen: a narrower walk than meant is a failure.
        var atLeast: Int

        var testDescription: String { name }

        var call: OutboundCall {
            OutboundCall(
                session: .unplaced(offer: hasOffer ? .offer : nil),
                choices: (0..<trunks).map { TrunkChoice(trunk: $0) }, policy: Shared(CallPolicy()))
        }
    }

    /// A call that its only dialog has answered.
    private static let answered: [Event] = [
        .start,
        .response(
            attempt: 0,
            InviteResponse(status: 200, toTag: "a", sdp: .made("a0"), sessionExpires: 1800, refresherIsUAC: true)),
    ]

    private static let isDeep = ProcessInfo.processInfo.environment["GATEWAY_EXPLORE"] == "deep"

    @Test(arguments: [
        Scenario(name: "one trunk", depth: 10, atLeast: 500),
        Scenario(name: "two trunks", trunks: 2, depth: 9, atLeast: 7_000),
        Scenario(name: "forks", alphabet: [.forks], depth: 8, atLeast: 4_000),
        Scenario(name: "reliable responses", alphabet: [.forks, .reliable], depth: 6, atLeast: 7_000),
        Scenario(name: "retries", trunks: 2, alphabet: [.refusals], depth: 6, atLeast: 7_000),
        Scenario(name: "no offer", hasOffer: false, depth: 8, atLeast: 250),
        Scenario(name: "broken BYEs", trunks: 2, alphabet: [.brokenByes], depth: 7, atLeast: 3_500),
        Scenario(
            name: "session timers", alphabet: [.forks, .sessionTimers, .brokenByes], depth: 9, atLeast: 7_000),
        Scenario(
            name: "offers in early dialogs", alphabet: [.midCall, .reliable], depth: 6, atMost: 2_000, atLeast: 2_000),
        Scenario(name: "mid-call", alphabet: [.midCall], before: answered, depth: 6, atMost: 2_000, atLeast: 2_000),
        Scenario(
            name: "mid-call with session timers", alphabet: [.midCall, .sessionTimers], before: answered, depth: 5,
            atMost: 2_000, atLeast: 2_000),
    ])
    func holds(_ scenario: Scenario) throws {
        var world = World(scenario.call, scenario.alphabet)
        for event in scenario.before { _ = try world.take(event) }
        var explorer = Explorer(
            world, maximumStates: ExplorationTests.isDeep ? 100_000 : scenario.atMost)
        explorer.run(depth: scenario.depth + (ExplorationTests.isDeep ? 2 : 0))
        print("Explored \(scenario.name): \(explorer.summary)")
        for failure in explorer.failures { Issue.record("\(failure)") }
        #expect(explorer.states >= scenario.atLeast)
    }

    struct Planted: Sendable, CustomTestStringConvertible {
        var fault: FaultyCall.Fault
        var alphabet: Alphabet = []
        /// Words of the rule that has to catch it.
        var rule: String
        /// Steps of the shortest way to it.
        var steps: Int

        var testDescription: String { fault.rawValue }
    }

    @Test(
        "A planted fault is found, by its rule and on the shortest way",
        arguments: [
            Planted(
                fault: .forgetsACKOfSecondFork, alphabet: .forks, rule: "BYE before the ACK", steps: 3),
            Planted(fault: .sendsBYETwiceAcrossCANCEL, rule: "a second BYE", steps: 3),
            Planted(fault: .publishesAfterTheEnd, rule: "after the final", steps: 3),
            Planted(fault: .forgetsRingTimer, rule: "nothing ends", steps: 2),
            Planted(
                fault: .acknowledgesRepetition, alphabet: .reliable, rule: "PRACK for a repetition", steps: 3),
            Planted(
                fault: .forgetsToResendBYE, alphabet: .brokenByes, rule: "a BYE is owed and no timer will send it",
                steps: 4),
            Planted(fault: .staysAfterTheEnd, rule: "no end is reached", steps: 2),
            Planted(fault: .answersPostTwice, rule: "the POST was answered twice", steps: 3),
            Planted(fault: .answersPutTwice, alphabet: .midCall, rule: "a PUT was answered twice", steps: 4),
            Planted(fault: .acceptsWhileItsOfferIsOpen, alphabet: .midCall, rule: "an offer is open twice", steps: 4),
            Planted(
                fault: .forgetsAnswerTimer, alphabet: .midCall, rule: "nothing ends the wait for the application",
                steps: 3
            ),
            Planted(
                fault: .leavesTheKeptRequest, alphabet: .midCall, rule: "left a request of the peer unanswered",
                steps: 4),
            Planted(fault: .asksInSilence, alphabet: .midCall, rule: "was not told of a change", steps: 3),
        ])
    func finds(_ planted: Planted) throws {
        let sound = Scenario(name: "", alphabet: planted.alphabet, depth: 0, atLeast: 0).call
        var explorer = Explorer(
            World(FaultyCall(sound, fault: planted.fault), planted.alphabet), maximumStates: 10_000,
            maximumFailures: 1)
        explorer.run(depth: 8)
        let failure = try #require(explorer.failures.first)
        print("Planted \(planted.fault): \(failure)")
        #expect(failure.rule.contains(planted.rule))
        #expect(failure.trace.count == planted.steps)
    }
}
