import CallCore

/// The error responses that a document's operations share: one component for every status with its set of codes.
struct ErrorResponses {
    private var components: [DocumentTree.Entry] = []

    /// All that were asked for, by name.
    var tree: DocumentTree { .map(components.sorted { $0.key < $1.key }) }

    /// A reference to the response of `status` with these codes; the component is made where it is new.
    mutating func reference(_ status: Int, _ codes: [CAMARAError.Code]) -> DocumentTree {
        let name = "\(status)-" + codes.map(\.rawValue).joined(separator: "-")
        if !components.contains(where: { $0.key == name }) {
            components.append(.init(key: name, value: ErrorResponses.response(status, codes)))
        }
        return ["$ref": .text("#/components/responses/\(name)")]
    }

    private static func response(_ status: Int, _ codes: [CAMARAError.Code]) -> DocumentTree {
        var text = ErrorCatalogue.title(status)
        if status != 413 {
            text += codes.reduce(into: "\n") { $0 += "\n- `\($1.rawValue)`: \(ErrorCatalogue.entry($1).meaning)" }
        }
        let schema: DocumentTree = [
            "allOf": [
                Schemas.reference("Error"),
                [
                    "type": "object",
                    "properties": [
                        "status": ["type": "integer", "enum": [.integer(status)]],
                        "code": ["type": "string", "enum": .list(codes.map { .text($0.rawValue) })],
                    ],
                ],
            ]
        ]
        let examples = codes.map { code in
            OperationDescription.Example(
                name: code.rawValue, summary: code.rawValue,
                value: [
                    "status": .integer(status), "code": .text(code.rawValue),
                    "message": .text(
                        status == 413 ? CAMARAError.bodyTooLarge.message : ErrorCatalogue.entry(code).example),
                ])
        }
        return DocumentTree.map([
            .init(key: "description", value: .text(text)),
            .init(key: "headers", value: CommonSchemas.headerReferences(["x-correlator"] + headers(status))),
            .init(
                key: "content",
                value: [
                    "application/json": DocumentTree.map([.init(key: "schema", value: schema)])
                        .adding("examples", examples.tree)
                ]),
        ])
    }

    /// What a status brings besides x-correlator.
    private static func headers(_ status: Int) -> [String] {
        switch status {
        case 401: ["WWW-Authenticate"]
        case 405: ["Allow"]
        case 429, 503: ["Retry-After-\(status)"]
        default: []
        }
    }
}
