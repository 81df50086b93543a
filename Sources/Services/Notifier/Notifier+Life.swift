import CallCore
import Foundation
import Store

/// Beginning, end, and the time in between.
extension Notifier {
    /// Starts with the subscriptions of the store; those that expired while no gateway ran are told so at once, behind what
    /// an earlier run left undelivered: that comes first whether `engine` is started before this or after. Once only.
    /// - Parameters:
    ///   - engine: delivers; its outcomes come back to ``settled(_:)``. Kept until ``stop()``.
    ///   - session: the session as the API shows it, alive or kept after its end. Called under a lock: must not wait, nor
    ///     call the notifier.
    public func start(
        delivering engine: any DeliveryEngine, session: @escaping @Sendable (SessionID) -> Session?
    ) {
        guard load(delivering: engine, session: session) else { return }
        timekeeper.start { [self] in tick() }
    }

    /// ``start(delivering:session:)`` without the thread that keeps the time. False if it has been started before.
    func load(
        delivering engine: any DeliveryEngine, session: @escaping @Sendable (SessionID) -> Session?
    ) -> Bool {
        state.withLock { state in
            guard state.life == .made else { return false }
            state.life = .running
            state.engine = engine
            state.session = session
            let now = options.clock()
            for kept in store.allSubscriptions() {
                perform(
                    state.watches.load(kept.subscription, eventsTold: kept.eventsTold, now: now), &state, now: now)
            }
            return true
        }
    }

    /// From now on nothing is told and nothing is taken; what was handed over is the delivery engine's to finish. Returns
    /// when the notifier's thread has ended.
    public func stop() async {
        state.withLock { state in
            state.life = .stopped
            state.engine = nil
            state.session = { _ in nil }
        }
        await timekeeper.stop()
    }

    /// Ends the subscriptions whose time, or whose token's time, has come.
    /// - Returns: when to look again; nil if nothing will expire.
    @discardableResult
    func tick() -> Date? {
        while endExpired(limit: 100) {}
        let margin = options.tokenMargin.timeInterval
        return [store.nextSubscriptionExpiry, store.nextCredentialExpiry.map { $0 - margin }].compactMap { $0 }.min()
    }

    /// Ends some, so that the lock is held for a bounded time. True if there may be more.
    private func endExpired(limit: Int) -> Bool {
        state.withLock { state in
            guard state.life == .running else { return false }
            let now = options.clock()
            let expired = store.takeExpiredSubscriptions(limit: limit)
            for subscription in expired {
                perform(state.watches.expired(subscription, .subscriptionExpired, now: now), &state, now: now)
            }
            let deadline = now + options.tokenMargin.timeInterval
            let withoutToken = store.takeSubscriptions(credentialExpiringBy: deadline, limit: limit)
            for subscription in withoutToken {
                perform(state.watches.expired(subscription, .accessTokenExpired, now: now), &state, now: now)
            }
            return expired.count == limit || withoutToken.count == limit
        }
    }
}
