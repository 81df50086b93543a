import CallCore

/// What a ``World`` has to know of the call it drives: an ``OutboundCall``, or one with a fault planted.
protocol CallMachine: Hashable {
    var session: Session { get }
    var phase: OutboundCall.Phase { get }
    var sessionInterval: UInt32 { get }
    var negotiableDialog: DialogID? { get }
    func decide(_ change: SessionChange) -> OutboundCall.ChangeDecision
    mutating func handle(_ event: Event) -> [Action]
}

extension OutboundCall: CallMachine {}

/// A call that does one thing wrong: what the exploration has to find.
struct FaultyCall: CallMachine {
    enum Fault: String, CaseIterable, Sendable {
        case forgetsACKOfSecondFork
        case sendsBYETwiceAcrossCANCEL
        case publishesAfterTheEnd
        case forgetsRingTimer
        case acknowledgesRepetition
        case forgetsToResendBYE
        case staysAfterTheEnd
        case answersPostTwice
        case answersPutTwice
        case acceptsWhileItsOfferIsOpen
        case forgetsAnswerTimer
        case leavesTheKeptRequest
        case asksInSilence
    }

    private var call: OutboundCall
    private let fault: Fault

    init(_ call: OutboundCall, fault: Fault) {
        self.call = call
        self.fault = fault
    }

    var session: Session { call.session }
    var phase: OutboundCall.Phase { call.phase }
    var sessionInterval: UInt32 { call.sessionInterval }
    var negotiableDialog: DialogID? { call.negotiableDialog }

    func decide(_ change: SessionChange) -> OutboundCall.ChangeDecision { call.decide(change) }

    mutating func handle(_ event: Event) -> [Action] {
        let before = call.phase
        var actions = call.handle(event)
        switch fault {
        case .forgetsACKOfSecondFork:
            if case .connected(let winner) = before {
                actions.removeAll { if case .ack(let dialog, _) = $0 { dialog != winner } else { false } }
            }
        case .sendsBYETwiceAcrossCANCEL:
            let bye = actions.first { if case .bye = $0 { true } else { false } }
            if before == .cancelling, let bye { actions.append(bye) }
        case .publishesAfterTheEnd:
            if before == .ended, !actions.isEmpty { actions.insert(.publish, at: 0) }
        case .forgetsRingTimer: actions.removeAll { if case .start(.ring, _) = $0 { true } else { false } }
        case .acknowledgesRepetition:
            if case .response(let attempt, let response) = event, response.status == 183, let rseq = response.rseq,
                actions.isEmpty
            {
                actions = [.prack(DialogID(attempt: attempt, index: 0), rseq: rseq, cseq: response.cseq)]
            }
        case .forgetsToResendBYE:
            if case .byeAnswered = event {
                actions.removeAll { if case .start(.resend, _) = $0 { true } else { false } }
            }
        case .staysAfterTheEnd: actions.removeAll { $0 == .finish }
        case .answersPostTwice:
            if before != .connected(.first), call.phase == .connected(.first), !actions.contains(.answerPost(nil)) {
                actions.append(.answerPost(nil))
            }
        case .answersPutTwice:
            if case .negotiation(_, .answered) = event, let reply = actions.first(where: \.isReply) {
                actions.append(reply)
            }
        case .acceptsWhileItsOfferIsOpen:
            actions = actions.map { action in
                guard case .negotiate(let dialog, .respond(491, _)) = action else { return action }
                return .negotiate(dialog, .respond(status: 200, .answer))
            }
        case .forgetsAnswerTimer:
            actions.removeAll { if case .start(.answer, _) = $0 { true } else { false } }
        case .leavesTheKeptRequest:
            if case .bye = event {
                actions.removeAll { if case .negotiate(_, .settle) = $0 { true } else { false } }
            }
        case .asksInSilence:
            if actions.contains(where: { if case .negotiate(_, .ask) = $0 { true } else { false } }) {
                actions.removeAll { $0 == .publish }
            }
        }
        return actions
    }
}

extension Action {
    fileprivate var isReply: Bool { if case .negotiate(_, .reply) = self { true } else { false } }
}
