import CallCore

/// What must hold between two steps of an inbound call.
extension InboundWorld {
    func checkSession(_ device: Int, before: Session, _ actions: [InboundCall.Action]) throws(Violation) {
        let after = call.devices[device].session
        if before.status.isFinal { try require(after == before, "a session changed after its final status") }
        if let shown = shown[device] { try require(shown == after, "a session changed and nobody was told") }
        guard after != before else { return }
        if after.status != before.status {
            let isTold = actions.contains(.publish(device: device)) || actions.contains(.invite(device: device))
            try require(isTold, "a status that was not told")
            try require(after.sequenceNumber > before.sequenceNumber, "a status without its event number")
        }
    }

    func checkState() throws(Violation) {
        let alive = call.devices.filter(\.isAlive)
        try require((call.phase == .ended) == alive.isEmpty, "the last session and the call end together")
        if let answered = alive.first(where: { $0.session.status.isAnswered }) {
            try require(alive.count == 1, "a device is left beside the one that answered")
            // Before the ACK the answer to our own offer is still to come.
            if case .connected = call.phase, offer != nil || isSettled { try talk.check(answered.session) }
        }
        try talk.check(running, isLive: isConnected)
        if owesBye { try require(running.contains(.resend), "a BYE is owed and no timer will send it") }
        if isFinished {
            try require(alive.isEmpty && running.isEmpty && !awaitsBye && !owesBye, "finish while something is left")
            return try talk.checkEnd()
        }
        switch call.phase {
        case .new, .ended: break
        case .ringing, .answering:
            try require(running.contains(.ring) || unpracked != nil, "nothing ends the call")
        case .connected:
            try require(running.contains(.maxDuration), "nothing bounds the call")
            if call.sessionInterval > 0 {
                // Where no interval was agreed on, the answer to a refresh alone says how it goes on.
                try require(
                    running.contains(.refresh) || running.contains(.sessionExpiry) || awaitsRefresh,
                    "nothing bounds the session's interval")
            }
        case .ending:
            try require(awaitsBye || owesBye || !isSettled, "ending, and no BYE is out or will be")
        }
    }

    var isConnected: Bool { if case .connected = call.phase { true } else { false } }

    /// Whatever is said to a finished call, it does nothing but refuse.
    func checkFinished() throws(Violation) {
        var events: [InboundCall.Event] = [
            .start, .hangUp(device: 0), .end(.shutdown), .cancel(reason: nil, isAnsweredElsewhere: false), .prack(nil),
            .ack(nil), .unacknowledged, .bye(reason: nil), .byeAnswered(status: 200, isInternal: false),
            .transportFailure, .negotiation(.acknowledged(answer: nil)), .negotiation(.retry),
        ]
        events += CallTimer.allCases.map { .timer($0) }
        for event in events {
            var copy = call
            let actions = copy.handle(event)
            try require(actions.isEmpty, "\(InboundWorld.text(event)) moves a finished call")
            try require(copy == call, "\(InboundWorld.text(event)) changes a finished call")
        }
        var copy = call
        let actions = copy.handle(.change(device: 0, SessionChange(status: .ringing)))
        let isRefused = if actions.count == 1, case .reply(0, .refused)? = actions.first { true } else { false }
        try require(isRefused && copy == call, "a PUT moves a finished call")
    }
}
