import CallCore
import Foundation
import Store

/// What the API asks. A change is answered when it is durable, which is waited for in a task of its own.
extension Notifier: SubscriptionControl {
    /// Subscribes; see the protocol. The first events may be on their way before the reply.
    public func subscribe(
        _ request: SubscriptionRequest, reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void
    ) {
        do {
            try options.allowList.check(request.sink)
        } catch {
            // Names are looked at when they are connected to, each time.
            return reply(.failure(CAMARAError(400, .invalidSink, "sink \(error).")))
        }
        let id = state.withLock { state in
            state.life == .running ? SubscriptionID.random(using: &state.random) : nil
        }
        guard let id else { return reply(.failure(Notifier.notRunning)) }
        let subscription = Subscription(
            id: id, owner: request.owner, types: request.types, detail: request.detail, sink: request.sink,
            credential: request.credential, expiresAt: request.expiresAt, maximumEvents: request.maximumEvents,
            initialEvent: request.initialEvent, createdAt: options.clock(), dialect: request.dialect)
        Task {
            do throws(StoreError) {
                try await store.add(subscription)
            } catch {
                return reply(.failure(Notifier.refusal(for: error)))
            }
            begin(subscription, correlator: request.correlator)
            reply(.success(subscription))
        }
    }

    /// From here on it is told what happens, beginning with what is.
    private func begin(_ subscription: Subscription, correlator: String) {
        state.withLock { state in
            // One that was too short has already been taken out of the store, and its end told.
            guard state.life == .running, let stored = store.subscription(subscription.id) else { return }
            let now = options.clock()
            let session = state.session
            let actions = state.watches.add(stored, correlator: correlator, now: now, session: session)
            perform(actions, &state, now: now)
        }
        if subscription.expiresAt != nil || subscription.credential != nil { timekeeper.wake() }
    }

    /// The subscription, if it is live and `owner`'s.
    public func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription? {
        store.subscription(id, of: owner)
    }

    /// All live subscriptions of `owner`, oldest first.
    public func subscriptions(of owner: SessionOwner) -> [Subscription] { store.subscriptions(of: owner) }

    /// Changes what is not nil; events that wait are sent with the new credential. See the protocol.
    public func update(
        _ id: SubscriptionID, credential: SinkCredential?, expiresAt: Date?,
        reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void
    ) {
        Task {
            do throws(StoreError) {
                try await store.updateSubscription(id) { subscription in
                    if let credential { subscription.credential = credential }
                    if let expiresAt { subscription.expiresAt = expiresAt }
                }
            } catch {
                return reply(.failure(Notifier.refusal(for: error)))
            }
            let updated = state.withLock { state -> Subscription? in
                // Read again: of two updates, the one that is later here need not be the later one there.
                guard let updated = store.subscription(id) else { return nil }
                state.watches.replace(updated)
                if credential != nil { state.engine?.replaceCredential(updated.credential, of: id) }
                return updated
            }
            timekeeper.wake()
            reply(updated.map(Result.success) ?? .failure(.resourceNotFound))
        }
    }

    /// Ends a subscription as its owner; see the protocol. Where the disk refuses, it has ended all the same until the gateway
    /// ends, and the answer is 503.
    public func unsubscribe(_ id: SubscriptionID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void) {
        let isLive = state.withLock { state in
            // What has expired is no longer its owner's to end, though the end may not yet be told.
            guard state.life == .running, store.subscription(id) != nil, state.watches[id] != nil else { return false }
            let now = options.clock()
            perform(state.watches.end(id, .subscriptionDeleted, now: now), &state, now: now)
            return true
        }
        guard isLive else { return reply(.failure(.resourceNotFound)) }
        Task {
            do throws(StoreError) {
                try await store.flush()
            } catch {
                return reply(.failure(Notifier.refusal(for: error)))
            }
            reply(.success(()))
        }
    }

    // MARK: - Refusals

    /// Seconds after which a client may try what a full store refused: it frees places when subscriptions end.
    private static let quotaRetryAfter = 60

    private static var notRunning: CAMARAError {
        CAMARAError(
            503, .unavailable, "The gateway is starting or shutting down.",
            retryAfter: FinalResponse.defaultRetryAfter)
    }

    /// The store's refusal in CAMARA's words.
    static func refusal(for error: StoreError) -> CAMARAError {
        switch error {
        case .limitReached(.subscriptionsPerOwner):
            CAMARAError(
                429, .quotaExceeded, "There are as many subscriptions of this client as it may have.",
                retryAfter: quotaRetryAfter)
        case .limitReached(.bytesPerOwner):
            CAMARAError(
                429, .quotaExceeded, "Subscriptions and registrations take as much room as this caller may have.",
                retryAfter: quotaRetryAfter)
        case .limitReached(.clientShare):
            CAMARAError(
                429, .quotaExceeded,
                "The client's subscriptions and registrations take as much as is left for all other clients.",
                retryAfter: quotaRetryAfter)
        case .limitReached:
            CAMARAError(
                429, .quotaExceeded, "The gateway has as many subscriptions as it may keep.",
                retryAfter: quotaRetryAfter)
        case .notFound: .resourceNotFound
        // An id of 160 random bits is never there before.
        case .alreadyExists, .heldByAnother: CAMARAError(500, .internal, "The subscription could not be stored.")
        case .unavailable:
            CAMARAError(
                503, .unavailable, "The change cannot be stored now.", retryAfter: FinalResponse.defaultRetryAfter)
        }
    }
}
