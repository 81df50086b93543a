import CallCore

/// The last of a call when the gateway ends and the network has not confirmed in time.
extension SIPAgent {
    /// Gives up waiting for the response to our CANCEL or BYE, as the stack itself does when its timer runs out (408,
    /// RFC 3261 §8.1.3.1): the session gets its final status, and its owner is told.
    func giveUp(_ call: ActiveCall) {
        switch call.state.phase {
        case .ending(let dialog): handle(.byeAnswered(dialog, status: 408, isInternal: true), in: call)
        case .cancelling:
            let timeout = InviteResponse(status: 408, phrase: "Request Timeout", isInternal: true)
            for attempt in call.attempts.indices {
                handle(.response(attempt: attempt, timeout), in: call)
            }
        case .new, .waitingForOffer, .calling, .connected, .ended: break
        }
    }
}
