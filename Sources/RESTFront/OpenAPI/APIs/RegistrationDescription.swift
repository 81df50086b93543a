import CallCore

/// Registration, as the description tells it: every difference between the dialects comes from their table.
struct RegistrationDescription {
    let dialect: RegistrationDialect

    var description: APIDescription {
        APIDescription(
            name: "registration",
            text: "Devices that take the calls of a number: register one, keep it registered, end it.",
            suffix: suffix, operations: [create] + (dialect.hasRead ? [list, read] : []) + [refresh, end],
            schemas: schemas)
    }

    private var suffix: String { "registration-\(dialect.name)" }

    private func named(_ name: String) -> String { "\(name)-\(suffix)" }

    private var identifier: DocumentTree {
        Parameters.identifier("registrationId", "The registration, as the answer to its POST named it.")
    }

    private var registration: DocumentTree { Schemas.reference(named("Registration")) }

    private var registered: [OperationDescription.Example] {
        [.init(name: "registered", summary: "A live registration", value: representation)]
    }

    private var create: OperationDescription {
        OperationDescription(
            method: .post, path: "/sessions", id: "createRegistration", summary: "Register a device",
            text: """
                From now until `expiresAt` the device takes calls to the number. \
                \(dialect.replacesStale
                    ? "A registration of the same device and number makes way."
                    : "A live registration of the same device and number stays, and this one is refused.")
                """,
            scopes: [RegistrationScope.create.rawValue],
            body: .init(
                schema: named("RegistrationCreation"),
                examples: [
                    .init(
                        name: "device", summary: "A device, with a token that names its number",
                        value: ["deviceId": .text(Samples.device), "registrationExpireTime": .text(Samples.laterTime)])
                ]),
            successes: [
                .init(
                    status: dialect.createdStatus, text: "The registration.", schema: registration,
                    examples: registered,
                    link: .init(
                        identifier: "registrationId",
                        operations: (dialect.hasRead ? ["getRegistration"] : [])
                            + ["refreshRegistration", "deleteRegistration"]))
            ],
            errors: (dialect.expiryRule == .ownPolicy ? [] : [.outOfRange])
                + (dialect.replacesStale ? [] : [.alreadyExists]) + [
                    .maximumDevicesPerUser, .maximumRegistrationPerUser, .maximumRegistrationPerNumber,
                    .missingIdentifier, .unnecessaryIdentifier, .quotaExceeded, .badGateway, .timeout,
                ])
    }

    private var list: OperationDescription {
        OperationDescription(
            method: .get, path: "/sessions", id: "listRegistrations", summary: "Find a device's registrations",
            text: "The caller's live registrations of one device: none, or up to \(RegistrationAPI.maximumListed).",
            scopes: [RegistrationScope.read.rawValue],
            parameters: [
                [
                    "name": "deviceId", "in": "query", "required": true, "description": "The application's own name.",
                    "schema": deviceID,
                ]
            ],
            successes: [
                .init(
                    status: 200, text: "The registrations.",
                    schema: [
                        "type": "array", "maxItems": .integer(RegistrationAPI.maximumListed), "items": registration,
                    ],
                    examples: [
                        .init(name: "one", summary: "One number", value: [representation]),
                        .init(name: "none", summary: "Not registered", value: []),
                    ])
            ], errors: [])
    }

    private var read: OperationDescription {
        OperationDescription(
            method: .get, path: "/sessions/{registrationId}", id: "getRegistration", summary: "Read a registration",
            text: "The registration, while it is live.", scopes: [RegistrationScope.read.rawValue],
            parameters: [identifier],
            successes: [.init(status: 200, text: "The registration.", schema: registration, examples: registered)],
            errors: [.notFound])
    }

    private var refresh: OperationDescription {
        OperationDescription(
            method: .put, path: "/sessions/{registrationId}", id: "refreshRegistration",
            summary: "Keep a device registered",
            text: "Moves the end: to the time asked for, or by the operator's time from now. The body may be missing.",
            scopes: [RegistrationScope.write.rawValue], parameters: [identifier],
            body: .init(
                schema: named("RegistrationRefresh"), isRequired: false,
                examples: [
                    .init(
                        name: "time", summary: "To a time",
                        value: ["registrationExpireTime": .text(Samples.laterTime)]),
                    .init(name: "standard", summary: "By the operator's time", value: .map([])),
                ]),
            successes: [.init(status: 200, text: "The registration.", schema: registration, examples: registered)],
            errors: (dialect.expiryRule == .ownPolicy ? [] : [.outOfRange]) + [.notFound, .badGateway, .timeout])
    }

    private var end: OperationDescription {
        OperationDescription(
            method: .delete, path: "/sessions/{registrationId}", id: "deleteRegistration",
            summary: "End a registration",
            text: "The device takes no more calls. Subscriptions stay, and calls go on.",
            scopes: [RegistrationScope.delete.rawValue], parameters: [identifier],
            successes: [.init(status: 204, text: "Ended.")], errors: [.notFound, .badGateway, .timeout])
    }

    private var representation: DocumentTree {
        [
            "registrationId": .text(Samples.registration), "expiresAt": .text(Samples.laterTime),
            "regInfo": ["phoneNumber": "+17085852753", "regStatus": "Registered"],
        ]
    }

    private var schemas: [DocumentTree.Entry] {
        let isClosed = dialect.refusesUnknownProperties
        let expiry: DocumentTree.Entry = .init(
            key: "registrationExpireTime", value: Schemas.time(expiryText, example: Samples.laterTime))
        return [
            .init(
                key: named("Registration"),
                value: Schemas.object(
                    "A registered device.", required: ["registrationId", "expiresAt", "regInfo"],
                    [
                        .init(
                            key: "registrationId",
                            value: Schemas.text("Names it.", example: Samples.registration, maximum: 256)),
                        .init(key: "expiresAt", value: Schemas.time("When it ends.", example: Samples.laterTime)),
                        .init(
                            key: "regInfo",
                            value: Schemas.object(
                                "What is registered.", required: ["phoneNumber", "regStatus"],
                                [
                                    .init(
                                        key: "phoneNumber", value: number("The number whose calls it takes.", from: "0")
                                    ),
                                    .init(key: "regStatus", value: Schemas.words("Live.", ["Registered"])),
                                ])),
                    ])),
            .init(
                key: named("RegistrationCreation"),
                value: Schemas.object(
                    "A device to register.", required: ["deviceId"],
                    [
                        .init(key: "deviceId", value: deviceID),
                        .init(
                            key: "phoneNumber",
                            value: number("The number, where the token names none; else it must be missing.", from: "1")
                        ),
                        expiry,
                    ], isClosed: isClosed)),
            .init(
                key: named("RegistrationRefresh"),
                value: Schemas.object("A new end.", [expiry], isClosed: isClosed)),
        ]
    }

    private var expiryText: String {
        switch dialect.expiryRule {
        case .ownPolicy:
            "When it is to end (RFC 3339, with its zone). Outside the operator's range the nearest time in it."
        case .cappedNotRaised:
            "When it is to end (RFC 3339, with its zone). Later than the operator allows, it ends earlier; sooner is refused."
        }
    }

    private var deviceID: DocumentTree {
        switch dialect.deviceIDs {
        case .text:
            Schemas.printable("The application's own name for the device; a UUID is best.", example: Samples.device)
                .adding("minLength", 1)
        case .uuid:
            [
                "type": "string", "format": "uuid", "maxLength": 36, "example": .text(Samples.device),
                "description": "The application's own name for the device.",
            ]
        }
    }

    private func number(_ text: String, from first: String) -> DocumentTree {
        Schemas.text(text, example: "+17085852753").adding("pattern", .text(#"^\+[\#(first)-9][0-9]{4,14}$"#))
    }
}
