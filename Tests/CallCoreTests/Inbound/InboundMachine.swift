import CallCore

/// What an ``InboundWorld`` has to know of the call it drives: an ``InboundCall``, or one with a fault planted.
protocol InboundMachine: Hashable {
    var devices: [InboundCall.Device] { get }
    var phase: InboundCall.Phase { get }
    var sessionInterval: UInt32 { get }
    mutating func handle(_ event: InboundCall.Event) -> [InboundCall.Action]
}

extension InboundCall: InboundMachine {}

/// An inbound call that does one thing wrong: what the exploration has to find.
struct FaultyInboundCall: InboundMachine {
    enum Fault: String, CaseIterable, Sendable {
        case answersTwice
        case hangsUpBeforeTheACK
        case forgetsRingTimer
        case forgetsAReply
        case answersAWaitingPutTwice
        case forgetsToTellTheOthers
        case forgetsItsBye
        case acceptsBeforeTheAnswer
        case staysAfterTheEnd
        case forgetsTheSessionTimer
    }

    private var call: InboundCall
    private let fault: Fault

    init(_ call: InboundCall, fault: Fault) {
        self.call = call
        self.fault = fault
    }

    var devices: [InboundCall.Device] { call.devices }
    var phase: InboundCall.Phase { call.phase }
    var sessionInterval: UInt32 { call.sessionInterval }

    mutating func handle(_ event: InboundCall.Event) -> [InboundCall.Action] {
        var actions = call.handle(event)
        switch fault {
        case .answersTwice:
            if let answer = actions.first(where: { if case .answer = $0 { true } else { false } }) {
                actions.append(answer)
            }
        case .hangsUpBeforeTheACK:
            if case .ending = call.phase, case .hangUp = event, !actions.contains(where: \.isBye) {
                actions.append(.bye(reason: "too early"))
            }
        case .forgetsRingTimer: actions.removeAll { if case .start(.ring, _) = $0 { true } else { false } }
        case .forgetsAReply: actions.removeAll { if case .reply(_, .accepted) = $0 { true } else { false } }
        case .answersAWaitingPutTwice:
            if let reply = actions.first(where: { if case .replyWaiting = $0 { true } else { false } }) {
                actions.append(reply)
            }
        case .forgetsToTellTheOthers: actions.removeAll { $0 == .publish(device: 1) }
        case .forgetsItsBye: actions.removeAll(where: \.isBye)
        case .acceptsBeforeTheAnswer:
            actions = actions.map { action in
                guard case .negotiate(.respond(500, _)) = action else { return action }
                return .negotiate(.respond(status: 200, .answer))
            }
        case .staysAfterTheEnd: actions.removeAll { $0 == .finish }
        case .forgetsTheSessionTimer:
            actions.removeAll { if case .start(.sessionExpiry, _) = $0 { true } else { false } }
        }
        return actions
    }
}

extension InboundCall.Action {
    fileprivate var isBye: Bool { if case .bye = self { true } else { false } }
}
