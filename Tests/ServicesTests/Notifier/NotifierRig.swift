import CallCore
import EventSinks
import Foundation
import Store
import Synchronization
import TestPeer
import Testing

@testable import Services

/// What a delivery engine was asked, in order.
final class RecordingEngine: DeliveryEngine {
    enum Call: Sendable, Equatable {
        case deliver(Delivery)
        case replaceCredential(SinkCredential?, SubscriptionID)
        case cancel(SubscriptionID)
    }

    private let made = Mutex<[Call]>([])
    let mailbox = Mailbox<Delivery>()

    func deliver(_ delivery: Delivery) {
        made.withLock { $0.append(.deliver(delivery)) }
        mailbox.put(delivery)
    }
    func replaceCredential(_ credential: SinkCredential?, of subscription: SubscriptionID) {
        made.withLock { $0.append(.replaceCredential(credential, subscription)) }
    }
    func cancel(_ subscription: SubscriptionID) { made.withLock { $0.append(.cancel(subscription)) } }

    var calls: [Call] { made.withLock { $0 } }
    var deliveries: [Delivery] { calls.compactMap { if case .deliver(let delivery) = $0 { delivery } else { nil } } }

    /// The same in short: `Ringing m1 #1`, `ended SUBSCRIPTION_DELETED`.
    var told: [String] { deliveries.map { $0.event.short } }
}

extension CloudEvent {
    /// What it says, short enough to be compared.
    var short: String {
        switch body {
        case .sessionStatus(let data): "\(data.status.rawValue) \(data.mediaSessionID) #\(data.sequenceNumber)"
        case .sessionInvitation(let data): "invited \(data.mediaSessionID) #\(data.sequenceNumber)"
        case .registrationEnds(let data): "\(data.registrationID) \(data.terminationReason.rawValue)"
        case .subscriptionEnded(let data): "ended \(data.terminationReason.rawValue)"
        }
    }
}

/// A notifier over a store, without sockets and without a thread that keeps the time.
struct NotifierRig: Sendable {
    let store: any Store
    let notifier: Notifier
    let engine = RecordingEngine()
    let clock: WallClock
    let sessions = SessionTable()

    init(
        store: (any Store)? = nil, clock: WallClock = WallClock(), isRunning: Bool = true,
        limits: StoreLimits = StoreLimits(), _ change: (inout Notifier.Options) throws -> Void = { _ in }
    ) throws {
        var storeOptions = StoreOptions()
        storeOptions.clock = clock.read
        storeOptions.limits = limits
        self.store = try store ?? StoreLocation.memory.open(options: storeOptions)
        self.clock = clock
        var options = Notifier.Options(source: "urn:test:gateway")
        options.clock = clock.read
        try change(&options)
        notifier = Notifier(options, store: self.store)
        if isRunning { #expect(notifier.load(delivering: engine, session: sessions.look)) }
    }

    func subscribe(_ request: SubscriptionRequest) async -> Result<Subscription, CAMARAError> {
        await withCheckedContinuation { continuation in
            notifier.subscribe(request) { continuation.resume(returning: $0) }
        }
    }

    func update(
        _ id: SubscriptionID, credential: SinkCredential? = nil, expiresAt: Date? = nil
    ) async -> Result<Subscription, CAMARAError> {
        await withCheckedContinuation { continuation in
            notifier.update(id, credential: credential, expiresAt: expiresAt) { continuation.resume(returning: $0) }
        }
    }

    /// The error, or nil if it has ended.
    func unsubscribe(_ id: SubscriptionID) async -> CAMARAError? {
        await withCheckedContinuation { continuation in
            notifier.unsubscribe(id) { result in
                if case .failure(let error) = result { continuation.resume(returning: error) }
                if case .success = result { continuation.resume(returning: nil) }
            }
        }
    }

    /// As the SIP side does: shown first, told then.
    func change(_ session: Session) {
        sessions.publish(session)
        notifier.sessionChanged(session)
    }

    /// The outcome of the newest delivery of the subscription.
    func settle(_ id: SubscriptionID, _ result: DeliveryOutcome.Result) throws {
        let delivery = try #require(engine.deliveries.last { $0.subscription == id })
        notifier.settled(
            DeliveryOutcome(
                delivery: delivery, result: result, attempts: 1, latency: .zero, lastStatus: nil, lastFailure: nil))
    }
}
