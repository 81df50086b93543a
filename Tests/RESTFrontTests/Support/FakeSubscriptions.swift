import CallCore
import Foundation
import Synchronization

/// A notifier that answers what a test has told it, at once.
final class FakeSubscriptions: SubscriptionControl {
    struct Update: Equatable {
        var id: SubscriptionID
        var credential: SinkCredential?
        var expiresAt: Date?
    }

    private struct State {
        /// In the order they were made.
        var subscriptions: [Subscription] = []
        var requests: [SubscriptionRequest] = []
        var updates: [Update] = []
        var ended: [SubscriptionID] = []
        var error: CAMARAError?
    }

    /// When every subscription that it makes begins: 2023-11-14T22:13:20Z.
    static let createdAt = Date(timeIntervalSince1970: 1_700_000_000)

    private let state = Mutex(State())

    /// What was asked for so far.
    var requests: [SubscriptionRequest] { state.withLock(\.requests) }
    var updates: [Update] { state.withLock(\.updates) }
    var ended: [SubscriptionID] { state.withLock(\.ended) }

    /// From now on every change fails with it.
    func fail(_ error: CAMARAError?) { state.withLock { $0.error = error } }

    /// Has a live subscription.
    func add(_ subscription: Subscription) { state.withLock { $0.subscriptions.append(subscription) } }

    func subscribe(
        _ request: SubscriptionRequest, reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void
    ) {
        let result = state.withLock { state -> Result<Subscription, CAMARAError> in
            state.requests.append(request)
            if let error = state.error { return .failure(error) }
            let subscription = Subscription(
                id: SubscriptionID(rawValue: "S\(state.requests.count)"), owner: request.owner, types: request.types,
                detail: request.detail, sink: request.sink, credential: request.credential,
                expiresAt: request.expiresAt, maximumEvents: request.maximumEvents,
                initialEvent: request.initialEvent, createdAt: FakeSubscriptions.createdAt, dialect: request.dialect)
            state.subscriptions.append(subscription)
            return .success(subscription)
        }
        reply(result)
    }

    func subscription(_ id: SubscriptionID, of owner: SessionOwner) -> Subscription? {
        state.withLock { $0.subscriptions.first { $0.id == id && $0.owner == owner } }
    }

    func subscriptions(of owner: SessionOwner) -> [Subscription] {
        state.withLock { $0.subscriptions.filter { $0.owner == owner } }
    }

    func update(
        _ id: SubscriptionID, credential: SinkCredential?, expiresAt: Date?,
        reply: @escaping @Sendable (Result<Subscription, CAMARAError>) -> Void
    ) {
        let result = state.withLock { state -> Result<Subscription, CAMARAError> in
            state.updates.append(Update(id: id, credential: credential, expiresAt: expiresAt))
            if let error = state.error { return .failure(error) }
            guard let index = state.subscriptions.firstIndex(where: { $0.id == id }) else {
                return .failure(.resourceNotFound)
            }
            if let credential { state.subscriptions[index].credential = credential }
            if let expiresAt { state.subscriptions[index].expiresAt = expiresAt }
            return .success(state.subscriptions[index])
        }
        reply(result)
    }

    func unsubscribe(_ id: SubscriptionID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void) {
        let result = state.withLock { state -> Result<Void, CAMARAError> in
            state.ended.append(id)
            if let error = state.error { return .failure(error) }
            guard let index = state.subscriptions.firstIndex(where: { $0.id == id }) else {
                return .failure(.resourceNotFound)
            }
            state.subscriptions.remove(at: index)
            return .success(())
        }
        reply(result)
    }
}
