/// How an inbound call ends: by the caller, by us, by a timer.
extension InboundCall {
    /// The final response to the INVITE; the caller of this concludes.
    mutating func refuse(_ status: Int, retryAfter: Int? = nil, _ actions: inout [Action]) {
        provisional.unacknowledged = nil
        actions.append(.refuse(status: status, retryAfter: retryAfter))
    }

    /// Ends the whole call: with a refusal before the 200, with BYE after it.
    mutating func end(_ cause: OutboundCall.EndCause, _ actions: inout [Action]) {
        switch phase {
        case .new, .ending, .ended: return
        case .ringing:
            if cause == .shutdown {
                refuse(503, retryAfter: FinalResponse.defaultRetryAfter, &actions)
            } else {
                refuse(480, &actions)
            }
            conclude(cause.finalStatus, reason: cause.text, &actions)
        case .answering:
            // Told as connected, and the 200 has not gone out: the INVITE is refused instead.
            refuse(cause == .owner ? policy.hangUp.rawValue : 480, &actions)
            conclude(.terminated, reason: cause.text, &actions)
        case .connected(let device):
            end = cause
            phase = .ending(device: device)
            for timer in [CallTimer.maxDuration, .refresh, .sessionExpiry] { actions.append(.stop(timer)) }
            // RFC 3261 §15: a callee sends no BYE before it has the ACK, or knows that none will come.
            if isAcknowledged { sendBye(&actions) }
        }
    }

    mutating func sendBye(_ actions: inout [Action]) {
        awaitsBye = true
        actions.append(.bye(reason: (end ?? .owner).reasonHeader))
    }

    mutating func byeAnswered(status: Int, isInternal: Bool, _ actions: inout [Action]) {
        guard awaitsBye else { return }
        if isInternal, status == 503, byeResends < InboundCall.maximumResends {
            byeResends += 1
            actions.append(.start(.resend, .milliseconds(500 * byeResends)))
            return
        }
        awaitsBye = false
        conclude(.terminated, reason: endText ?? (end ?? .owner).text, &actions)
    }

    // MARK: - By the caller

    /// CANCEL: 487 to the INVITE. After our final response it changes nothing (RFC 3261 §9.2).
    mutating func cancel(reason: String?, isAnsweredElsewhere: Bool, _ actions: inout [Action]) {
        switch phase {
        case .ringing, .answering: break
        default: return
        }
        refuse(487, &actions)
        let text = reason.map { "SIP CANCEL; \($0)" } ?? "SIP CANCEL"
        conclude(.sessionCancelled, reason: isAnsweredElsewhere ? "answered elsewhere" : text, &actions)
    }

    /// BYE, also in the early dialog, where the INVITE is answered 487 (RFC 3261 §15.1.2).
    mutating func byeReceived(reason: String?, _ actions: inout [Action]) {
        let text = reason.map { "SIP BYE; \($0)" } ?? "SIP BYE"
        switch phase {
        case .ringing, .answering:
            refuse(487, &actions)
            conclude(.sessionCancelled, reason: text, &actions)
        case .connected: conclude(.terminated, reason: text, &actions)
        // Both sides hang up: the session has ended; the call goes when our own BYE is answered.
        case .ending: conclude(.terminated, reason: endText ?? (end ?? .owner).text, &actions)
        case .new, .ended: return
        }
    }

    /// The caller cannot be reached any more: there is nobody to tell.
    mutating func transportFailure(_ actions: inout [Action]) {
        switch phase {
        case .ringing, .answering: conclude(.failed, reason: "transport failure", &actions)
        case .connected where !isAcknowledged: conclude(.failed, reason: "transport failure", &actions)
        // There is nobody to send the BYE to that waits for the ACK.
        case .ending where !isAcknowledged: conclude(.terminated, reason: endText ?? (end ?? .owner).text, &actions)
        default: return
        }
    }

    // MARK: - Timers

    mutating func fire(_ timer: CallTimer, _ actions: inout [Action]) {
        switch timer {
        case .ring: if phase == .ringing { end(.ringTimeout, &actions) }
        case .maxDuration: end(.maxDuration, &actions)
        case .resend: if awaitsBye { actions.append(.bye(reason: (end ?? .owner).reasonHeader)) }
        case .sessionExpiry: end(.sessionTimeout, &actions)
        case .refresh: negotiate(.refreshDue, &actions)
        case .exchange: negotiate(.limit, &actions)
        case .glare: negotiate(.retry, &actions)
        case .answer: negotiate(.unanswered, &actions)
        case .progress, .noResponse, .offer: return
        }
    }
}
