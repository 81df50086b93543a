import CallCore

/// Offers and answers in one dialog as the network and the application see them: what may come next, and what must not be
/// done. The same for calls in either direction.
struct Dialogue: Hashable {
    enum Method: Hashable {
        case invite, update
    }

    /// A request of the peer that has come and has no answer yet.
    struct Arrival: Hashable {
        var method: Method
        var offer: SessionDescription?
    }

    /// The peer's first description: what its later ones are made of.
    let peer: SessionDescription
    /// Our request with an offer that has no final response.
    private(set) var ours: Method?
    private(set) var isCancelled = false
    /// Lives for one step.
    private(set) var arrived: Arrival?
    /// The peer's request that the application is to answer.
    private(set) var asked: Arrival?
    /// Our 2xx to a re-INVITE waits for its ACK; with our offer, or the answer to the peer's.
    private(set) var unacknowledged: Bool?
    /// PUTs without an answer.
    private(set) var puts = 0

    init(peer: SessionDescription) { self.peer = peer }

    private func require(_ condition: Bool, _ rule: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(rule: rule()) }
    }

    // MARK: - What may come next

    /// What an application may PUT.
    static let changes: [SessionChange] = [
        SessionChange(status: .hold), SessionChange(status: .resume), SessionChange(offer: .made("wish")),
        SessionChange(answer: .made("mine")),
    ]

    /// What the network may do.
    var events: [Negotiation.Event] {
        var events: [Negotiation.Event] = []
        if let ours {
            for status in [200, 481, 488, 491] + (isCancelled ? [487] : []) {
                events.append(answer(status, status == 200 ? peer : nil))
            }
            if ours == .invite { events.append(answer(200, nil)) }
        }
        let held = SessionDescription(unchecked: peer.text + "a=sendonly\r\n")
        events += [.invite(offer: held), .invite(offer: .made("more")), .invite(offer: nil)]
        events += [.update(offer: peer), .update(offer: .made("more"))]
        if let isOffer = unacknowledged {
            events += [.acknowledged(answer: isOffer ? peer : nil), .notAcknowledged]
        }
        if asked?.method == .invite { events.append(.cancelled) }
        return events
    }

    private func answer(_ status: Int, _ sdp: SessionDescription?) -> Negotiation.Event {
        .answered(status: status, reason: "SIP \(status)", answer: sdp, draw: 0)
    }

    /// What still happens when nobody says anything.
    var silence: Negotiation.Event? {
        if ours != nil { return answer(408, nil) }
        return unacknowledged == nil ? nil : .notAcknowledged
    }

    // MARK: - A step

    /// What the event itself means.
    mutating func note(_ event: Negotiation.Event) {
        switch event {
        case .change: puts += 1
        case .answered: (ours, isCancelled) = (nil, false)
        case .invite(let offer): arrived = Arrival(method: .invite, offer: offer)
        case .update(let offer): arrived = Arrival(method: .update, offer: offer)
        case .acknowledged, .notAcknowledged: unacknowledged = nil
        default: break
        }
    }

    /// The PUT that a call took was answered, or waits.
    mutating func noteReply() throws(Violation) {
        puts -= 1
        try require(puts >= 0, "a PUT was answered twice")
    }

    mutating func perform(_ action: Negotiation.Action) throws(Violation) {
        switch action {
        case .reinvite:
            try offer(by: .invite)
            try require(unacknowledged == nil, "a re-INVITE before the ACK of the peer's")
        case .update: try offer(by: .update)
        case .cancel:
            try require(ours != nil && !isCancelled, "CANCEL of nothing")
            isCancelled = true
        case .respond(let status, let description):
            guard let request = arrived else { throw Violation(rule: "a response to no request") }
            arrived = nil
            if status == 200 { try accept(request, description) }
        case .ask:
            guard let request = arrived else { throw Violation(rule: "no request to be asked about") }
            try require(ours == nil && asked == nil && unacknowledged != true, "an offer is open twice")
            (arrived, asked) = (nil, request)
            // The peer sends no other INVITE before its ACK.
            if request.method == .invite { unacknowledged = nil }
        case .settle(let status, let description):
            guard let request = asked else { throw Violation(rule: "a kept request answered twice") }
            asked = nil
            if status == 200 { try accept(request, description) }
        case .reply, .replyToAnswer: try noteReply()
        case .start, .stop, .tell, .lost, .refresh: break
        }
    }

    private mutating func offer(by method: Method) throws(Violation) {
        try require(ours == nil && asked == nil && unacknowledged != true, "an offer is open twice")
        ours = method
    }

    private mutating func accept(_ request: Arrival, _ description: SessionDescription?) throws(Violation) {
        try require(ours == nil && asked == nil && unacknowledged != true, "an offer is open twice")
        try require(description != nil, "an offer accepted without an answer")
        if request.method == .invite { unacknowledged = request.offer == nil }
    }

    // MARK: - What must hold between steps

    /// Nothing is left unanswered, and what waits has a timer that ends the wait.
    func check(_ running: Set<CallTimer>, isLive: Bool) throws(Violation) {
        try require(arrived == nil, "a request of the peer was not answered")
        if asked != nil { try require(running.contains(.answer), "nothing ends the wait for the application") }
        if puts > 0 { try require(running.contains(.exchange), "nothing ends a PUT's wait") }
        if isLive, ours == .invite {
            try require(running.contains(.exchange) || isCancelled, "nothing ends our re-INVITE")
        }
    }

    /// What a session has to show.
    func check(_ session: Session) throws(Violation) {
        if let asked {
            try require(session.offer == asked.offer && session.answer == nil, "the network's offer is not shown")
        } else {
            try require(session.offer != nil && session.answer != nil, "an agreement is not shown")
        }
    }

    func checkEnd() throws(Violation) {
        try require(puts == 0, "the end left a PUT unanswered")
        try require(asked == nil, "the end left a request of the peer unanswered")
    }
}

extension SessionDescription {
    /// A description that need not be checked.
    fileprivate init(unchecked text: String) {
        do throws(Malformed) {
            try self.init(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

// MARK: - For the trace

extension Negotiation.Event {
    var text: String {
        switch self {
        case .change(let change):
            let hold = change.hold.map { $0 ? "Hold" : "Resume" }
            return "PUT " + (hold ?? (change.answer == nil ? "offer" : "answer"))
        case .answered(let status, _, let answer, _, _):
            return "our offer: \(status)\(answer == nil ? "" : " with SDP")"
        case .invite(let offer): return "re-INVITE\(Negotiation.Event.kind(offer))"
        case .update(let offer): return "UPDATE\(Negotiation.Event.kind(offer))"
        case .acknowledged(let answer): return "ACK\(answer == nil ? "" : " with SDP")"
        default: return "\(self)"
        }
    }

    private static func kind(_ offer: SessionDescription?) -> String {
        guard let offer else { return " without SDP" }
        if offer == .made("more") { return " with other media" }
        return offer.text.contains("sendonly") ? " that holds" : " with the same media"
    }
}

extension Negotiation.Action {
    var text: String {
        switch self {
        case .reinvite: "re-INVITE"
        case .update: "UPDATE"
        case .respond(let status, _): "answer \(status)"
        case .settle(let status, _): "answer the kept request \(status)"
        case .ask: "keep the request"
        case .reply(let error), .replyToAnswer(let error): error.map { "answer PUT \($0.status)" } ?? "answer PUT"
        default: "\(self)"
        }
    }
}
