import CallCore
import Testing

/// Every order in which a few kinds of event can happen, to a depth that covers their crossings. After each step the
/// rules of ``World`` hold; and from each state a network that answers everything brings the call to its end.
@Suite("Every interleaving")
struct ExplorationTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var trunks = 1
        var hasOffer = true
        var alphabet: World.Alphabet = []
        /// Events before the exploration begins.
        var isConnected = false
        var depth: Int
        /// States that have to be seen: a narrower walk than meant is a failure.
        var atLeast: Int

        var testDescription: String { name }
    }

    @Test(arguments: [
        Scenario(name: "one trunk", depth: 9, atLeast: 500),
        Scenario(name: "two trunks", trunks: 2, depth: 8, atLeast: 6_000),
        Scenario(name: "forks", alphabet: [.forks], depth: 7, atLeast: 3_000),
        Scenario(name: "reliable responses", alphabet: [.forks, .reliable], depth: 5, atLeast: 7_000),
        Scenario(name: "retries", trunks: 2, alphabet: [.refusals], depth: 5, atLeast: 7_000),
        Scenario(name: "no offer", hasOffer: false, depth: 7, atLeast: 250),
        Scenario(name: "broken BYEs", trunks: 2, alphabet: [.brokenByes], depth: 6, atLeast: 2_500),
        Scenario(
            name: "session timers", alphabet: [.forks, .sessionTimers, .brokenByes], isConnected: true, depth: 8,
            atLeast: 8_000),
    ])
    func holds(_ scenario: Scenario) {
        let choices = (0..<scenario.trunks).map { TrunkChoice(trunk: $0) }
        let call = OutboundCall(
            session: .unplaced(offer: scenario.hasOffer ? .offer : nil), choices: choices, policy: CallPolicy())
        var exploration = Exploration(World(call), scenario.alphabet)
        exploration.advance(.start)
        if scenario.isConnected {
            let response = exploration.first.events(scenario.alphabet).first {
                if case .response(_, let response) = $0 { response.status == 200 } else { false }
            }
            if let response { exploration.advance(response) }
        }
        exploration.run(depth: scenario.depth)
        for failure in exploration.failures { Issue.record("\(failure)") }
        #expect(exploration.seen.count >= scenario.atLeast)
    }
}

/// A breadth-first walk: the first failure found is one of the shortest.
struct Exploration {
    struct Failure: CustomStringConvertible {
        var rule: String
        var path: [String]

        var description: String { "\(rule):\n  " + path.joined(separator: "\n  ") }
    }

    private struct Node {
        var world: World
        var parent: Int
        var event: String
    }

    private let alphabet: World.Alphabet
    private var nodes: [Node]
    private(set) var seen: Set<World> = []
    private(set) var failures: [Failure] = []

    init(_ world: World, _ alphabet: World.Alphabet) {
        self.alphabet = alphabet
        nodes = [Node(world: world, parent: -1, event: "new")]
        seen = [world]
    }

    var first: World { nodes[0].world }

    /// Takes an event before the walk.
    mutating func advance(_ event: Event) {
        do throws(World.Violation) {
            try nodes[0].world.take(event)
        } catch {
            failures.append(Failure(rule: error.rule, path: ["\(event)"]))
        }
    }

    mutating func run(depth: Int) {
        var level = 0..<1
        for _ in 0..<depth {
            for index in level { expand(index) }
            level = level.upperBound..<nodes.count
            // A handful tells as much as a thousand.
            if level.isEmpty || failures.count >= 5 { break }
        }
    }

    private mutating func expand(_ index: Int) {
        for event in nodes[index].world.events(alphabet) {
            var world = nodes[index].world
            do throws(World.Violation) {
                try world.take(event)
            } catch {
                failures.append(Failure(rule: error.rule, path: path(to: index) + [Exploration.text(event)]))
                continue
            }
            guard seen.insert(world).inserted else { continue }
            nodes.append(Node(world: world, parent: index, event: Exploration.text(event)))
            settle(world, at: nodes.count - 1)
            if world.isFinished { continue }
            do throws(World.Violation) {
                settle(try world.shutDown(), at: nodes.count - 1)
            } catch {
                failures.append(Failure(rule: error.rule, path: path(to: nodes.count - 1) + ["shutdown"]))
            }
        }
    }

    /// No state is a dead end.
    private mutating func settle(_ start: World, at index: Int) {
        var world = start
        for _ in 0..<64 where !world.isFinished {
            guard let event = world.settling else {
                failures.append(Failure(rule: "nothing can end the call", path: path(to: index) + ["\(world)"]))
                return
            }
            do throws(World.Violation) {
                try world.take(event)
            } catch {
                failures.append(Failure(rule: error.rule, path: path(to: index) + ["settling: \(event)"]))
                return
            }
        }
        if !world.isFinished {
            failures.append(Failure(rule: "the call does not end", path: path(to: index) + ["\(world)"]))
        }
    }

    private func path(to index: Int) -> [String] {
        var path: [String] = []
        var index = index
        while index >= 0 {
            path.append(nodes[index].event)
            index = nodes[index].parent
        }
        return path.reversed()
    }

    private static func text(_ event: Event) -> String {
        if case .response(let attempt, let response) = event {
            let made = response.isInternal ? "internal " : ""
            return "attempt \(attempt): \(made)\(response.status) \(response.toTag ?? "-") \(response.rseq ?? 0)"
        }
        return "\(event)"
    }
}
