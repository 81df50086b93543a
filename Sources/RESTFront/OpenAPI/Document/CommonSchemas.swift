import CallCore

/// The components that every document has.
enum CommonSchemas {
    static let all: [DocumentTree.Entry] = [
        .init(key: "Correlator", value: correlator), .init(key: "Error", value: error),
        .init(key: "SessionStatus", value: sessionStatus),
    ]

    private static let correlator: DocumentTree = [
        "type": "string", "maxLength": .integer(Correlator.maximumLength),
        "pattern": #"^[a-zA-Z0-9_:;.\/<>{}-]*$"#,
        "description": "Ties a request, its answer and the server's log lines together.",
        "example": "b4333c46-49c0-4f62-80d7-f0ef930f1c46",
    ]

    private static let error: DocumentTree = Schemas.object(
        "What went wrong.", required: ["status", "code", "message"],
        [
            .init(
                key: "status",
                value: ["type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."]),
            .init(key: "code", value: Schemas.words("For programs.", CAMARAError.Code.allCases.map(\.rawValue))),
            .init(key: "message", value: Schemas.text("For people: which property, and why.", maximum: 512)),
        ])

    private static let sessionStatus = Schemas.words(
        """
        How far a call is. Terminated, SessionCancelled, Declined, Failed, NoAnswer, NotReachable and Busy are final.
        """, SessionStatus.allCases.map(\.rawValue))

    static let correlatorParameter: DocumentTree = [
        "name": "x-correlator", "in": "header", "required": false,
        "description": "Comes back with the answer; without one the server makes it.",
        "schema": Schemas.reference("Correlator"),
    ]

    /// `Retry-After` is there twice: with 429 always, with 503 where the server knows better than the client.
    static let headers: DocumentTree = [
        "x-correlator": [
            "description": "The request's, or a new one.", "required": true, "schema": Schemas.reference("Correlator"),
        ],
        "WWW-Authenticate": [
            "description": "How to authenticate (RFC 6750).", "required": true,
            "schema": ["type": "string", "pattern": "^Bearer", "example": "Bearer"],
        ],
        "Allow": [
            "description": "The methods the path has.", "required": true,
            "schema": ["type": "string", "example": "GET, HEAD, PUT, DELETE, OPTIONS"],
        ],
        "Retry-After-429": ["description": "Seconds to wait.", "required": true, "schema": seconds],
        "Retry-After-503": ["description": "Seconds to wait, where known.", "required": false, "schema": seconds],
    ]

    private static let seconds: DocumentTree = ["type": "integer", "minimum": 0, "example": 5]

    /// References to header components; a component's name may say a status behind the header's.
    static func headerReferences(_ names: [String]) -> DocumentTree {
        .map(
            names.map { name in
                .init(
                    key: name.hasPrefix("Retry-After") ? "Retry-After" : name,
                    value: ["$ref": .text("#/components/headers/\(name)")])
            })
    }
}
