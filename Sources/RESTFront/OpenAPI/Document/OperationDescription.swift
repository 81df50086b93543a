import CallCore

/// One operation of one API, as the description tells it.
struct OperationDescription {
    var method: HTTPMethod
    /// Below the mount: `/sessions/{mediaSessionId}`.
    var path: String
    /// Unique within the API: `createSession`.
    var id: String
    /// One line.
    var summary: String
    /// What it does, for people; CommonMark.
    var text: String
    /// The scopes of which the token needs one, or, where the body decides, those it asks for.
    var scopes: [String]
    /// What it reads besides `x-correlator` and the body.
    var parameters: [DocumentTree] = []
    var body: Body?
    var successes: [Success]
    /// What it answers besides the errors that every operation has.
    var errors: [CAMARAError.Code]
    /// What it makes the server send to others.
    var callbacks: DocumentTree?

    /// What an operation reads.
    struct Body {
        /// The component's name.
        var schema: String
        var isRequired = true
        var examples: [Example]
        /// Whatever its Content-Type says it is read as JSON.
        var isAnyMediaType = false
    }

    /// A body as it may look.
    struct Example {
        var name: String
        var summary: String
        var value: DocumentTree
    }

    /// An answer that is no error.
    struct Success {
        var status: Int
        var text: String
        /// Nil for no body.
        var schema: DocumentTree?
        var examples: [Example] = []
        /// What can be done with the resource that it answers with.
        var link: Link?
    }

    /// From an answer to the operations on what it names: OpenAPI's links.
    struct Link {
        /// The operations' parameter.
        var identifier: String
        /// The member of the answer's body that has it; nil if that has the parameter's name.
        var member: String?
        /// The operations' ids, without their mounts'.
        var operations: [String]
    }
}

extension OperationDescription {
    /// All codes it may answer, those of every operation included.
    var allErrors: [CAMARAError.Code] {
        var codes: [CAMARAError.Code] = [
            .invalidArgument, .unauthenticated, .permissionDenied, .methodNotAllowed, .tooManyRequests, .internal,
            .unavailable,
        ]
        if successes.contains(where: { $0.schema != nil }) { codes.append(.notAcceptable) }
        if let body, !body.isAnyMediaType { codes.append(.unsupportedMediaType) }
        codes += errors.filter { !codes.contains($0) }
        return codes
    }

    /// The error codes by status. A body that is too large has a status of its own and no code (camara-rules, "Errors").
    var errorsByStatus: [(status: Int, codes: [CAMARAError.Code])] {
        var byStatus: [Int: [CAMARAError.Code]] = [:]
        for code in allErrors { byStatus[ErrorCatalogue.entry(code).status, default: []].append(code) }
        if body != nil { byStatus[413] = [.invalidArgument] }
        return byStatus.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// One API in one dialect, as the description tells it.
struct APIDescription {
    /// The tag its operations share, before the mount's path.
    var name: String
    /// What the API is for; CommonMark.
    var text: String
    /// What makes its components' names unique: `call-handling-v0.3`.
    var suffix: String
    var operations: [OperationDescription]
    /// Its components, by full name.
    var schemas: [DocumentTree.Entry]
}
