/// The words schemas are built of (OpenAPI 3.0.3, "Schema Object").
enum Schemas {
    /// A reference to a schema by its component's name.
    static func reference(_ name: String) -> DocumentTree { ["$ref": .text("#/components/schemas/\(name)")] }

    /// A reference with something said about it: OpenAPI 3.0 allows nothing beside `$ref`.
    static func reference(_ name: String, _ description: String) -> DocumentTree {
        ["allOf": [reference(name)], "description": .text(description)]
    }

    /// An object.
    /// - Parameter isClosed: whether a property it does not name is refused.
    static func object(
        _ description: String, required: [String] = [], _ properties: [DocumentTree.Entry], isClosed: Bool = false
    ) -> DocumentTree {
        var tree: DocumentTree = ["type": "object", "description": .text(description)]
        if !required.isEmpty { tree = tree.adding("required", .list(required.map { .text($0) })) }
        tree = tree.adding("properties", .map(properties))
        return isClosed ? tree.adding("additionalProperties", false) : tree
    }

    static func words(_ description: String, _ words: [String]) -> DocumentTree {
        ["type": "string", "description": .text(description), "enum": .list(words.map { .text($0) })]
    }

    static func text(_ description: String, example: String? = nil, maximum: Int? = nil) -> DocumentTree {
        DocumentTree.map([
            .init(key: "type", value: "string"), .init(key: "description", value: .text(description)),
        ])
        .adding("maxLength", maximum.map { .integer($0) }).adding("example", example.map { .text($0) })
    }

    /// A text that people or logs read: nothing in it could end a line.
    static func printable(_ description: String, example: String) -> DocumentTree {
        text(description, maximum: PropertyCheck.maximumText)
            .adding("pattern", #"^[^\u0000-\u001F\u007F-\u009F]*$"#).adding("example", .text(example))
    }

    static func time(_ description: String, example: String) -> DocumentTree {
        ["type": "string", "format": "date-time", "description": .text(description), "example": .text(example)]
    }

    static func number(_ description: String, _ range: ClosedRange<Int>? = nil, minimum: Int? = nil) -> DocumentTree {
        DocumentTree.map([
            .init(key: "type", value: "number"), .init(key: "description", value: .text(description)),
        ])
        .adding("minimum", (range?.lowerBound ?? minimum).map { .integer($0) })
        .adding("maximum", (range?.upperBound).map { .integer($0) })
    }
}

/// The parameters that operations share.
enum Parameters {
    static let correlator: DocumentTree = ["$ref": "#/components/parameters/x-correlator"]

    /// An identifier in the path.
    static func identifier(_ name: String, _ description: String) -> DocumentTree {
        [
            "name": .text(name), "in": "path", "required": true, "description": .text(description),
            "schema": identifierSchema,
        ]
    }

    /// Any text of 1 to 256 characters names something or nothing; those that clients are given are ASCII.
    static let identifierSchema: DocumentTree = [
        "type": "string", "minLength": 1, "maxLength": .integer(ResourcePath.maximumIdentifier), "pattern": "^[!-~]+$",
    ]
}
