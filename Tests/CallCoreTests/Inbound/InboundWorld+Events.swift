import CallCore

/// What the network, the devices and the clock may do next.
extension InboundWorld {
    var moves: [InboundCall.Event] {
        if isFinished { return [] }
        if call.phase == .new { return [.start] }
        var events: [InboundCall.Event] = [.end(.shutdown)]
        if !isAnswered || !isSettled { events.append(.transportFailure) }
        for device in call.devices.indices {
            events.append(.hangUp(device: device))
            events += changes.map { .change(device: device, described($0, by: device)) }
        }
        if !hasFinal { events.append(.cancel(reason: nil, isAnsweredElsewhere: false)) }
        if unpracked != nil { events += [.prack(nil), .prack(.answer), .unacknowledged] }
        if isAnswered, !isSettled { events += [.ack(nil), .ack(.answer), .unacknowledged] }
        if !peerBye { events.append(.bye(reason: nil)) }
        if awaitsBye {
            events.append(.byeAnswered(status: 200, isInternal: false))
            if alphabet.contains(.brokenByes) {
                events += [.byeAnswered(status: 503, isInternal: true), .byeAnswered(status: 408, isInternal: true)]
            }
        }
        if alphabet.contains(.midCall), !peerBye { events += talk.events.map { .negotiation($0) } }
        if awaitsRefresh {
            for status in [200, 422, 481, 491] {
                events.append(.negotiation(.refreshAnswered(status: status, sessionExpires: nil, minSE: 2400)))
            }
        }
        if alphabet.contains(.sessionTimers), isConnected {
            events.append(.negotiation(.refreshed(sessionExpires: 600, refresherIsUs: true)))
            events.append(.negotiation(.refreshed(sessionExpires: 600, refresherIsUs: false)))
        }
        events += CallTimer.allCases.filter(running.contains).map { .timer($0) }
        return events
    }

    /// What a device may PUT.
    private var changes: [SessionChange] {
        var changes: [SessionChange] = []
        if alphabet.contains(.answering) {
            changes += [.waiting, .inProgress, .ringing, .busy].map { SessionChange(status: $0) }
        }
        changes.append(SessionChange(status: .connected))
        if alphabet.contains(.midCall), isConnected { changes += Dialogue.changes }
        return changes
    }

    /// The first description of a device comes with what it says before the answer.
    private func described(_ change: SessionChange, by device: Int) -> SessionChange {
        guard !isAnswered else { return change }
        var change = change
        let own = SessionDescription.made("device\(device)")
        switch change.status {
        case .inProgress?, .connected?: if offer == nil { change.offer = own } else { change.answer = own }
        default: break
        }
        return change
    }

    func step(_ way: WayOut) -> InboundCall.Event? {
        switch way {
        case .cooperation: return settling
        case .silence: return silence
        case .shutdown:
            switch call.phase {
            case .ringing, .answering, .connected: return .end(.shutdown)
            case .new, .ending, .ended: return settling
            }
        }
    }

    /// What still happens when neither the network nor a device does anything: transactions run out in the stack, and the
    /// call's own timers fire.
    private var silence: InboundCall.Event? {
        if unpracked != nil || isAnswered && !isSettled { return .unacknowledged }
        if awaitsBye { return .byeAnswered(status: 408, isInternal: true) }
        if awaitsRefresh { return .negotiation(.refreshAnswered(status: 408, sessionExpires: nil, minSE: nil)) }
        if isConnected, let event = talk.silence { return .negotiation(event) }
        return CallTimer.allCases.first(where: running.contains).map { .timer($0) }
    }

    /// Something that brings the call nearer to its end, as a network that answers everything would.
    private var settling: InboundCall.Event? {
        if !hasFinal { return .cancel(reason: nil, isAnsweredElsewhere: false) }
        if isAnswered, !isSettled { return .ack(offer == nil ? .answer : nil) }
        if awaitsBye { return .byeAnswered(status: 200, isInternal: false) }
        if isConnected { return .bye(reason: nil) }
        return CallTimer.allCases.first(where: running.contains).map { .timer($0) }
    }

    // MARK: - For the trace

    static func text(_ event: InboundCall.Event) -> String {
        switch event {
        case .change(let device, let change):
            var words = ["PUT"]
            if let status = change.status { words.append(status.rawValue) }
            if change.offer != nil { words.append("with offer") }
            if change.answer != nil { words.append("with answer") }
            return "device \(device): \(words.joined(separator: " "))"
        case .hangUp(let device): return "device \(device): DELETE"
        case .end(let cause): return "end: \(cause)"
        case .cancel: return "CANCEL"
        case .prack(let sdp): return "PRACK\(sdp == nil ? "" : " with SDP")"
        case .ack(let sdp): return "ACK\(sdp == nil ? "" : " with SDP")"
        case .unacknowledged: return "no ACK or PRACK comes"
        case .bye: return "the caller's BYE"
        case .byeAnswered(let status, let isInternal):
            return "our BYE: \(isInternal ? "the stack makes " : "")\(status)"
        case .timer(let timer): return "timer \(timer)"
        case .negotiation(let event): return event.text
        default: return "\(event)"
        }
    }

    static func text(_ action: InboundCall.Action) -> String {
        switch action {
        case .invite(let device): "invite device \(device)"
        case .publish(let device): "tell device \(device)"
        case .show(let device): "show device \(device)"
        case .provisional(let response): "\(response.status)\(response.isReliable ? " reliably" : "")"
        case .answer(let sdp): "200\(sdp == nil ? "" : " with SDP")"
        case .refuse(let status, _): "\(status)"
        case .bye: "BYE"
        case .reply(_, let reply): "answer PUT \(reply.http)"
        case .replyWaiting(_, let reply): "answer the PUT that waits \(reply.http)"
        case .start(let timer, let duration): "start \(timer) \(duration)"
        case .stop(let timer): "stop \(timer)"
        case .negotiate(let step): step.text
        case .finish: "finish"
        }
    }
}
