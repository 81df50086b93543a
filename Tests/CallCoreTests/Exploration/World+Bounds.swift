import CallCore

/// Rules about time: nothing waits for ever, and nothing happens once all is over.
extension World {
    /// Each phase has a timer running or a transaction open that ends it.
    func checkBounds() throws(Violation) {
        for (attempt, invite) in invites.enumerated() where !invite.hasFinal {
            // Timer B, the silence after a CANCEL (RFC 3261 §9.1), or our own.
            let isBounded = invite.isCancelled || !invite.hasProvisional || running.contains(.ring)
            try require(isBounded, "nothing ends INVITE \(attempt)")
        }
        for (dialog, state) in dialogs where state.isOpen && !state.isAcked {
            try require(!invites[dialog.attempt].hasFinal, "early dialog \(dialog.text) outlives its INVITE")
        }
        let isOpen = invites.last?.hasFinal == false
        switch call.phase {
        case .new: break
        case .waitingForOffer: try require(running.contains(.offer), "nothing ends the wait for an offer")
        case .calling: try require(isOpen || running.contains(.resend), "calling, and no INVITE is out or will be")
        case .cancelling: try require(isOpen && invites.last?.isCancelled == true, "nothing was cancelled")
        case .connected: break
        case .ending(let dialog):
            let state = dialogs[dialog]
            try require(state?.awaitsBye == true || state?.owesBye == true, "ending, and no BYE is out or will be")
        case .ended: break
        }
    }

    /// Offers and answers: each dialog by itself, and the session that shows the one that counts.
    func checkTalks() throws(Violation) {
        for (dialog, talk) in talks {
            try talk.check(running, isLive: call.negotiableDialog == dialog)
            guard call.phase == .connected(dialog) else { continue }
            try talk.check(call.session)
        }
    }

    /// After its final status a call only clears up: forks that answer late, BYEs that are owed.
    func checkAfterEnd(_ action: Action) throws(Violation) {
        switch action {
        case .invite, .prack, .refresh, .cancel, .answerPost, .publish, .show, .alarm:
            throw Violation(rule: "\(action.text) after the final status")
        case .negotiate(_, .reinvite), .negotiate(_, .update), .negotiate(_, .ask):
            throw Violation(rule: "\(action.text) after the final status")
        case .start(let timer, _): try require(timer == .resend, "\(timer) started after the final status")
        default: break
        }
    }

    /// Whatever is said to a finished call, it does nothing.
    func checkFinished() throws(Violation) {
        var events: [Event] = [.start, .offer(.offer), .end(.owner), .end(.shutdown)]
        for attempt in invites.indices {
            events.append(.response(attempt: attempt, InviteResponse(status: 180, toTag: "late")))
            events.append(.response(attempt: attempt, InviteResponse(status: 200, toTag: "a", sdp: .answer)))
            events.append(.response(attempt: attempt, InviteResponse(status: 487, toTag: "x")))
        }
        for dialog in dialogs.keys {
            events.append(.bye(dialog, reason: nil))
            events.append(.byeAnswered(dialog, status: 200, isInternal: false))
        }
        events += CallTimer.allCases.map { .timer($0) }
        for event in events {
            var copy = call
            let actions = copy.handle(event)
            try require(actions.isEmpty, "\(World.text(event)) moves a finished call")
            try require(copy == call, "\(World.text(event)) changes a finished call")
        }
    }
}
