import Testing

@testable import CallCore

/// Every call there can be, up to a number of events: no order of responses, timers and wishes breaks the rules of
/// ``Universe``, and none leads to where the call cannot end.
@Suite("All calls of a few events")
struct ExplorationTests {
    /// Where a situation was reached from, so that a failure can be told as the events that lead to it.
    private struct Step {
        var previous: Int
        var event: Event
        var universe: Universe
    }

    @Test(arguments: [(1, true, 6), (2, true, 5), (2, false, 6)])
    func everyOrderOfEvents(trunks: Int, hasOffer: Bool, depth: Int) {
        var steps: [Step] = []
        var seen: Set<Universe> = []
        var level = [
            Step(previous: -1, event: .start, universe: Universe(trunks: trunks, offer: hasOffer ? .offer : nil))
        ]
        for remaining in (0...depth).reversed() {
            var next: [Step] = []
            for var step in level {
                do throws(Universe.Violation) {
                    try step.universe.handle(step.event)
                    guard seen.insert(step.universe).inserted, !step.universe.isFinished else { continue }
                    var left = step.universe
                    try left.settle()
                    var ended = step.universe
                    try ended.handle(.end(.shutdown))
                    try ended.settle()
                } catch {
                    Issue.record("\(error), after \(history(of: step, in: steps))")
                    return
                }
                guard remaining > 0 else { continue }
                steps.append(step)
                next += step.universe.events.map {
                    Step(previous: steps.count - 1, event: $0, universe: step.universe)
                }
            }
            level = next
        }
        // The rules were put to the test: a machine that stood still would have kept them all.
        #expect(seen.count > 1000)
        #expect(seen.contains { $0.call.session.status == .connected })
        #expect(seen.contains { $0.isFinished })
    }

    private func history(of step: Step, in steps: [Step]) -> String {
        var events = [short(step.event)]
        var index = step.previous
        while steps.indices.contains(index) {
            events.append(short(steps[index].event))
            index = steps[index].previous
        }
        return events.reversed().joined(separator: ", ")
    }

    private func short(_ event: Event) -> String {
        guard case .response(let attempt, let response) = event else { return "\(event)" }
        return "\(response.isInternal ? "stack's " : "")\(response.status) \(response.toTag ?? "") to \(attempt)"
    }
}
