/// What a path of a call-handling mount stands for, before anyone asks who is there.
enum SessionPath: Equatable {
    /// `…/sessions`; with a trailing slash too, as CAMARA's own text writes it for POST.
    case collection
    /// `…/sessions/{mediaSessionId}`
    case session(String)
    /// `…/sessions/{mediaSessionId}/status`
    case status(String)
    /// A path that would be one of the two above if its identifier were there: `…/sessions/status`,
    /// `…/sessions//status`.
    case statusWithoutIdentifier
    /// An identifier whose escapes or length no `mediaSessionId` has.
    case malformedIdentifier

    /// CAMARA's bound for `mediaSessionId`.
    static let maximumIdentifier = 256

    /// Reads what follows the mount's path, `/sessions` first. Nil if it is no path of this API.
    init?(_ rest: Substring) {
        let segments = rest.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard segments.count >= 2, segments[0].isEmpty, SessionPath.decode(segments[1]) == "sessions" else {
            return nil
        }
        switch segments.count {
        case 2: self = .collection
        case 3:
            guard !segments[2].isEmpty else {
                self = .collection
                return
            }
            guard let identifier = SessionPath.identifier(segments[2]) else {
                self = .malformedIdentifier
                return
            }
            self = identifier == "status" ? .statusWithoutIdentifier : .session(identifier)
        case 4:
            guard SessionPath.decode(segments[3]) == "status" else { return nil }
            guard !segments[2].isEmpty else {
                self = .statusWithoutIdentifier
                return
            }
            self = SessionPath.identifier(segments[2]).map { .status($0) } ?? .malformedIdentifier
        default: return nil
        }
    }

    private static func identifier(_ segment: Substring.UTF8View.SubSequence) -> String? {
        guard let text = decode(segment), !text.isEmpty, text.utf8.count <= maximumIdentifier else { return nil }
        return text
    }

    /// A path segment without its escapes (RFC 3986 §2.1); nil if one is broken or the result is no UTF-8.
    private static func decode(_ segment: Substring.UTF8View.SubSequence) -> String? {
        guard segment.contains(UInt8(ascii: "%")) else { return String(Substring(segment)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(segment.count)
        var iterator = segment.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// What a request asks for: its method applied to its path.
enum SessionOperation: Equatable {
    case create
    case read(String)
    case update(String)
    case end(String)
    /// GET, PUT or DELETE without the identifier they need: 400, not 404 or 405 (camara-rules, "Errors").
    case missingIdentifier(Scope)
    /// The same for an identifier that cannot be one.
    case malformedIdentifier(Scope)
    /// OPTIONS: what the path allows.
    case describe(allow: String)
    case notAllowed(allow: String)

    init(_ method: HTTPMethod, _ path: SessionPath) {
        switch (path, method) {
        case (.collection, .post): self = .create
        case (.session(let id), .get), (.session(let id), .head): self = .read(id)
        case (.session(let id), .put), (.status(let id), .put): self = .update(id)
        case (.session(let id), .delete): self = .end(id)
        case (.collection, .get), (.collection, .head), (.statusWithoutIdentifier, .get),
            (.statusWithoutIdentifier, .head):
            self = .missingIdentifier(.read)
        case (.collection, .put), (.statusWithoutIdentifier, .put): self = .missingIdentifier(.write)
        case (.collection, .delete), (.statusWithoutIdentifier, .delete): self = .missingIdentifier(.delete)
        case (.malformedIdentifier, .get), (.malformedIdentifier, .head): self = .malformedIdentifier(.read)
        case (.malformedIdentifier, .put): self = .malformedIdentifier(.write)
        case (.malformedIdentifier, .delete): self = .malformedIdentifier(.delete)
        case (_, .options): self = .describe(allow: SessionOperation.allowed(at: path))
        default: self = .notAllowed(allow: SessionOperation.allowed(at: path))
        }
    }

    /// The scope the operation needs; nil for what needs no caller.
    var scope: Scope? {
        switch self {
        case .create: .create
        case .read: .read
        case .update: .write
        case .end: .delete
        case .missingIdentifier(let scope), .malformedIdentifier(let scope): scope
        case .describe, .notAllowed: nil
        }
    }

    private static func allowed(at path: SessionPath) -> String {
        switch path {
        case .collection: "POST, OPTIONS"
        case .session, .malformedIdentifier: "GET, HEAD, PUT, DELETE, OPTIONS"
        case .status, .statusWithoutIdentifier: "PUT, OPTIONS"
        }
    }
}
