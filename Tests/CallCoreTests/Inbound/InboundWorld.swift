import CallCore

/// Which kinds of event a walk through an inbound call uses; few at a time keep the depth.
struct InboundAlphabet: OptionSet, Hashable, Sendable {
    let rawValue: Int

    /// What devices say before the answer, and reliable responses.
    static let answering = InboundAlphabet(rawValue: 1)
    /// Changes of the media.
    static let midCall = InboundAlphabet(rawValue: 2)
    static let sessionTimers = InboundAlphabet(rawValue: 4)
    static let brokenByes = InboundAlphabet(rawValue: 8)
}

/// An inbound call with everything outside it that a driver would hold: the INVITE's transaction, the dialog, the running
/// timers. It feeds only what could happen and checks what must hold after every step.
struct InboundWorld<Machine: InboundMachine>: Explorable {
    typealias Move = InboundCall.Event
    typealias Effect = InboundCall.Action

    let alphabet: InboundAlphabet
    let offer: SessionDescription?
    let reliability: InboundInvite.Reliability
    private(set) var call: Machine
    /// A reliable response waits for its PRACK.
    private(set) var unpracked: InboundCall.Provisional?
    private(set) var hasFinal = false
    private(set) var isAnswered = false
    /// The ACK came, or was given up, or a later request shows that the caller has sent it.
    private(set) var isSettled = false
    private(set) var byes = 0
    private(set) var awaitsBye = false
    /// A BYE of ours could not be sent.
    private(set) var owesBye = false
    private(set) var peerBye = false
    private(set) var awaitsRefresh = false
    private(set) var talk: Dialogue
    private(set) var running: Set<CallTimer> = []
    /// Each device's session as it was shown last.
    private(set) var shown: [Int: Session] = [:]
    private(set) var isFinished = false
    private(set) var sentDescription: SessionDescription?

    init(
        _ call: Machine, _ alphabet: InboundAlphabet, offer: SessionDescription?,
        reliability: InboundInvite.Reliability
    ) {
        self.call = call
        self.alphabet = alphabet
        self.offer = offer
        self.reliability = reliability
        talk = Dialogue(peer: offer ?? .answer)
    }

    func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(rule: rule()) }
    }

    // MARK: - A step

    mutating func take(_ event: InboundCall.Event) throws(Violation) -> [InboundCall.Action] {
        let before = call.devices.map(\.session)
        let wasRunning = running
        note(event)
        let actions = call.handle(event)
        for (index, action) in actions.enumerated() {
            if before.allSatisfy(\.status.isFinal) { try checkAfterEnd(action) }
            try perform(action)
            if case .finish = action { try require(index == actions.count - 1, "an action follows finish") }
        }
        try checkReplies(event, actions)
        for (device, session) in before.enumerated() { try checkSession(device, before: session, actions) }
        try checkState()
        if isFinished { try checkFinished() }
        return actions.filter { if case .stop(let timer) = $0 { wasRunning.contains(timer) } else { true } }
    }

    private mutating func note(_ event: InboundCall.Event) {
        switch event {
        case .prack: unpracked = nil
        case .ack: isSettled = true
        case .unacknowledged: if isAnswered { isSettled = true } else { unpracked = nil }
        case .bye: peerBye = true
        case .byeAnswered(let status, let isInternal):
            awaitsBye = false
            // After the third repetition the call gives up.
            owesBye = isInternal && status == 503 && byes <= 3
        case .timer(let timer): running.remove(timer)
        case .negotiation(let event):
            if case .refreshAnswered = event { awaitsRefresh = false }
            talk.note(event)
        default: break
        }
    }

    private mutating func perform(_ action: InboundCall.Action) throws(Violation) {
        switch action {
        case .provisional(let response): try provisional(response)
        case .answer(let description):
            try require(!hasFinal, "two final responses")
            try require(unpracked?.description == nil, "200 before the PRACK of a description")
            (hasFinal, isAnswered, unpracked) = (true, true, nil)
            try send(description)
            try require(sentDescription != nil, "a call answered without a description")
        case .refuse:
            try require(!hasFinal, "two final responses")
            (hasFinal, unpracked) = (true, nil)
        case .bye:
            try require(isAnswered && isSettled, "BYE before the ACK")
            try require(byes == 0 || owesBye, "a second BYE")
            try require(!peerBye || owesBye, "BYE in a dialog that has ended")
            byes += 1
            (awaitsBye, owesBye) = (true, false)
        case .negotiate(let step):
            if case .refresh = step { awaitsRefresh = true }
            let isReinvite = talk.arrived?.method == .invite
            try talk.perform(step)
            if case .respond(200, _) = step {
                try require(isAnswered, "an offer in the dialog is taken before the answer")
                // The caller has our 200: it sends no other INVITE before the ACK (RFC 5407 §3.1.4).
                if isReinvite { isSettled = true }
            }
            if step == .ask, isReinvite { isSettled = true }
        case .replyWaiting: try talk.noteReply()
        case .start(let timer, let duration):
            try require(duration > .zero, "\(timer) runs for no time")
            running.insert(timer)
        case .stop(let timer): running.remove(timer)
        case .publish(let device), .show(let device), .invite(let device): shown[device] = call.devices[device].session
        case .finish:
            try require(!isFinished, "finish twice")
            isFinished = true
        case .reply: break
        }
    }

    private mutating func provisional(_ response: InboundCall.Provisional) throws(Violation) {
        try require(!hasFinal, "1xx after the final response")
        try require(unpracked == nil, "1xx while another waits for its PRACK")
        if reliability == .required { try require(response.isReliable, "an unreliable 1xx where 100rel is required") }
        if reliability == .unsupported { try require(!response.isReliable, "a reliable 1xx that nobody asked for") }
        if offer == nil, response.description != nil { try require(response.isReliable, "an unreliable offer") }
        if response.isReliable { unpracked = response }
        try send(response.description)
    }

    private mutating func send(_ description: SessionDescription?) throws(Violation) {
        guard let description else { return }
        try require(sentDescription == nil || sentDescription == description, "two different descriptions sent")
        sentDescription = description
    }

    /// A PUT is answered when it was carried out, or waits; none is answered twice.
    private mutating func checkReplies(
        _ event: InboundCall.Event, _ actions: [InboundCall.Action]
    ) throws(Violation) {
        let replies = actions.count { if case .reply = $0 { true } else { false } }
        guard case .change = event else { return try require(replies == 0, "\(replies) replies to no PUT") }
        try require(replies <= 1, "\(replies) replies to one PUT")
        if replies == 0 { talk.note(.change(.init())) }
    }

    /// After its end a call only clears up.
    private func checkAfterEnd(_ action: InboundCall.Action) throws(Violation) {
        switch action {
        case .reply, .bye, .stop, .finish, .negotiate(.respond), .start(.resend, _): break
        default: throw Violation(rule: "\(InboundWorld.text(action)) after the final status")
        }
    }
}
