import CallCore

/// A call together with everything outside it that a driver would hold: the network's open transactions, the running
/// timers, the POST. It feeds only what could happen and checks what must hold after every step.
struct World<Machine: CallMachine>: Explorable, CustomStringConvertible {
    typealias Move = Event
    typealias Effect = Action

    /// One INVITE as the network sees it.
    struct Invite: Hashable {
        var hasProvisional = false
        var hasRung = false
        var hasFinal = false
        var isCancelled = false
        /// To tags that answered 2xx.
        var answered: Set<String> = []
        /// Last RSeq in order of each early dialog that was reliable; the one that PRACK is owed for, once.
        var rseq: [String: UInt32] = [:]
    }

    struct Dialog: Hashable {
        var isOpen = true
        var isAcked = false
        /// Our BYE waits for its answer.
        var awaitsBye = false
        /// A BYE of ours could not be sent.
        var owesBye = false
        var byes = 0
        var peerBye = false
        var awaitsRefresh = false
    }

    let alphabet: Alphabet
    private(set) var call: Machine
    private(set) var invites: [Invite] = []
    private(set) var dialogs: [DialogID: Dialog] = [:]
    /// Offers and answers in dialogs that have any.
    private(set) var talks: [DialogID: Dialogue] = [:]
    private(set) var running: Set<CallTimer> = []
    private(set) var postAnswers: [CAMARAError?] = []
    /// The session as the application knows it.
    private(set) var shown: Session?
    private var hasToldEnd = false
    private(set) var isFinished = false
    /// The description of the response being handled.
    private var described: SessionDescription?

    init(_ call: Machine, _ alphabet: Alphabet) {
        self.call = call
        self.alphabet = alphabet
    }

    // Equal calls with equal surroundings behave alike; the history that led to them does not matter.
    static func == (one: World, other: World) -> Bool {
        one.call == other.call && one.invites == other.invites && one.dialogs == other.dialogs
            && one.talks == other.talks && one.running == other.running && one.isFinished == other.isFinished
            && one.postAnswers == other.postAnswers && one.shown == other.shown && one.hasToldEnd == other.hasToldEnd
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(call)
        hasher.combine(invites)
        hasher.combine(running)
    }

    var description: String {
        "\(call.phase), \(call.session.status), invites \(invites), dialogs \(dialogs), timers \(running)"
    }

    func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(rule: rule()) }
    }

    // MARK: - A step

    mutating func take(_ event: Event) throws(Violation) -> [Action] {
        let before = call.session
        let wasRunning = running
        let pracks = pracksOwed(for: event)
        note(event)
        defer { described = nil }
        let actions = call.handle(event)
        for (index, action) in actions.enumerated() {
            if before.status.isFinal { try checkAfterEnd(action) }
            try perform(action)
            if case .finish = action { try require(index == actions.count - 1, "an action follows finish") }
        }
        if case .response(let attempt, let response) = event {
            if (200..<300).contains(response.status) {
                let acks = actions.filter {
                    if case .ack(let dialog, _) = $0 { dialog.attempt == attempt } else { false }
                }
                try require(!acks.isEmpty, "a 2xx was not acknowledged")
                try require(acks.count == 1, "a 2xx was acknowledged twice")
            }
            let sent = actions.filter { if case .prack = $0 { true } else { false } }.count
            try require(sent <= pracks, "PRACK for a repetition or out of order")
            try require(sent >= pracks, "no PRACK for a reliable response")
        }
        try checkSession(before: before)
        try checkState()
        try checkBounds()
        try checkTalks()
        if isFinished { try checkFinished() }
        // A stop of what does not run says nothing.
        return actions.filter { if case .stop(let timer) = $0 { wasRunning.contains(timer) } else { true } }
    }

    /// One for the next reliable response of an early dialog, none for a repetition or one out of order (RFC 3262 §4),
    /// and none where the response is not followed any more.
    private func pracksOwed(for event: Event) -> Int {
        guard case .response(let attempt, let response) = event, response.status < 200, let tag = response.toTag,
            let rseq = response.rseq, call.phase == .calling || call.phase == .cancelling,
            !(invites[attempt].isCancelled && attempt < invites.count - 1)
        else { return 0 }
        let last = invites[attempt].rseq[tag]
        return last.map { $0 + 1 == rseq } ?? true ? 1 : 0
    }

    /// What the event itself means for the network and the driver.
    private mutating func note(_ event: Event) {
        switch event {
        case .response(let attempt, let response):
            if response.status < 200 {
                invites[attempt].hasProvisional = true
                if response.status > 100 { invites[attempt].hasRung = true }
                if response.status == 199, let tag = response.toTag { invites[attempt].rseq[tag] = nil }
                if pracksOwed(for: event) > 0, let tag = response.toTag { invites[attempt].rseq[tag] = response.rseq }
            } else {
                invites[attempt].hasFinal = true
                if response.status < 300, let tag = response.toTag { invites[attempt].answered.insert(tag) }
            }
            described = response.sdp
        case .byeAnswered(let dialog, let status, let isInternal):
            dialogs[dialog]?.awaitsBye = false
            dialogs[dialog]?.owesBye = isInternal && status == 503
        case .refreshAnswered(let dialog, _, _, _): dialogs[dialog]?.awaitsRefresh = false
        case .bye(let dialog, _): dialogs[dialog]?.peerBye = true
        case .negotiation(let dialog, let event): talks[dialog]?.note(event)
        case .timer(let timer): running.remove(timer)
        default: break
        }
    }

    private mutating func perform(_ action: Action) throws(Violation) {
        switch action {
        case .invite(let attempt, _, _, _):
            try require(attempt == invites.count, "attempts are not numbered in order")
            try require(invites.allSatisfy { $0.hasFinal || $0.isCancelled }, "two INVITEs are wanted at once")
            invites.append(Invite())
        case .becomeEmergency: throw Violation(rule: "an emergency call that nobody asked for")
        case .openDialog(let dialog, let isFork):
            try require(dialogs[dialog] == nil, "a dialog opened twice")
            try require(isFork == (dialog.index > 0), "the first dialog takes the INVITE's own leg")
            dialogs[dialog] = Dialog()
            if alphabet.contains(.midCall), let described { talks[dialog] = Dialogue(peer: described) }
        case .closeDialog(let dialog): try close(dialog)
        case .refreshDialog(let dialog), .prack(let dialog, _, _):
            try require(dialogs[dialog]?.isOpen == true, "\(action) in no dialog")
        case .ack(let dialog, _):
            try require(dialogs[dialog]?.isOpen == true, "ACK in no dialog")
            dialogs[dialog]?.isAcked = true
        case .bye(let dialog, _): try sendBye(dialog)
        case .refresh(let dialog, _):
            try require(call.phase == .connected(dialog), "refresh of a dialog that is not connected")
            dialogs[dialog]?.awaitsRefresh = true
        case .cancel(let attempt, _):
            try require(!invites[attempt].hasFinal, "CANCEL after the final response")
            try require(!invites[attempt].isCancelled, "CANCEL twice")
            invites[attempt].isCancelled = true
        case .releaseInvite(let attempt):
            try require(invites[attempt].hasFinal, "an INVITE released without a final response")
        case .start(let timer, let duration):
            try require(duration > .zero, "\(timer) runs for no time")
            running.insert(timer)
        case .stop(let timer): running.remove(timer)
        case .answerPost(let error):
            postAnswers.append(error)
            try require(postAnswers.count == 1, "the POST was answered twice")
            if error == nil {
                shown = call.session
                hasToldEnd = call.session.status.isFinal
            }
        case .publish:
            try require(shown != nil, "an event about a session nobody knows")
            try require(!hasToldEnd, "a status was told after the final one")
            hasToldEnd = call.session.status.isFinal
            shown = call.session
        case .show:
            try require(shown?.status == call.session.status, "a change of status shown and not told")
            shown = call.session
        case .alarm: break
        case .negotiate(let dialog, let step):
            try talks[dialog]?.perform(step)
        case .finish: try finish()
        }
    }

    private mutating func close(_ dialog: DialogID) throws(Violation) {
        try require(dialogs[dialog]?.isOpen == true, "a dialog closed that is not open")
        guard let state = dialogs[dialog] else { return }
        if state.isAcked { try require(state.peerBye || state.byes > 0, "a confirmed dialog closed without a BYE") }
        try require(!state.awaitsBye, "a dialog closed while its BYE is on the way")
        dialogs[dialog]?.isOpen = false
    }

    private mutating func sendBye(_ dialog: DialogID) throws(Violation) {
        guard let state = dialogs[dialog], state.isOpen else { throw Violation(rule: "BYE in no dialog") }
        try require(state.isAcked, "BYE before the ACK")
        try require(state.byes == 0 || state.owesBye, "a second BYE")
        try require(state.owesBye || !state.peerBye, "BYE in a dialog that the peer has ended")
        dialogs[dialog]?.byes += 1
        dialogs[dialog]?.owesBye = false
        dialogs[dialog]?.awaitsBye = true
    }

    private mutating func finish() throws(Violation) {
        try require(!isFinished, "finish twice")
        isFinished = true
        try require(call.session.status.isFinal, "finish without a final status")
        try require(postAnswers.count == 1, "finish without an answer to the POST")
        try require(invites.allSatisfy(\.hasFinal), "finish while an INVITE is open")
        try require(dialogs.values.allSatisfy { !$0.isOpen }, "finish while a dialog is open")
        try require(running.isEmpty, "finish while \(running) runs")
        try require(shown == nil || hasToldEnd, "finish and the final status was not told")
        for talk in talks.values { try talk.checkEnd() }
    }

    // MARK: - What must hold between steps

    private func checkSession(before: Session) throws(Violation) {
        let session = call.session
        if before.status.isFinal {
            try require(session == before, "the session changed after its final status")
        }
        if session.status != before.status {
            try require(session.sequenceNumber == before.sequenceNumber + 1, "a status without its event number")
        }
        if let shown { try require(shown == session, "the application was not told of a change") }
        if (postAnswers.first ?? nil) != nil { try require(shown == nil, "a refused POST shows a session") }
    }

    private func checkState() throws(Violation) {
        let isEnded = call.session.status.isFinal
        try require(isEnded == (call.phase == .ended), "the final status and the end go together")
        if isEnded { try require(running.isSubset(of: [.resend]), "\(running) runs after the final status") }
        if isEnded { try require(postAnswers.count == 1, "the session has ended and the POST waits") }
        if dialogs.values.contains(where: { $0.isOpen && $0.owesBye }) {
            try require(running.contains(.resend), "a BYE is owed and no timer will send it")
        }
        let isWaiting = postAnswers.isEmpty && call.phase != .new
        let pacemakers: Set<CallTimer> = [.progress, .noResponse, .resend, .ring]
        if isWaiting, call.phase == .calling {
            try require(!running.isDisjoint(with: pacemakers.subtracting([.ring])), "nothing ends the POST's wait")
        }
        if call.phase == .calling, let last = invites.last, last.hasProvisional, !last.hasFinal {
            try require(running.contains(.ring), "nothing ends the ringing")
        }
        if case .connected(let dialog) = call.phase {
            let state = dialogs[dialog]
            try require(state?.isOpen == true && state?.isAcked == true, "connected without a dialog")
            try require(state?.byes == 0 && state?.peerBye == false, "connected in a dialog that was ended")
            try require(running.contains(.maxDuration), "nothing bounds the call")
            let bounds: Set<CallTimer> = [.refresh, .sessionExpiry]
            if call.sessionInterval > 0 {
                // Where no interval was agreed on, the answer to a refresh alone says how it goes on.
                let isBound = !running.isDisjoint(with: bounds) || state?.awaitsRefresh == true
                try require(isBound, "nothing bounds the session's interval")
            }
        }
        for (dialog, state) in dialogs where state.isOpen && state.isAcked {
            let isKept = call.phase == .connected(dialog)
            try require(isKept || state.awaitsBye || state.owesBye, "\(dialog) is up and nobody ends it")
        }
    }
}
