/// Emergency calls (emergency design): they try every trunk they may, and one may come of a call that was none.
extension OutboundCall {
    /// The network wants an emergency call in place of this one (emergency 7): it goes to the trunks for those, if there are
    /// any; else the application is told to dial natively.
    mutating func becomeEmergency(_ response: InviteResponse, _ actions: inout [Action]) {
        guard let target = response.emergency, !target.choices.isEmpty,
            attempts.count < OutboundCall.maximumAttempts
        else { return failWithoutEmergency(response, &actions) }
        isEmergency = true
        session.callType = .emergency
        choices = target.choices
        nextChoice = 0
        actions.append(.becomeEmergency(service: target.service))
        nextAttempt(&actions)
    }

    /// After a final response, or none: the next trunk, whatever the response was. Only a call that has rung somewhere has
    /// reached somebody. A redirection is not followed: it may lead to where nobody helps.
    mutating func proceedWithEmergency(
        after response: InviteResponse, of attempt: Attempt, _ actions: inout [Action]
    ) {
        if hasChoice, !attempt.hasRung { return nextAttempt(&actions) }
        if (300..<400).contains(response.status) { return failWithoutEmergency(response, &actions) }
        settle(response.final, response, attempt, &actions)
    }

    private mutating func failWithoutEmergency(_ response: InviteResponse, _ actions: inout [Action]) {
        fail(
            FinalOutcome(status: .failed, error: .emergencyNotSupported, isCalleeOutcome: false, isAlarm: false),
            reason: "\(response.reasonText); emergency call, not supported here: dial natively", &actions)
    }
}
