/// The calling side of one call: what the callee, the person at the terminal and time do to it. No I/O; events in,
/// actions out.
struct CallerCall: Sendable {
    /// Where the call is.
    enum State: Equatable, Sendable {
        /// INVITE is out, and no provisional response is in: nothing may be cancelled yet (RFC 3261 §9.1).
        case calling
        /// A provisional response is in.
        case progressing
        /// To be cancelled with the first provisional response.
        case givenUp
        /// CANCEL is out.
        case cancelling
        case talking
        /// Our BYE is out.
        case hangingUp
        case over
    }

    enum Event: Equatable, Sendable {
        case provisional
        /// 200…699.
        case final(Int)
        /// What ``Action/talk`` asked for, or the caller's patience, is over.
        case timer
        /// The person at the terminal has had enough.
        case interrupted
        /// The peer's BYE; answered 200 already.
        case bye
        /// A final response to our BYE, or its time-out.
        case byeAnswered
    }

    enum Action: Equatable, Sendable {
        case acknowledge
        case cancel
        case sendBye
        /// Asks for ``Event/timer`` after the time to talk, or until the next change.
        case talk
        case stopTalking
        case change(MediaChange)
        /// The last action.
        case finish(CallOutcome)
    }

    private(set) var state = State.calling
    private var changes: ArraySlice<MediaChange>

    /// A call whose caller asks for these changes while they talk.
    init(changes: [MediaChange] = []) {
        self.changes = changes[...]
    }

    /// What follows from `event`. One that does not fit the state is ignored: it crossed something of ours.
    mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.calling, .provisional):
            state = .progressing
            return []
        case (.givenUp, .provisional):
            state = .cancelling
            return [.cancel]
        case (.calling, .interrupted), (.calling, .timer):
            state = .givenUp
            return []
        case (.progressing, .interrupted), (.progressing, .timer):
            state = .cancelling
            return [.cancel]
        case (.calling, .final(200..<300)), (.progressing, .final(200..<300)):
            state = .talking
            return [.acknowledge, .talk]
        case (.givenUp, .final(200..<300)), (.cancelling, .final(200..<300)):
            // The answer has crossed the CANCEL.
            state = .hangingUp
            return [.acknowledge, .sendBye]
        case (.cancelling, .final), (.givenUp, .final): return finish(.cancelled)
        case (.calling, .final(let status)), (.progressing, .final(let status)): return finish(.refused(status))
        case (.talking, .timer):
            if let change = changes.popFirst() { return [.change(change), .talk] }
            state = .hangingUp
            return [.sendBye]
        case (.talking, .interrupted):
            state = .hangingUp
            return [.stopTalking, .sendBye]
        case (.talking, .bye): return [.stopTalking] + finish(.ended)
        case (.hangingUp, .bye), (.hangingUp, .byeAnswered): return finish(.ended)
        default: return []
        }
    }

    private mutating func finish(_ outcome: CallOutcome) -> [Action] {
        state = .over
        return [.finish(outcome)]
    }
}
