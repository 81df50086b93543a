import CallCore
import EventSinks
import Foundation

/// What the notifier is told. Every function may be called on any thread and never waits; the changes of one session, of
/// one thread, are told in the order of the calls.
extension Notifier {
    /// A session has reached another state that its owner is to know; the last call for a session has a final status. Without
    /// subscriptions this notes the session's begin and end and does nothing else.
    public func sessionChanged(_ session: Session) {
        state.withLock { state in
            guard state.life == .running else { return }
            let now = options.clock()
            perform(state.watches.sessionChanged(session, now: now), &state, now: now)
        }
    }

    /// A session that an earlier run has left, as it was then: to be said once before its end is.
    public func resume(_ session: Session) {
        state.withLock { $0.watches.resume(session) }
    }

    /// A call has come in for `session`'s owner; told before any ``sessionChanged(_:)`` of it (mapping §3).
    /// - Parameter offerRequired: the call came without an offer, the application has to make one.
    public func sessionInvited(_ session: Session, offerRequired: Bool) {
        state.withLock { state in
            guard state.life == .running else { return }
            let now = options.clock()
            let actions = state.watches.sessionInvited(session, offerRequired: offerRequired, now: now)
            perform(actions, &state, now: now)
        }
    }

    /// A registration is over without its owner's doing. Subscriptions of it and of its device stay (mapping §4).
    public func registrationEnded(_ registration: Registration, _ reason: RegistrationEndsData.Reason) {
        state.withLock { state in
            guard state.life == .running else { return }
            let now = options.clock()
            perform(state.watches.registrationEnded(registration, reason, now: now), &state, now: now)
        }
    }

    /// Ends a subscription for the operator's reasons: NETWORK_TERMINATED. Nothing happens to one that has ended.
    public func terminate(_ id: SubscriptionID) {
        state.withLock { state in
            guard state.life == .running else { return }
            let now = options.clock()
            perform(state.watches.end(id, .networkTerminated, now: now), &state, now: now)
        }
    }

    /// What became of an event: give this to `EventSinks.Options.onOutcome`.
    public func settled(_ outcome: DeliveryOutcome) {
        switch outcome.result {
        // Without the lock: what delivery has no room for is told from within `deliver`, which is called under it.
        case .delivered, .dropped: return
        case .subscriptionGone: sinkGone(outcome.delivery.subscription)
        case .credentialExpired: credentialRefused(outcome.delivery.subscription)
        }
    }

    private func sinkGone(_ id: SubscriptionID) {
        state.withLock { state in
            guard state.life == .running else { return }
            let actions = state.watches.sinkGone(id)
            if !actions.isEmpty { state.statistics.sinksGone += 1 }
            perform(actions, &state, now: options.clock())
        }
    }

    private func credentialRefused(_ id: SubscriptionID) {
        state.withLock { state in
            guard state.life == .running else { return }
            let now = options.clock()
            // A newer token may have come since.
            if let credential = store.subscription(id)?.credential, !credential.isExpired(at: now) { return }
            perform(state.watches.credentialRefused(id, now: now), &state, now: now)
        }
    }
}
