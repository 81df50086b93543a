import CallCore
import Foundation

/// The events API: reads requests, asks ``SubscriptionControl``, says what to answer. It knows dialects only as a table, and
/// neither sockets nor sinks.
///
/// A subscription belongs to the mount's version and name it was made with: another version could not show it (v0.3 has no
/// word for a registration), and the scopes of one name are not for the events of the other. Elsewhere it is 404.
struct SubscriptionsAPI {
    let dialect: EventsDialect
    let subscriptions: any SubscriptionControl
    let registrations: (any RegistrationControl)?
    let now: @Sendable () -> Date
    private let decoder = JSONDecoder()

    init(
        dialect: EventsDialect, subscriptions: any SubscriptionControl, registrations: (any RegistrationControl)?,
        now: @escaping @Sendable () -> Date
    ) {
        self.dialect = dialect
        self.subscriptions = subscriptions
        self.registrations = registrations
        self.now = now
    }

    var scope: EventsScope { EventsScope(namespace: dialect.namespace) }

    /// POST …/subscriptions. Which scopes are needed only the body can say, so its `types` are read first; the rest of the
    /// body is judged for those alone who may subscribe to them.
    func create(_ context: Route.Context) throws(CAMARAError) -> Outcome {
        let caller = context.caller
        try scope.requireAnyCreate(of: caller)
        let body = try decoder.body(SubscriptionBody.self, of: context.request)
        let types = try body.eventTypes(dialect)
        for type in types { try caller.require(scope.create(type)) }
        let request = try body.request(
            types, of: caller.owner, dialect: dialect, correlator: context.correlator, now: now())
        try checkRegistration(request.detail, of: caller)
        let reply = context.reply
        subscriptions.subscribe(request) { [dialect] result in
            reply(result.map { .content(SubscriptionRepresentation(subscription: $0, dialect: dialect), status: 201) })
        }
        return .waiting(abandonable: nil)
    }

    /// GET …/subscriptions: the caller's own, oldest first, up to the dialect's bound.
    func list(by caller: Caller) -> Outcome {
        let own = subscriptions.subscriptions(of: caller.owner).filter(isOfThisMount)
        let shown = own.prefix(dialect.maximumListed ?? own.count)
        return .content(shown.map { SubscriptionRepresentation(subscription: $0, dialect: dialect) }, status: 200)
    }

    /// GET …/subscriptions/{subscriptionId}
    func read(_ id: String, by caller: Caller) throws(CAMARAError) -> Outcome {
        .content(
            SubscriptionRepresentation(subscription: try visibleSubscription(id, to: caller), dialect: dialect),
            status: 200)
    }

    /// PUT …/subscriptions/{subscriptionId}. Whether it is the caller's comes before the body, so that a stranger's request
    /// tells nothing about it.
    func update(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let subscription = try visibleSubscription(id, to: context.caller)
        let change = try decoder.body(SubscriptionUpdateBody.self, of: context.request).change(dialect, now: now())
        let reply = context.reply
        subscriptions.update(subscription.id, credential: change.credential, expiresAt: change.expiresAt) {
            [dialect] result in
            reply(result.map { .content(SubscriptionRepresentation(subscription: $0, dialect: dialect), status: 200) })
        }
        return .waiting(abandonable: nil)
    }

    /// DELETE …/subscriptions/{subscriptionId}
    func delete(_ id: String, _ context: Route.Context) throws(CAMARAError) -> Outcome {
        let subscription = try visibleSubscription(id, to: context.caller)
        let reply = context.reply
        subscriptions.unsubscribe(subscription.id) { result in reply(result.map { .noContent }) }
        return .waiting(abandonable: nil)
    }

    /// The subscription, if the caller may see it; others' look like none.
    private func visibleSubscription(_ id: String, to caller: Caller) throws(CAMARAError) -> Subscription {
        guard let subscription = subscriptions.subscription(SubscriptionID(rawValue: id), of: caller.owner),
            isOfThisMount(subscription)
        else { throw .resourceNotFound }
        return subscription
    }

    private func isOfThisMount(_ subscription: Subscription) -> Bool {
        subscription.dialect == dialect.events
            && subscription.types.allSatisfy { $0.namespace == dialect.namespace }
    }

    /// Refuses the registration of somebody else. One that is not live passes: a subscription may come before the device's
    /// registration (camara-rules, "Events"), this node may hear of it a moment later than another, and until then there is
    /// nothing to tell. Nobody finds others' registrations this way: their ids are 160 random bits.
    private func checkRegistration(_ detail: Subscription.Detail, of caller: Caller) throws(CAMARAError) {
        guard let registrations, let id = detail.registrationID,
            let registration = registrations.registration(RegistrationID(rawValue: id))
        else { return }
        guard registration.owner == caller.owner else {
            throw CAMARAError(
                403, .subscriptionMismatch, "Inconsistent access token for requested events subscription.")
        }
    }
}
