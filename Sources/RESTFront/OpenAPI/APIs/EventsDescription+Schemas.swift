import CallCore

extension EventsDescription {
    var schemas: [DocumentTree.Entry] {
        var schemas: [DocumentTree.Entry] = [
            .init(key: named("Subscription"), value: subscription),
            .init(key: named("SubscriptionCreation"), value: creation),
            .init(key: named("SinkCredential"), value: credential),
            .init(key: named("EventTypes"), value: eventTypes),
        ]
        if dialect.hasUpdate { schemas.append(.init(key: named("SubscriptionUpdate"), value: update)) }
        return schemas
    }

    private var isClosed: Bool { dialect.refusesUnknownProperties }

    private var eventTypes: DocumentTree {
        DocumentTree.map([
            .init(key: "type", value: "array"), .init(key: "description", value: "What is told."),
            .init(key: "minItems", value: 1), .init(key: "maxItems", value: .integer(dialect.events.maximumTypes)),
        ])
        .adding("uniqueItems", dialect.events.maximumTypes > 1 ? true : nil)
        .adding("items", ["type": "string", "enum": .list(types.map { .text($0.text) })])
    }

    private var sink: DocumentTree {
        [
            "type": "string", "format": "uri", "pattern": "^https://.+$", "maxLength": .integer(dialect.maximumSink),
            "description": "Where events go: an https URL of a public host, unless the operator allows others.",
            "example": .text(Samples.sink),
        ]
    }

    private var expiry: DocumentTree.Entry {
        .init(
            key: "subscriptionExpireTime",
            value: Schemas.time(
                "When it is to end, in the future (RFC 3339); else it does not.", example: Samples.laterTime))
    }

    private var maximumEvents: DocumentTree {
        [
            "type": "integer", "minimum": 1, "maximum": 1_000_000,
            "description": .text(
                dialect.events.honoursMaximumAndInitialEvent
                    ? "After how many events it ends." : "Accepted and not used."),
        ]
    }

    private var creation: DocumentTree {
        let settings = Schemas.object(
            "Events are POSTed without headers of the client's making.",
            [
                .init(key: "method", value: Schemas.words("The only method.", ["POST"])),
                .init(
                    key: "headers",
                    value: ["type": "object", "maxProperties": 0, "description": "Must be empty."]),
            ], isClosed: isClosed)
        let config = Schemas.object(
            "Whose events, and for how long.", required: ["subscriptionDetail"],
            [
                .init(key: "subscriptionDetail", value: detail), expiry,
                .init(key: "subscriptionMaxEvents", value: maximumEvents),
                .init(
                    key: "initialEvent",
                    value: [
                        "type": "boolean",
                        "description": .text(
                            dialect.events.honoursMaximumAndInitialEvent
                                ? "Whether the current state is told at once." : "Accepted and not used."),
                    ]),
            ], isClosed: isClosed)
        return Schemas.object(
            "A subscription to make.", required: ["protocol", "sink", "types", "config"],
            [
                .init(key: "protocol", value: Schemas.words("How events are told.", ["HTTP"])),
                .init(key: "protocolSettings", value: settings), .init(key: "sink", value: sink),
                .init(key: "sinkCredential", value: Schemas.reference(named("SinkCredential"))),
                .init(key: "types", value: Schemas.reference(named("EventTypes"))),
                .init(key: "config", value: config),
            ], isClosed: isClosed)
    }

    private func identifier(_ text: String) -> DocumentTree {
        Schemas.printable(text, example: Samples.session).adding("minLength", 1)
    }

    private var detail: DocumentTree {
        let device: DocumentTree =
            dialect.detail == .device
            ? [
                "type": "string", "format": "uuid", "maxLength": 36, "example": .text(Samples.device),
                "description": "The device whose events are told.",
            ]
            : identifier("The application's own name for the device.")
        let isUsed = dialect.detail == .registration
        let others = [
            ("registrationId", "The registration whose events are told."), ("sessionId", "One session alone."),
            (
                "mediaSessionId",
                "The same as `sessionId`, under the name that some examples have; equal where both are there."
            ),
        ]
        return Schemas.object(
            "Whose events.", required: [isUsed ? "registrationId" : "deviceId"],
            [.init(key: "deviceId", value: device)]
                + others.map { name, text in
                    .init(
                        key: name,
                        value: identifier(isUsed ? text : "Of an earlier version; not used.")
                            .adding("deprecated", isUsed ? nil : true))
                }, isClosed: isClosed)
    }

    private var credential: DocumentTree {
        let expiry = Schemas.time("When it expires, in the future.", example: Samples.laterTime)
        let (name, misspelt) = ("accessTokenExpiresUtc", "accessTokenExpireUtc")
        var properties: [DocumentTree.Entry] = [
            .init(key: "credentialType", value: Schemas.words("The only type.", ["ACCESSTOKEN"])),
            .init(
                key: "accessToken",
                value: [
                    "type": "string", "minLength": 1, "maxLength": .integer(SinkCredential.maximumBytes),
                    "pattern": "^[!-~]+$", "description": "Sent as a bearer token with every event.",
                ]),
            .init(key: "accessTokenType", value: Schemas.words("The only type.", ["bearer"])),
            .init(key: name, value: expiry),
        ]
        var required = ["credentialType", "accessToken", "accessTokenType"]
        if dialect.acceptsAccessTokenExpireUtc {
            properties.append(
                .init(
                    key: misspelt,
                    value: [
                        "description": .text("Stands for `\(name)` where that is missing."), "deprecated": true,
                    ]))
        } else {
            required.append(name)
        }
        let tree = Schemas.object(
            "What the sink wants to see. It never comes back.", required: required, properties, isClosed: isClosed)
        guard dialect.acceptsAccessTokenExpireUtc else { return tree }
        return tree.adding(
            "anyOf",
            [
                ["required": [.text(name)]],
                ["required": [.text(misspelt)], "properties": .map([.init(key: misspelt, value: expiry)])],
            ])
    }

    /// It has no room for anything else, in whatever dialect it exists.
    private var update: DocumentTree {
        let config = Schemas.object("What may change.", [expiry], isClosed: true)
        return Schemas.object(
            "A new credential, a new end, or both.",
            [
                .init(key: "sinkCredential", value: Schemas.reference(named("SinkCredential"))),
                .init(key: "config", value: config),
            ], isClosed: true
        )
        .adding(
            "anyOf",
            [
                ["required": ["sinkCredential"]],
                [
                    "required": ["config"],
                    "properties": ["config": ["required": ["subscriptionExpireTime"]]],
                ],
            ])
    }

    private var subscription: DocumentTree {
        var config: [DocumentTree.Entry] = [
            .init(key: "subscriptionDetail", value: ["type": "object", "description": "Whose events."]), expiry,
        ]
        if dialect.events.honoursMaximumAndInitialEvent {
            config += [
                .init(key: "subscriptionMaxEvents", value: maximumEvents),
                .init(
                    key: "initialEvent",
                    value: ["type": "boolean", "description": "Whether the state then was told at once."]),
            ]
        }
        return Schemas.object(
            "A live subscription.", required: ["id", "protocol", "sink", "types", "config", "startsAt", "status"],
            [
                .init(key: "id", value: Schemas.text("Names it.", example: Samples.subscription, maximum: 256)),
                .init(key: "protocol", value: Schemas.words("How events are told.", ["HTTP"])),
                .init(key: "sink", value: sink),
                .init(key: "types", value: Schemas.reference(named("EventTypes"))),
                .init(
                    key: "config",
                    value: Schemas.object("As it was asked for.", required: ["subscriptionDetail"], config)),
                .init(key: "startsAt", value: Schemas.time("When it was made.", example: Samples.time)),
                .init(
                    key: "expiresAt",
                    value: Schemas.time("When it ends, if it does by itself.", example: Samples.laterTime)),
                .init(key: "status", value: Schemas.words("Live.", ["ACTIVE"])),
            ])
    }
}
