/// A state machine together with all that surrounds it: what an ``Explorer`` can walk.
///
/// Equal models have to behave alike from then on; the explorer follows only one of them.
protocol Explorable: Hashable {
    associatedtype Move
    /// What the machine does for a move.
    associatedtype Effect

    /// Everything that may happen next, in a fixed order; nothing where the model is at its end.
    var moves: [Move] { get }

    /// Whether nothing is left that could or should happen.
    var isFinished: Bool { get }

    /// Takes a step and returns what the machine did for it.
    /// - Throws: the rule that was broken.
    mutating func take(_ move: Move) throws(Violation) -> [Effect]

    /// The next step towards the end, if its surroundings behave as `way` says; nil where nothing will ever happen.
    func step(_ way: WayOut) -> Move?

    /// Half a line for the trace each.
    static func text(_ move: Move) -> String
    static func text(_ effect: Effect) -> String
}

/// How a call may be brought to its end. From each state all of these have to lead there.
enum WayOut: String, CaseIterable {
    /// The network answers whatever is sent.
    case cooperation = "the network answers"
    /// Nobody says anything any more: only timers of the machine and of the stack's transactions.
    case silence = "nobody says anything"
    /// The gateway shuts down, and the network answers.
    case shutdown = "the gateway shuts down"
}

/// What was broken, for the report.
struct Violation: Error {
    var rule: String
}

/// A walk through all that can happen, breadth first: the first failure found is one of the shortest. States that are
/// reached in several ways are followed once.
struct Explorer<Model: Explorable> {
    /// A broken rule and the steps that lead to it, one a line, each with what the machine did.
    struct Failure: CustomStringConvertible {
        var rule: String
        var trace: [String]

        var description: String {
            "\(rule):\n" + trace.enumerated().map { "  \($0 + 1). \($1)" }.joined(separator: "\n")
        }
    }

    private struct Node {
        var model: Model
        var parent: Int
        var move: Model.Move?
    }

    /// More steps than any way out takes.
    private let longestWayOut = 64
    private let maximumStates: Int
    private let maximumFailures: Int
    private var nodes: [Node]
    private var seen: Set<Model>
    private var settled: [WayOut: Set<Model>] = [:]
    /// Shortest first.
    private(set) var failures: [Failure] = []
    private(set) var transitions = 0
    /// Steps walked from the beginning.
    private(set) var depth = 0
    /// No state is left that was not followed.
    private(set) var isExhausted = false

    /// - Parameters:
    ///   - maximumStates: where the walk stops, however deep it is.
    ///   - maximumFailures: likewise; a handful tells as much as a thousand.
    init(_ model: Model, maximumStates: Int, maximumFailures: Int = 5) {
        self.maximumStates = maximumStates
        self.maximumFailures = maximumFailures
        nodes = [Node(model: model, parent: -1)]
        seen = [model]
    }

    var states: Int { nodes.count }

    var summary: String {
        "\(states) states, \(transitions) transitions, depth \(depth)" + (isExhausted ? ", exhausted" : "")
    }

    /// Walks `depth` steps, fewer where a limit is met or nothing is left.
    mutating func run(depth limit: Int) {
        var level = 0..<1
        while depth < limit {
            for index in level {
                expand(index)
                if states >= maximumStates { return }
            }
            // A way out may have found a failure that is more steps away than the walk has come.
            if let last = failures.last, failures.count == maximumFailures, last.trace.count <= depth + 1 { return }
            depth += 1
            level = level.upperBound..<nodes.count
            if level.isEmpty {
                isExhausted = true
                return
            }
        }
    }

    private mutating func expand(_ index: Int) {
        for move in nodes[index].model.moves {
            var model = nodes[index].model
            transitions += 1
            do throws(Violation) {
                _ = try model.take(move)
            } catch {
                fail(error.rule, after: index, by: [move])
                continue
            }
            guard seen.insert(model).inserted else { continue }
            nodes.append(Node(model: model, parent: index, move: move))
            for way in WayOut.allCases where !model.isFinished { leave(nodes.count - 1, by: way) }
        }
    }

    /// No state is a dead end, and none waits for ever.
    private mutating func leave(_ index: Int, by way: WayOut) {
        var model = nodes[index].model
        var moves: [Model.Move] = []
        var passed: [Model] = []
        while !model.isFinished {
            if settled[way, default: []].contains(model) { break }
            passed.append(model)
            guard moves.count < longestWayOut, let move = model.step(way) else {
                return fail("no end is reached when \(way.rawValue)", after: index, by: moves)
            }
            moves.append(move)
            do throws(Violation) {
                _ = try model.take(move)
            } catch {
                return fail("\(error.rule) (when \(way.rawValue))", after: index, by: moves)
            }
        }
        settled[way, default: []].formUnion(passed)
    }

    private mutating func fail(_ rule: String, after index: Int, by moves: [Model.Move]) {
        var path = moves
        var index = index
        while index >= 0 {
            if let move = nodes[index].move { path.insert(move, at: 0) }
            index = nodes[index].parent
        }
        // Shortest first; of equals the one found first.
        let place = failures.firstIndex { $0.trace.count > path.count } ?? failures.count
        guard place < maximumFailures else { return }
        failures.insert(Failure(rule: rule, trace: trace(path)), at: place)
        if failures.count > maximumFailures { failures.removeLast() }
    }

    /// The steps once more, this time with what the machine does.
    private func trace(_ moves: [Model.Move]) -> [String] {
        var model = nodes[0].model
        return moves.map { move in
            do throws(Violation) {
                let effects = try model.take(move).map { Model.text($0) }
                return "\(Model.text(move)) -> \(effects.isEmpty ? "nothing" : effects.joined(separator: ", "))"
            } catch {
                return "\(Model.text(move)) -> \(error.rule)"
            }
        }
    }
}
