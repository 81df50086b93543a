import CallCore

/// An inbound call with everything outside it that a driver would hold: the INVITE's transaction, the dialog, the running
/// timers. It feeds only what could happen and checks what must hold after every step.
struct InboundWorld: Hashable {
    private(set) var call: InboundCall
    /// A reliable response waits for its PRACK.
    private(set) var unpracked: InboundCall.Provisional?
    private(set) var hasFinal = false
    private(set) var isAnswered = false
    /// The ACK came, or was given up.
    private(set) var isSettled = false
    private(set) var byes = 0
    private(set) var awaitsBye = false
    private(set) var peerBye = false
    private(set) var running: Set<CallTimer> = []
    private(set) var isFinished = false
    private(set) var sentDescription: SessionDescription?
    let offer: SessionDescription?
    let reliability: InboundInvite.Reliability

    /// What was broken, for the report.
    struct Violation: Error {
        var rule: String
    }

    init(devices: Int, offer: SessionDescription?, reliability: InboundInvite.Reliability) throws(Violation) {
        call = InboundCall(
            invite: InboundInvite(offer: offer, reliability: reliability),
            sessions: (0..<devices).map { .invited($0, offer: offer) }, policy: InboundPolicy())
        self.offer = offer
        self.reliability = reliability
        try take(.start)
    }

    private func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(rule: rule()) }
    }

    // MARK: - What may come next

    var events: [InboundCall.Event] {
        if isFinished { return call.devices.indices.map { .change(device: $0, SessionChange(status: .ringing)) } }
        var events: [InboundCall.Event] = [.end(.shutdown), .transportFailure]
        for device in call.devices.indices {
            events.append(.hangUp(device: device))
            for status in [SessionStatus.waiting, .inProgress, .ringing, .connected, .busy, .terminated] {
                for description in [SessionDescription?.none, .made("device\(device)")] {
                    let change =
                        offer == nil
                        ? SessionChange(status: status, offer: description)
                        : SessionChange(status: status, answer: description)
                    events.append(.change(device: device, change))
                }
            }
        }
        if !hasFinal { events.append(.cancel(reason: nil, isAnsweredElsewhere: false)) }
        if unpracked != nil { events += [.prack(nil), .prack(.answer), .unacknowledged] }
        if isAnswered, !isSettled { events += [.ack(nil), .ack(.answer), .unacknowledged] }
        if !peerBye { events.append(.bye(reason: nil)) }
        if awaitsBye {
            events += [.byeAnswered(status: 200, isInternal: false), .byeAnswered(status: 503, isInternal: true)]
        }
        events += CallTimer.allCases.filter(running.contains).map { .timer($0) }
        return events
    }

    // MARK: - A step

    mutating func take(_ event: InboundCall.Event) throws(Violation) {
        let before = call.devices.map(\.session)
        switch event {
        case .prack: unpracked = nil
        case .ack: isSettled = true
        case .unacknowledged: if isAnswered { isSettled = true } else { unpracked = nil }
        case .bye: peerBye = true
        case .byeAnswered: awaitsBye = false
        case .timer(let timer): running.remove(timer)
        default: break
        }
        let actions = call.handle(event)
        for action in actions { try perform(action) }
        try checkReplies(event, actions)
        for (device, session) in before.enumerated() { try checkSession(device, before: session, actions) }
        try checkState()
    }

    private mutating func perform(_ action: InboundCall.Action) throws(Violation) {
        switch action {
        case .provisional(let response):
            try require(!hasFinal, "1xx after the final response")
            try require(unpracked == nil, "1xx while another waits for its PRACK")
            if reliability == .required {
                try require(response.isReliable, "an unreliable 1xx where 100rel is required")
            }
            if reliability == .unsupported { try require(!response.isReliable, "a reliable 1xx that nobody asked for") }
            if offer == nil, response.description != nil { try require(response.isReliable, "an unreliable offer") }
            if response.isReliable { unpracked = response }
            try send(response.description)
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
            try require(!awaitsBye && !peerBye || byes > 0, "BYE in a dialog that has ended")
            byes += 1
            awaitsBye = true
        case .start(let timer, let duration):
            try require(duration > .zero, "\(timer) runs for no time")
            running.insert(timer)
        case .stop(let timer): running.remove(timer)
        case .finish:
            try require(!isFinished, "finish twice")
            isFinished = true
        case .invite, .publish, .show, .reply, .replyWaiting, .negotiate: break
        }
    }

    private mutating func send(_ description: SessionDescription?) throws(Violation) {
        guard let description else { return }
        try require(sentDescription == nil || sentDescription == description, "two different descriptions sent")
        sentDescription = description
    }

    // MARK: - What must hold

    private func checkReplies(_ event: InboundCall.Event, _ actions: [InboundCall.Action]) throws(Violation) {
        let replies = actions.count { if case .reply = $0 { true } else { false } }
        let isChange = if case .change = event { true } else { false }
        try require(replies == (isChange ? 1 : 0), "\(replies) replies to \(event)")
    }

    private func checkSession(
        _ device: Int, before: Session, _ actions: [InboundCall.Action]
    ) throws(Violation) {
        let after = call.devices[device].session
        if before.status.isFinal { try require(after == before, "a session changed after its final status") }
        guard after != before else { return }
        let isTold = actions.contains(.publish(device: device)) || actions.contains(.invite(device: device))
        try require(isTold || actions.contains(.show(device: device)), "a session changed and nobody was told")
        if after.status != before.status {
            try require(isTold, "a status that was not told")
            try require(after.sequenceNumber > before.sequenceNumber, "a status without its event number")
        }
    }

    private func checkState() throws(Violation) {
        let alive = call.devices.filter(\.isAlive)
        try require((call.phase == .ended) == alive.isEmpty, "the last session and the call end together")
        if alive.contains(where: { $0.session.status == .connected }) {
            try require(alive.count == 1, "a device is left beside the one that answered")
        }
        let hasBound = !running.isEmpty || unpracked != nil || isAnswered && !isSettled || awaitsBye
        if !isFinished { try require(hasBound, "nothing ends the call") }
        if isFinished {
            try require(alive.isEmpty && running.isEmpty && !awaitsBye, "finish while something is left")
        }
    }
}
