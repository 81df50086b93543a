import Testing

@testable import Endpoint

/// A placed call as a table: events in, actions out.
@Suite struct CallerCallTests {
    private typealias Event = CallerCall.Event
    private typealias Action = CallerCall.Action

    /// All actions of `events`, in order.
    private static func actions(_ events: [Event]) -> [Action] {
        var call = CallerCall()
        return events.flatMap { call.handle($0) }
    }

    @Test(
        arguments: [
            // Answered; we hang up, or they do.
            ([.provisional, .final(200), .timer, .byeAnswered], [.acknowledge, .talk, .sendBye, .finish(.ended)]),
            ([.final(200), .bye], [.acknowledge, .talk, .stopTalking, .finish(.ended)]),
            ([.final(200), .timer, .bye, .byeAnswered], [.acknowledge, .talk, .sendBye, .finish(.ended)]),
            (
                [.final(200), .interrupted, .byeAnswered],
                [.acknowledge, .talk, .stopTalking, .sendBye, .finish(.ended)]
            ),
            // Not answered.
            ([.final(486)], [.finish(.refused(486))]),
            ([.provisional, .provisional, .final(603), .interrupted], [.finish(.refused(603))]),
            // Given up: the CANCEL waits for a provisional response (RFC 3261 §9.1).
            ([.interrupted], []),
            ([.interrupted, .provisional, .final(487)], [.cancel, .finish(.cancelled)]),
            ([.provisional, .interrupted, .interrupted, .final(487)], [.cancel, .finish(.cancelled)]),
            ([.interrupted, .final(486)], [.finish(.cancelled)]),
            // The answer crosses the CANCEL.
            (
                [.provisional, .interrupted, .final(200), .byeAnswered],
                [.cancel, .acknowledge, .sendBye, .finish(.ended)]
            ),
            ([.interrupted, .final(200), .byeAnswered], [.acknowledge, .sendBye, .finish(.ended)]),
            // What does not fit is ignored.
            ([.bye, .byeAnswered, .provisional], []),
            // The caller's patience is over.
            ([.timer, .provisional, .timer, .final(487)], [.cancel, .finish(.cancelled)]),
            ([.provisional, .timer, .final(487)], [.cancel, .finish(.cancelled)]),
        ] as [([CallerCall.Event], [CallerCall.Action])])
    func lives(events: [CallerCall.Event], actions: [CallerCall.Action]) {
        #expect(Self.actions(events) == actions)
    }

    @Test("Changes come one after the other, then the BYE")
    func changes() {
        let (hold, resume) = (MediaChange(.held), MediaChange(.resumed, by: .update))
        var call = CallerCall(changes: [hold, resume])
        let events: [Event] = [.final(200), .timer, .timer, .timer, .byeAnswered]
        #expect(
            events.flatMap { call.handle($0) } == [
                .acknowledge, .talk, .change(hold), .talk, .change(resume), .talk, .sendBye, .finish(.ended),
            ])
    }

    /// Every sequence of four events ends at most once, and nothing follows the end.
    @Test func theEndIsTheLast() {
        let events: [Event] = [.provisional, .final(200), .final(486), .timer, .interrupted, .bye, .byeAnswered]
        var sequences: [[Event]] = [[]]
        for _ in 0..<4 { sequences = sequences.flatMap { sequence in events.map { sequence + [$0] } } }
        for sequence in sequences {
            let actions = Self.actions(sequence)
            let ends = actions.indices.filter { index in
                if case .finish = actions[index] { true } else { false }
            }
            #expect(ends.isEmpty || ends == [actions.count - 1], "\(sequence): \(actions)")
        }
    }
}
