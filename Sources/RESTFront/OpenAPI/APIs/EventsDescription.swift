import CallCore

/// The events API, as the description tells it: every difference between its versions and names comes from their table.
struct EventsDescription {
    let dialect: EventsDialect

    var description: APIDescription {
        APIDescription(
            name: "events", text: "Subscriptions: what the gateway tells, about whose calls, and where to.",
            suffix: suffix, operations: [create, list, read] + (dialect.hasUpdate ? [update] : []) + [delete],
            schemas: schemas + eventSchemas)
    }

    private var suffix: String {
        (dialect.namespace == .webrtcEvents ? "events-" : "events-subscriptions-") + dialect.events.rawValue
    }

    /// A component's full name.
    func named(_ name: String) -> String { "\(name)-\(suffix)" }

    /// What a client can subscribe to.
    var types: [EventType] {
        EventType.Kind.allCases.map { EventType($0, in: dialect.namespace) }.filter(\.isSubscribable)
    }

    private var scope: EventsScope { EventsScope(namespace: dialect.namespace) }

    private var identifier: DocumentTree {
        Parameters.identifier("subscriptionId", "The subscription, as the answer to its POST named it.")
    }

    private var subscription: DocumentTree { Schemas.reference(named("Subscription")) }

    private var subscribed: [OperationDescription.Example] {
        [.init(name: "subscription", summary: "A live subscription", value: representation)]
    }

    private var create: OperationDescription {
        OperationDescription(
            method: .post, path: "/subscriptions", id: "createSubscription", summary: "Subscribe to events",
            text: """
                From now on events of these types are POSTed to the sink, those of a session in order. \
                \(dialect.events.maximumTypes == 1
                    ? "A subscription has one type."
                    : "A subscription has one to \(dialect.events.maximumTypes) types.") \
                A subscription to sessions that have begun starts with how they are. It may come before the device is \
                registered. Its end is told by `subscription-ended`, which needs no subscription.

                The token needs the scope of every type in the body.
                """,
            scopes: types.map(scope.create),
            body: .init(
                schema: named("SubscriptionCreation"),
                examples: [.init(name: "sessions", summary: "What becomes of calls", value: creation)]),
            successes: [
                .init(
                    status: 201, text: "The subscription.", schema: subscription, examples: subscribed,
                    link: .init(
                        identifier: "subscriptionId", member: "id",
                        operations: ["getSubscription"] + (dialect.hasUpdate ? ["updateSubscription"] : [])
                            + ["deleteSubscription"]))
            ],
            errors: [
                .outOfRange, .invalidProtocol, .invalidCredential, .invalidToken, .invalidSink, .subscriptionMismatch,
            ] + (dialect.events.maximumTypes == 1 ? [.multieventNotSupported] : []) + [.quotaExceeded, .timeout],
            callbacks: callbacks)
    }

    private var list: OperationDescription {
        var array: DocumentTree = ["type": "array", "items": subscription]
        array = array.adding("maxItems", dialect.maximumListed.map { .integer($0) })
        return OperationDescription(
            method: .get, path: "/subscriptions", id: "listSubscriptions", summary: "List subscriptions",
            text: "The caller's live subscriptions of this version, oldest first.", scopes: [scope.read],
            successes: [
                .init(
                    status: 200, text: "The subscriptions.", schema: array,
                    examples: [
                        .init(name: "one", summary: "One", value: [representation]),
                        .init(name: "none", summary: "None", value: []),
                    ])
            ], errors: [])
    }

    private var read: OperationDescription {
        OperationDescription(
            method: .get, path: "/subscriptions/{subscriptionId}", id: "getSubscription",
            summary: "Read a subscription",
            text: "The subscription, while it is live. The sink's credential is never shown.", scopes: [scope.read],
            parameters: [identifier],
            successes: [.init(status: 200, text: "The subscription.", schema: subscription, examples: subscribed)],
            errors: [.notFound])
    }

    private var update: OperationDescription {
        OperationDescription(
            method: .put, path: "/subscriptions/{subscriptionId}", id: "updateSubscription",
            summary: "Change a subscription", text: "Brings a new credential for the sink, a new end, or both.",
            scopes: [scope.update], parameters: [identifier],
            body: .init(
                schema: named("SubscriptionUpdate"),
                examples: [
                    .init(
                        name: "both", summary: "A new token and a later end",
                        value: [
                            "sinkCredential": credentialSample,
                            "config": ["subscriptionExpireTime": .text(Samples.laterTime)],
                        ])
                ]),
            successes: [.init(status: 200, text: "The subscription.", schema: subscription, examples: subscribed)],
            errors: [.invalidCredential, .invalidToken, .notFound, .timeout])
    }

    private var delete: OperationDescription {
        OperationDescription(
            method: .delete, path: "/subscriptions/{subscriptionId}", id: "deleteSubscription",
            summary: "End a subscription", text: "Its sink is told by `subscription-ended`.", scopes: [scope.delete],
            parameters: [identifier], successes: [.init(status: 204, text: "Ended.")], errors: [.notFound, .timeout])
    }

    private var sessionStatus: EventType { EventType(.sessionStatus, in: dialect.namespace) }

    private var credentialSample: DocumentTree {
        [
            "credentialType": "ACCESSTOKEN", "accessToken": "token-of-the-sink", "accessTokenType": "bearer",
            "accessTokenExpiresUtc": .text(Samples.laterTime),
        ]
    }

    private var detailSample: DocumentTree {
        switch dialect.detail {
        case .registration: ["registrationId": .text(Samples.registration)]
        case .device: ["deviceId": .text(Samples.device)]
        }
    }

    private var creation: DocumentTree {
        [
            "protocol": "HTTP", "sink": .text(Samples.sink), "sinkCredential": credentialSample,
            "types": [.text(sessionStatus.text)],
            "config": ["subscriptionDetail": detailSample, "subscriptionExpireTime": .text(Samples.laterTime)],
        ]
    }

    private var representation: DocumentTree {
        var config: DocumentTree = [
            "subscriptionDetail": detailSample, "subscriptionExpireTime": .text(Samples.laterTime),
        ]
        if dialect.events.honoursMaximumAndInitialEvent { config = config.adding("initialEvent", false) }
        return [
            "id": .text(Samples.subscription), "protocol": "HTTP", "sink": .text(Samples.sink),
            "types": [.text(sessionStatus.text)], "config": config, "startsAt": .text(Samples.time),
            "expiresAt": .text(Samples.laterTime), "status": "ACTIVE",
        ]
    }
}
