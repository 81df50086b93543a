import CallCore

/// The description of everything the server has, as one OpenAPI 3.0.3 document: the mounts it was given and no other,
/// each in its dialect's words.
struct OpenAPIDocument {
    /// In front of every mount; empty for none.
    let prefix: String
    /// The version of the server.
    let version: String
    let security: DescribedSecurity
    /// Every mount with its description, in the order of the mounts.
    let apis: [(mount: Mount, description: APIDescription)]

    init(
        mounts: [Mount], prefix: String, hasRegistrar: Bool, version: String = "", security: DescribedSecurity = .bearer
    ) {
        self.prefix = prefix
        self.version = version
        self.security = security
        apis = mounts.map { ($0, $0.api.description(hasRegistrar: hasRegistrar)) }
    }

    /// The whole document.
    var tree: DocumentTree {
        var responses = ErrorResponses()
        let paths = paths(&responses)
        return DocumentTree.map([
            .init(key: "openapi", value: "3.0.3"), .init(key: "info", value: info),
            // Relative to where the description was read, which is below the prefix too.
            .init(
                key: "servers",
                value: [["url": .text(prefix.isEmpty ? "/" : prefix), "description": "This server."]]),
        ])
        .adding("security", security.requirement(for: []))
        .adding("tags", .list(apis.map { ["name": .text(tag($0)), "description": .text($0.description.text)] }))
        .adding("paths", .map(paths)).adding("components", components(responses))
    }

    private var info: DocumentTree {
        [
            "title": "Gateway between the web and a telephone network",
            "description": .text(OpenAPIDocument.introduction + "\n\n" + security.text),
            "version": .text(version.isEmpty ? "unversioned" : version),
        ]
    }

    private static let introduction = """
        CAMARA's WebRTC APIs, in the versions whose paths are below.

        Every path also answers OPTIONS with `Allow`, and HEAD where it answers GET. Every answer carries \
        `x-correlator`: the request's, or a new one. Errors have one form, whose `code` is for programs and whose \
        `message` says which property and why. A path without the identifier its method needs is answered 400.
        """

    private func tag(_ api: (mount: Mount, description: APIDescription)) -> String { api.mount.path }

    private func paths(_ responses: inout ErrorResponses) -> [DocumentTree.Entry] {
        var paths: [DocumentTree.Entry] = []
        for api in apis {
            for operation in api.description.operations {
                let path = api.mount.path + operation.path
                let described = describe(operation, of: api, &responses)
                if let index = paths.firstIndex(where: { $0.key == path }) {
                    paths[index].value = paths[index].value.adding(operation.method.key, described)
                } else {
                    paths.append(.init(key: path, value: .map([.init(key: operation.method.key, value: described)])))
                }
            }
        }
        return paths
    }

    private func describe(
        _ operation: OperationDescription, of api: (mount: Mount, description: APIDescription),
        _ responses: inout ErrorResponses
    ) -> DocumentTree {
        var text = operation.text
        if !operation.scopes.isEmpty {
            text += "\n\nScope: " + operation.scopes.map { "`\($0)`" }.joined(separator: " or ") + "."
        }
        return DocumentTree.map([
            .init(key: "operationId", value: .text(operation.id + api.mount.identifierSuffix)),
            .init(key: "tags", value: [.text(tag(api))]), .init(key: "summary", value: .text(operation.summary)),
            .init(key: "description", value: .text(text)),
            .init(key: "parameters", value: .list([Parameters.correlator] + operation.parameters)),
        ])
        .adding("requestBody", operation.body?.tree)
        .adding("responses", answers(of: operation, mount: api.mount, &responses))
        .adding("callbacks", operation.callbacks)
        .adding("security", security.requirement(for: operation.scopes))
    }

    private func answers(
        of operation: OperationDescription, mount: Mount, _ responses: inout ErrorResponses
    ) -> DocumentTree {
        var answers = operation.successes.map {
            DocumentTree.Entry(
                key: String($0.status), value: $0.tree.adding("links", $0.link?.tree(suffix: mount.identifierSuffix)))
        }
        for (status, codes) in operation.errorsByStatus {
            answers.append(.init(key: String(status), value: responses.reference(status, codes)))
        }
        return .map(answers)
    }

    private func components(_ responses: ErrorResponses) -> DocumentTree {
        var schemas = CommonSchemas.all
        var known = Set(schemas.map(\.key))
        // Two mounts of one dialect share its components.
        for api in apis {
            for schema in api.description.schemas where known.insert(schema.key).inserted { schemas.append(schema) }
        }
        return DocumentTree.map([
            .init(key: "schemas", value: .map(schemas)), .init(key: "responses", value: responses.tree),
            .init(
                key: "parameters", value: .map([.init(key: "x-correlator", value: CommonSchemas.correlatorParameter)])),
            .init(key: "headers", value: CommonSchemas.headers),
        ])
        .adding("securitySchemes", security.schemes)
    }
}

extension HTTPMethod {
    /// The key of a path's operation.
    fileprivate var key: String { rawValue.lowercased() }
}

extension Mount {
    /// What makes an operation's id unique among the mounts: `-webrtc-call-handling-v0.3`.
    fileprivate var identifierSuffix: String {
        path.split(separator: "/").reduce(into: "") { $0 += "-" + $1 }
    }
}

extension OperationDescription.Body {
    fileprivate var tree: DocumentTree {
        [
            "required": .boolean(isRequired),
            "content": [
                "application/json": DocumentTree.map([.init(key: "schema", value: Schemas.reference(schema))])
                    .adding("examples", examples.tree)
            ],
        ]
    }
}

extension OperationDescription.Success {
    fileprivate var tree: DocumentTree {
        DocumentTree.map([
            .init(key: "description", value: .text(text)),
            .init(key: "headers", value: CommonSchemas.headerReferences(["x-correlator"])),
        ])
        .adding(
            "content",
            schema.map { schema in
                [
                    "application/json": DocumentTree.map([.init(key: "schema", value: schema)])
                        .adding("examples", examples.tree)
                ]
            })
    }
}

extension OperationDescription.Link {
    fileprivate func tree(suffix: String) -> DocumentTree {
        .map(
            operations.map { operation in
                .init(
                    key: operation,
                    value: [
                        "operationId": .text(operation + suffix),
                        "parameters": .map([
                            .init(key: identifier, value: .text("$response.body#/\(member ?? identifier)"))
                        ]),
                    ])
            })
    }
}

extension [OperationDescription.Example] {
    /// Nil for none.
    var tree: DocumentTree? {
        guard !isEmpty else { return nil }
        return .map(
            map { .init(key: $0.name, value: ["summary": .text($0.summary), "value": $0.value]) })
    }
}
