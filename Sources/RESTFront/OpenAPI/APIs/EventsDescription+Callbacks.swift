import CallCore

/// What a sink gets: CloudEvents 1.0 in structured mode.
extension EventsDescription {
    var callbacks: DocumentTree {
        [
            "event": [
                "{$request.body#/sink}": [
                    "post": [
                        "summary": "An event",
                        "description": """
                        Sent by the gateway with the sink's token. Anything but a 2xx is taken for a failure: 429, \
                        5xx and silence are tried again with the same `id`, 410 ends the subscription, and the rest \
                        drops the event.
                        """,
                        "parameters": [
                            Parameters.correlator,
                            [
                                "name": "Authorization", "in": "header", "required": false,
                                "description": "`Bearer` and the token of `sinkCredential`.",
                                "schema": ["type": "string"],
                            ],
                        ],
                        "requestBody": [
                            "required": true,
                            "content": [
                                "application/cloudevents+json": DocumentTree.map([
                                    .init(key: "schema", value: Schemas.reference(named("Event")))
                                ]).adding("examples", eventExamples.tree)
                            ],
                        ],
                        "responses": [
                            "204": ["description": "The event is taken."],
                            "401": ["description": "The token is refused."],
                            "410": ["description": "The sink is gone: the subscription ends."],
                            "429": ["description": "Too much; `Retry-After` is honoured."],
                        ],
                    ]
                ]
            ]
        ]
    }

    var eventSchemas: [DocumentTree.Entry] {
        let kinds = EventType.Kind.allCases
        var schemas: [DocumentTree.Entry] = [
            .init(
                key: named("Event"),
                value: [
                    "description": "One of the events, by its `type`.",
                    "oneOf": .list(kinds.map { Schemas.reference(named($0.component)) }),
                    "discriminator": [
                        "propertyName": "type",
                        "mapping": .map(
                            kinds.map { kind in
                                .init(
                                    key: EventType(kind, in: dialect.namespace).text,
                                    value: .text("#/components/schemas/\(named(kind.component))"))
                            }),
                    ],
                ])
        ]
        schemas += kinds.map { .init(key: named($0.component), value: event($0)) }
        schemas.append(.init(key: named("SessionEventData"), value: sessionData))
        return schemas
    }

    private func event(_ kind: EventType.Kind) -> DocumentTree {
        Schemas.object(
            kind.text, required: ["id", "source", "specversion", "type", "time", "datacontenttype", "data"],
            [
                .init(key: "id", value: Schemas.text("Unique; the same when the event is sent again.")),
                .init(
                    key: "source",
                    value: ["type": "string", "format": "uri-reference", "description": "The gateway."]),
                .init(key: "specversion", value: Schemas.words("CloudEvents' version.", ["1.0"])),
                .init(
                    key: "type",
                    value: Schemas.words("What happened.", [EventType(kind, in: dialect.namespace).text])),
                .init(key: "time", value: Schemas.time("When it happened.", example: Samples.time)),
                .init(key: "datacontenttype", value: Schemas.words("Of `data`.", ["application/json"])),
                .init(key: "data", value: data(kind)),
            ])
    }

    private func data(_ kind: EventType.Kind) -> DocumentTree {
        let subscription: DocumentTree.Entry = .init(
            key: "subscriptionId", value: Schemas.text("The subscription.", example: Samples.subscription))
        let description: DocumentTree.Entry = .init(
            key: "terminationDescription", value: Schemas.text("The reason, for people."))
        switch kind {
        case .sessionInvitation, .sessionStatus: return Schemas.reference(named("SessionEventData"))
        case .registrationEnds:
            let reasons = RegistrationEndsData.Reason.allCases.map(\.rawValue)
            return Schemas.object(
                "What ended.", required: ["subscriptionId", "registrationId", "terminationReason"],
                [
                    subscription,
                    .init(
                        key: "registrationId",
                        value: Schemas.text("The registration.", example: Samples.registration)),
                    .init(key: "terminationReason", value: Schemas.words("Why it ended.", reasons)), description,
                ])
        case .subscriptionEnded:
            let reasons = SubscriptionEndedData.Reason.allCases.map(\.rawValue)
            return Schemas.object(
                "What ended.", required: ["subscriptionId", "terminationReason"],
                [
                    subscription, .init(key: "terminationReason", value: Schemas.words("Why it ended.", reasons)),
                    description,
                ])
        }
    }

    private var sessionData: DocumentTree {
        let sdp = Schemas.object(
            "An SDP offer or answer.", required: ["sdp"], [.init(key: "sdp", value: Schemas.text("RFC 8866."))])
        var properties: [DocumentTree.Entry] = [
            .init(key: "subscriptionId", value: Schemas.text("The subscription.", example: Samples.subscription)),
            .init(key: "mediaSessionId", value: Schemas.text("The session.", example: Samples.session)),
            .init(
                key: "sequenceNumber",
                value: [
                    "type": "integer", "minimum": 1,
                    "description": "Counts the events of this session and subscription, without a gap.",
                ]),
            .init(key: "status", value: Schemas.reference("SessionStatus")),
            .init(key: "reason", value: Schemas.text("Why it has this status.", example: "SIP 486 Busy Here")),
            .init(key: "originatorAddress", value: Schemas.text("The caller.", example: Samples.originator)),
            .init(key: "originatorName", value: Schemas.text("The caller's name.", example: "Alice")),
            .init(key: "receiverAddress", value: Schemas.text("The callee.", example: Samples.receiver)),
            .init(key: "receiverName", value: Schemas.text("The callee's name.", example: "Bob")),
            .init(key: "offer", value: sdp), .init(key: "answer", value: sdp),
        ]
        if dialect.events.hasCorrelatorAndOfferRequired {
            properties += [
                .init(key: "clientCorrelator", value: Schemas.text("As the session's POST had it.")),
                .init(
                    key: "offerRequired",
                    value: ["type": "boolean", "description": "True where the client has to make the offer."]),
            ]
        }
        return Schemas.object(
            "The whole session as it was then: a later event makes an earlier one useless.",
            required: [
                "subscriptionId", "mediaSessionId", "sequenceNumber", "status", "originatorAddress", "receiverAddress",
            ], properties)
    }

    private var eventExamples: [OperationDescription.Example] {
        EventType.Kind.allCases.map { kind in
            OperationDescription.Example(
                name: kind.rawValue, summary: kind.text,
                value: [
                    "id": "3c5e8c1e-6a0e-4a58-9d3b-0d7c1a2f9b11", "source": "https://gw.operator.example",
                    "specversion": "1.0", "type": .text(EventType(kind, in: dialect.namespace).text),
                    "time": .text(Samples.time), "datacontenttype": "application/json", "data": sampleData(kind),
                ])
        }
    }

    private func sampleData(_ kind: EventType.Kind) -> DocumentTree {
        switch kind {
        case .sessionInvitation, .sessionStatus:
            DocumentTree.map([
                .init(key: "subscriptionId", value: .text(Samples.subscription)),
                .init(key: "mediaSessionId", value: .text(Samples.session)),
                .init(key: "sequenceNumber", value: 1),
                .init(key: "status", value: kind == .sessionStatus ? "Ringing" : "Initial"),
                .init(key: "originatorAddress", value: .text(Samples.originator)),
                .init(key: "receiverAddress", value: .text(Samples.receiver)),
                .init(key: "offer", value: Samples.description),
            ])
            .adding("reason", kind == .sessionStatus ? "SIP 180 Ringing" : nil)
        case .registrationEnds:
            [
                "subscriptionId": .text(Samples.subscription), "registrationId": .text(Samples.registration),
                "terminationReason": "REGISTRATION_EXPIRED",
            ]
        case .subscriptionEnded:
            ["subscriptionId": .text(Samples.subscription), "terminationReason": "SUBSCRIPTION_DELETED"]
        }
    }
}

extension EventType.Kind {
    /// The name of the event's component, without its API's.
    fileprivate var component: String {
        switch self {
        case .sessionInvitation: "SessionInvitation"
        case .sessionStatus: "SessionStatusEvent"
        case .registrationEnds: "RegistrationEnds"
        case .subscriptionEnded: "SubscriptionEnded"
        }
    }

    /// What it tells.
    fileprivate var text: String {
        switch self {
        case .sessionInvitation: "A call comes in."
        case .sessionStatus: "A session has changed."
        case .registrationEnds: "A registration is no longer live."
        case .subscriptionEnded: "The last event of a subscription."
        }
    }
}
