/// The called side of one call: what the script, the peer and time do to it. No I/O; events in, actions out.
package struct EndpointCall: Sendable {
    /// Where the call is.
    package enum State: Equatable, Sendable {
        /// No final response yet.
        case ringing
        /// A reliable provisional response is out; nothing follows before its PRACK (RFC 3262 §3).
        case awaitingPRACK
        /// 200 is out, ACK is not in.
        case answered
        /// The dialog is confirmed.
        case talking
        /// 300…699 is out, ACK is not in.
        case refused
        /// Our BYE is out.
        case hangingUp
        /// Nothing is left to do.
        case over
    }

    package enum Event: Equatable, Sendable {
        case start
        /// What ``Action/wait(_:)`` asked for has passed.
        case timer
        case pracked
        case acknowledged
        case cancelled
        /// The INVITE's transaction got no ACK, or its reliable response no PRACK, in 64·T1.
        case transactionTimedOut
        /// The peer's BYE; answered 200 already.
        case bye
        /// A final response to our BYE, or its time-out.
        case byeAnswered
        /// A change of ours was answered 408 or 481: the peer is gone.
        case lost
    }

    package enum Action: Equatable, Sendable {
        /// Responds to the INVITE.
        case respond(status: Int, from: EndpointPhone, describes: Bool)
        case respondReliably(status: Int)
        /// Asks for ``Event/timer`` after this; one wait at a time.
        case wait(Duration)
        case stopWaiting
        case change(MediaChange)
        case sendBye
        /// The INVITE's transaction is not needed any more.
        case releaseInvite
        /// The last action.
        case finish
    }

    package private(set) var state = State.ringing
    private var steps: ArraySlice<EndpointStep>
    private let supports100rel: Bool
    /// The answer has gone out reliably; the 200 need not repeat it (RFC 6337 §3.1.1).
    private var hasAnsweredOffer = false

    /// How long an answered call may last before the endpoint ends it: nothing stays for ever.
    package static let maximumDuration = Duration.seconds(3600)

    package init(_ steps: [EndpointStep], supports100rel: Bool) {
        self.steps = steps[...]
        self.supports100rel = supports100rel
    }

    /// What follows from `event`. An event that does not fit the state is ignored: it crossed something of ours.
    package mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.ringing, .start), (.ringing, .timer), (.talking, .timer): return run()
        case (.awaitingPRACK, .pracked):
            state = .ringing
            return run()
        case (.answered, .acknowledged):
            state = .talking
            return [.releaseInvite] + run()
        case (.refused, .acknowledged), (.refused, .transactionTimedOut): return finish()
        case (.ringing, .cancelled), (.awaitingPRACK, .cancelled): return [.stopWaiting] + refuse(487)
        case (.ringing, .bye), (.awaitingPRACK, .bye):
            // A caller may end an early dialog with BYE; the INVITE still wants its answer (RFC 3261 §15.1.2).
            return [.stopWaiting] + refuse(487)
        case (.ringing, .transactionTimedOut), (.awaitingPRACK, .transactionTimedOut):
            return [.stopWaiting] + refuse(504)
        case (.answered, .transactionTimedOut):
            // No ACK: the session is ended with BYE (RFC 3261 §13.3.1.4).
            return [.releaseInvite] + hangUp()
        case (.talking, .lost): return [.stopWaiting] + hangUp()
        case (.answered, .bye), (.talking, .bye), (.hangingUp, .bye), (.hangingUp, .byeAnswered):
            return [.stopWaiting] + finish()
        default: return []
        }
    }

    /// Steps until one has to wait for something.
    private mutating func run() -> [Action] {
        var actions: [Action] = []
        while let step = steps.popFirst() {
            switch step {
            case .provisional(let status, let phone, let describes):
                actions.append(.respond(status: status, from: phone, describes: describes))
            case .reliable(let status) where supports100rel:
                hasAnsweredOffer = true
                state = .awaitingPRACK
                return actions + [.respondReliably(status: status)]
            case .reliable(let status):
                actions.append(.respond(status: status, from: .answering, describes: true))
            case .wait(let duration): return actions + [.wait(duration)]
            case .answer:
                state = .answered
                return actions + [.respond(status: 200, from: .answering, describes: !hasAnsweredOffer)]
            case .refuse(let status): return actions + refuse(status)
            case .change(let change): actions.append(.change(change))
            case .hangUp: return actions + hangUp()
            }
        }
        steps = [.hangUp]
        return actions + [.wait(EndpointCall.maximumDuration)]
    }

    private mutating func refuse(_ status: Int) -> [Action] {
        state = .refused
        return [.respond(status: status, from: .answering, describes: false)]
    }

    private mutating func hangUp() -> [Action] {
        state = .hangingUp
        return [.sendBye]
    }

    private mutating func finish() -> [Action] {
        state = .over
        return [.releaseInvite, .finish]
    }
}
