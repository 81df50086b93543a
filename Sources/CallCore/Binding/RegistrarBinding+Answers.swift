/// What the registrar says.
extension RegistrarBinding {
    /// How often one REGISTER is sent again before it has failed.
    static let maximumRepeats = 8

    mutating func answered(_ answer: RegisterAnswer, at now: UInt64, draw: UInt64, _ actions: inout [Action]) {
        guard let request = outstanding else { return }
        // Nobody tries another address for what is wanted no more.
        if answer.hasNext, wanted != nil || request.expires == 0 {
            return repeatRequest(at: now, isCounted: false, &actions)
        }
        if answer.isAnswerable, request.repeats < RegistrarBinding.maximumRepeats {
            return repeatRequest(at: now, &actions)
        }
        if request.expires > 0, answer.status == 423, let least = answer.minExpires, least > request.expires,
            least <= RegistrationPolicy.longest, request.repeats < RegistrarBinding.maximumRepeats
        {
            shortest = least
            return repeatRequest(at: now, &actions)
        }
        outstanding = nil
        if request.expires == 0 {
            // Taken back, or as good as that: what is left of it runs out.
            bound = nil
        } else if (200..<300).contains(answer.status), answer.granted != 0 {
            granted(answer.granted ?? request.expires, to: request, &actions)
        } else {
            failed(answer, to: request, at: now, draw: draw, &actions)
        }
        proceed(at: now, &actions)
    }

    private mutating func granted(_ seconds: UInt32, to request: Outstanding, _ actions: inout [Action]) {
        let seconds = UInt64(min(seconds, RegistrationPolicy.longest))
        // From when it was sent: never later than the registrar counts.
        let until = request.sentAt &+ seconds * 1_000_000_000
        bound = until
        isPresumed = false
        failures = 0
        (isRefused, isAlarmed) = (false, false)
        if !isStanding, wanted != nil {
            // Nobody is promised more than is granted; what was promised before still is. Who was told that it takes too long
            // is promised nothing.
            if request.patience != nil { kept = max(kept ?? 0, min(request.wish, until)) }
            wantLater()
        }
        // What is wanted no longer than it is bound runs out by itself.
        if let wanted, isStanding || wanted > until &+ 1_000_000_000 {
            // TS 24.229 §5.1.1.4.1.
            let wait = seconds > 1_200 ? seconds - 600 : max(seconds / 2, 1)
            refresh = request.sentAt &+ wait * 1_000_000_000
        }
        answer(.granted(until: until), to: request, &actions)
    }

    private mutating func failed(
        _ response: RegisterAnswer, to request: Outstanding, at now: UInt64, draw: UInt64, _ actions: inout [Action]
    ) {
        let failure = response.failure
        failures = min(failures + 1, 32)
        isRefused = failure.isRefusal
        if isPresumed, isRefused { (bound, isPresumed) = (now, false) }
        let concernsOperator = isStanding && wanted != nil || failure.isOperators
        if concernsOperator, isRefused || !isAlarmed {
            isAlarmed = true
            actions.append(.alarm(failure.alarm))
        }
        answer(.failed(failure), to: request, &actions)
        if !isStanding {
            wantLater()
            // Refused is refused: only another wish asks again, and one that has come meanwhile has an answer of its own.
            if owed == nil, wanted == nil || isRefused { return }
        }
        retry = now &+ policy.wait(afterFailures: failures, isRefusal: isRefused, response.retryAfter, draw: draw)
    }

    /// Who was told that it takes too long is told nothing more.
    private func answer(_ outcome: Outcome, to request: Outstanding, _ actions: inout [Action]) {
        if request.patience != nil { actions.append(.answer(outcome)) }
    }

    /// What is to come now that nothing is under way.
    private mutating func proceed(at now: UInt64, _ actions: inout [Action]) {
        if owed != nil, wanted != nil { return send(at: now, &actions) }
        owed = nil
        guard wanted != nil else { return conclude(at: now, &actions) }
        // Refused without ever having been bound, it is as good as run out.
        if let end = bound ?? (isRefused ? 0 : nil), end <= now { ranOut(at: now, &actions) }
    }
}
