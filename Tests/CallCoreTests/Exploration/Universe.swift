import Testing

@testable import CallCore

/// A call together with what its driver, the network and the application remember of it: a node of the exploration.
///
/// What cannot influence a decision (texts, sequence numbers) is left out, so that equal situations are met once.
struct Universe: Hashable {
    private(set) var call: OutboundCall
    private(set) var running: Set<CallTimer> = []
    /// INVITEs without a final response.
    private(set) var pendingInvites: Set<Int> = []
    /// INVITEs that a 2xx answered: more may come, from other forks.
    private(set) var answeredInvites: Set<Int> = []
    private(set) var openDialogs: Set<DialogID> = []
    /// Dialogs of a 2xx; they end with a BYE, whoever sends it.
    private(set) var confirmedDialogs: Set<DialogID> = []
    private(set) var pendingByes: Set<DialogID> = []
    private(set) var endedByBye: Set<DialogID> = []
    private(set) var postAnswers = 0
    private(set) var finalStatus: SessionStatus?
    private(set) var isFinished = false

    init(trunks: Int, offer: SessionDescription?) {
        call = OutboundCall(
            session: .unplaced(offer: offer), choices: (0..<trunks).map { TrunkChoice(trunk: $0) },
            policy: CallPolicy())
    }

    /// The rules every call keeps; a broken one is what ``handle(_:)`` returns.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: - What may happen next

    /// Everything the network, the application and the clock can do here.
    var events: [Event] {
        var events: [Event] = [.end(.owner)]
        if call.phase == .waitingForOffer { events.append(.offer(.offer)) }
        events += running.map { .timer($0) }
        for attempt in pendingInvites { events += Universe.responses.map { .response(attempt: attempt, $0) } }
        for attempt in answeredInvites {
            events += Universe.lateResponses.map { .response(attempt: attempt, $0) }
        }
        for dialog in pendingByes {
            events.append(.byeAnswered(dialog, status: 200, isInternal: false))
            events.append(.byeAnswered(dialog, status: 503, isInternal: true))
        }
        for dialog in confirmedDialogs.intersection(openDialogs).subtracting(endedByBye.subtracting(pendingByes)) {
            events.append(.bye(dialog, reason: nil))
        }
        return events
    }

    private static let responses = [
        InviteResponse(status: 100),
        InviteResponse(status: 180, toTag: "a"),
        InviteResponse(status: 183, toTag: "b", rseq: 1, sdp: .answer),
        InviteResponse(status: 199, toTag: "a"),
        InviteResponse(status: 200, toTag: "a", sdp: .answer),
        InviteResponse(status: 200, toTag: "c"),
        InviteResponse(status: 302, redirect: Redirect(trunk: 1, user: "+17085854000")),
        InviteResponse(status: 422, minSE: 1800),
        InviteResponse(status: 486),
        InviteResponse(status: 503),
        InviteResponse(status: 503, isInternal: true),
        InviteResponse(status: 408, isInternal: true),
    ]

    /// From a fork that answers after another one, and the same answer once more.
    private static let lateResponses = [
        InviteResponse(status: 200, toTag: "b", sdp: .other),
        InviteResponse(status: 200, toTag: "a", sdp: .answer),
    ]

    // MARK: - What happens

    /// Gives the call an event and carries out in the books what it asks for.
    mutating func handle(_ event: Event) throws(Violation) {
        let before = call.phase
        noteBefore(event)
        let actions = call.handle(event)
        for action in actions { try carryOut(action) }
        try check(actions, after: event, in: before)
        call.session.sequenceNumber = 0
        call.session.reason = nil
    }

    private mutating func noteBefore(_ event: Event) {
        switch event {
        case .timer(let timer): running.remove(timer)
        case .response(let attempt, let response) where response.status >= 200:
            pendingInvites.remove(attempt)
            if response.status < 300 { answeredInvites.insert(attempt) }
        case .byeAnswered(let dialog, _, _): pendingByes.remove(dialog)
        case .bye(let dialog, _): endedByBye.insert(dialog)
        default: break
        }
    }

    private mutating func carryOut(_ action: Action) throws(Violation) {
        try require(!isFinished, "\(action) after finish")
        switch action {
        case .invite(let attempt, _, _, _): pendingInvites.insert(attempt)
        case .cancel(let attempt, _): try require(pendingInvites.contains(attempt), "CANCEL of an INVITE that is over")
        case .openDialog(let dialog, _):
            try require(openDialogs.insert(dialog).inserted, "a dialog is opened twice")
        case .refreshDialog(let dialog), .prack(let dialog, _, _):
            try require(openDialogs.contains(dialog), "\(action) outside a dialog")
        case .closeDialog(let dialog):
            try require(openDialogs.remove(dialog) != nil, "a dialog is closed that is not open")
            try require(
                !confirmedDialogs.contains(dialog) || endedByBye.contains(dialog), "a dialog is closed without a BYE")
            try require(!pendingByes.contains(dialog), "a dialog is closed before its BYE is answered")
        case .ack(let dialog, _):
            try require(openDialogs.contains(dialog), "ACK outside a dialog")
            confirmedDialogs.insert(dialog)
        case .bye(let dialog, _):
            try require(confirmedDialogs.contains(dialog) && openDialogs.contains(dialog), "BYE outside a dialog")
            try require(pendingByes.insert(dialog).inserted, "a second BYE while one is on its way")
            endedByBye.insert(dialog)
        case .start(let timer, _): running.insert(timer)
        case .stop(let timer): running.remove(timer)
        case .answerPost: postAnswers += 1
        case .finish: isFinished = true
        case .refresh, .releaseInvite, .publish, .show, .alarm: break
        }
    }

    // MARK: - The rules

    private mutating func check(
        _ actions: [Action], after event: Event, in before: OutboundCall.Phase
    ) throws(Violation) {
        if let finalStatus {
            try require(call.session.status == finalStatus, "a status follows the final one")
        } else if call.session.status.isFinal {
            finalStatus = call.session.status
        }
        try require(postAnswers <= 1, "the POST is answered twice")
        if case .response(_, let response) = event, (200..<300).contains(response.status) {
            try require(actions.contains { if case .ack = $0 { true } else { false } }, "a 2xx is not acknowledged")
            if case .connected(let dialog) = before {
                try require(!pendingByes.contains(dialog), "another 2xx ends the call")
            }
        }
        if case .connected = call.phase {
            try require(running.contains(.maxDuration), "nothing bounds the connected call")
        }
        guard isFinished else { return }
        try require(finalStatus != nil, "finished without a final status")
        try require(postAnswers == 1, "finished without an answer to the POST")
        try require(openDialogs.isEmpty && pendingByes.isEmpty, "finished with a dialog open")
        try require(pendingInvites.isEmpty, "finished with an INVITE out")
        try require(running.isSubset(of: [.resend]), "finished with timers running")
    }

    /// Answers all that is outstanding, and lets the clock run where nothing is, until the call finishes.
    mutating func settle() throws(Violation) {
        for _ in 0..<100 where !isFinished {
            if let dialog = pendingByes.first {
                try handle(.byeAnswered(dialog, status: 200, isInternal: false))
            } else if let attempt = pendingInvites.first {
                try handle(.response(attempt: attempt, InviteResponse(status: 408, isInternal: true)))
            } else if let timer = running.first {
                try handle(.timer(timer))
            } else {
                throw Violation(description: "nothing is outstanding, and the call has not finished")
            }
        }
        try require(isFinished, "the call never finishes")
    }

    private func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description: rule()) }
    }
}
