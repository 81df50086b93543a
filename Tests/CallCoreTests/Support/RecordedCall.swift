import CallCore
import Testing

typealias Action = OutboundCall.Action
typealias Event = OutboundCall.Event
typealias DialogID = OutboundCall.DialogID

/// A call whose driver carries nothing out but writes everything down: what a table test looks at.
struct RecordedCall {
    struct Invite: Equatable {
        var trunk: Int
        var user: String?
        var minSE: UInt32?
    }

    private(set) var call: OutboundCall
    private(set) var invites: [Invite] = []
    /// What the POST was answered with; nil stands for the 201.
    private(set) var postAnswers: [CAMARAError?] = []
    /// The session at each `publish`.
    private(set) var told: [Session] = []
    private(set) var running: [CallTimer: Duration] = [:]
    private(set) var alarms: [String] = []
    private(set) var all: [Action] = []

    init(trunks: Int = 1, offer: SessionDescription? = .offer, policy: CallPolicy = CallPolicy()) {
        self.init(choices: (0..<trunks).map { TrunkChoice(trunk: $0) }, offer: offer, policy: policy)
    }

    init(
        choices: [TrunkChoice], offer: SessionDescription? = .offer, policy: CallPolicy = CallPolicy(),
        isEmergency: Bool = false
    ) {
        call = OutboundCall(
            session: .unplaced(offer: offer), choices: choices, policy: Shared(policy), isEmergency: isEmergency)
    }

    /// A call whose INVITE to the first trunk is out.
    static func started(
        trunks: Int = 1, offer: SessionDescription? = .offer, policy: CallPolicy = CallPolicy()
    ) -> RecordedCall {
        var call = RecordedCall(trunks: trunks, offer: offer, policy: policy)
        call.handle(.start)
        return call
    }

    /// A call answered by the dialog of tag `a`.
    static func connected(
        policy: CallPolicy = CallPolicy(), sessionExpires: UInt32? = nil, refresherIsUAC: Bool = false,
        allowsUpdate: Bool = false
    ) -> RecordedCall {
        var call = RecordedCall.started(policy: policy)
        call.receive(
            InviteResponse(
                status: 200, phrase: "OK", toTag: "a", sdp: .answer, sessionExpires: sessionExpires,
                refresherIsUAC: refresherIsUAC, allowsUpdate: allowsUpdate))
        return call
    }

    var session: Session { call.session }
    var phase: OutboundCall.Phase { call.phase }
    var statuses: [SessionStatus] { told.map(\.status) }
    var isFinished: Bool { all.contains(.finish) }
    var cancels: [Int] { all.compactMap { if case .cancel(let attempt, _) = $0 { attempt } else { nil } } }
    var acks: [DialogID] { all.compactMap { if case .ack(let dialog, _) = $0 { dialog } else { nil } } }
    var byes: [DialogID] { all.compactMap { if case .bye(let dialog, _) = $0 { dialog } else { nil } } }
    var pracks: [Action] { all.filter { if case .prack = $0 { true } else { false } } }
    var opened: [Action] { all.filter { if case .openDialog = $0 { true } else { false } } }
    var closed: [DialogID] { all.compactMap { if case .closeDialog(let dialog) = $0 { dialog } else { nil } } }

    mutating func choose(_ choices: [TrunkChoice]) { call.choose(choices) }

    @discardableResult
    mutating func handle(_ event: Event) -> [Action] {
        let actions = call.handle(event)
        all += actions
        for action in actions {
            switch action {
            case .invite(let attempt, let trunk, let user, let minSE):
                #expect(attempt == invites.count, "attempts are numbered one after the other")
                invites.append(Invite(trunk: trunk, user: user, minSE: minSE))
            case .answerPost(let error): postAnswers.append(error)
            case .publish: told.append(call.session)
            case .start(let timer, let duration): running[timer] = duration
            case .stop(let timer): running[timer] = nil
            case .alarm(let text): alarms.append(text)
            default: break
            }
        }
        return actions
    }

    @discardableResult
    mutating func receive(_ response: InviteResponse, attempt: Int = 0) -> [Action] {
        handle(.response(attempt: attempt, response))
    }

    @discardableResult
    mutating func receive(
        _ status: Int, _ phrase: String = "", attempt: Int = 0, tag: String? = "a", sdp: SessionDescription? = nil,
        rseq: UInt32? = nil, q850: Int? = nil
    ) -> [Action] {
        receive(
            InviteResponse(
                status: status, phrase: phrase, toTag: status == 100 ? nil : tag, rseq: rseq, sdp: sdp, q850: q850),
            attempt: attempt)
    }

    /// The stack's own verdict: 408 for Timer B, 503 for a transport failure.
    @discardableResult
    mutating func stackFails(_ status: Int, attempt: Int = 0) -> [Action] {
        receive(InviteResponse(status: status, isInternal: true), attempt: attempt)
    }

    /// Fires `timer`, which has to be running.
    @discardableResult
    mutating func fire(_ timer: CallTimer, sourceLocation: SourceLocation = #_sourceLocation) -> [Action] {
        #expect(running[timer] != nil, "\(timer) is not running", sourceLocation: sourceLocation)
        running[timer] = nil
        return handle(.timer(timer))
    }

    @discardableResult
    mutating func byeAnswered(
        _ dialog: DialogID = .first, status: Int = 200, isInternal: Bool = false
    ) -> [Action] {
        handle(.byeAnswered(dialog, status: status, isInternal: isInternal))
    }
}

extension DialogID {
    static let first = DialogID(attempt: 0, index: 0)
    static let second = DialogID(attempt: 0, index: 1)
}

extension Session {
    /// A session whose call has not begun.
    static func unplaced(offer: SessionDescription?) -> Session {
        Session(
            id: SessionID(rawValue: "0AEE1B58"), owner: SessionOwner(client: "app"),
            originatorAddress: "tel:+17085852753", receiverAddress: "tel:+17085854000", offer: offer)
    }
}

extension SessionDescription {
    static let offer = made("offer")
    static let answer = made("answer")
    static let other = made("other")

    /// A well-formed description that `name` tells from others.
    static func made(_ name: String) -> SessionDescription {
        do throws(Malformed) {
            return try SessionDescription(
                "v=0\r\no=\(name) 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
