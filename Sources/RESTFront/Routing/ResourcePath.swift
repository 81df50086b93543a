/// What a path of a mount stands for, before anyone asks who is there: a collection of resources, or one of them. The
/// examples are call handling's.
enum ResourcePath: Equatable {
    /// `…/sessions`; with a trailing slash too, as CAMARA's own text writes it for POST.
    case collection
    /// `…/sessions/{mediaSessionId}`
    case resource(String)
    /// `…/sessions/{mediaSessionId}/status`
    case status(String)
    /// A path that would be one of the two above if its identifier were there: `…/sessions/status`,
    /// `…/sessions//status`.
    case statusWithoutIdentifier
    /// An identifier whose escapes or length none has.
    case malformedIdentifier

    /// CAMARA's bound for identifiers.
    static let maximumIdentifier = 256

    /// Reads what follows the mount's path. Nil if it is no path of this API.
    /// - Parameters:
    ///   - collection: the first segment: `sessions`.
    ///   - hasStatus: whether a resource has a `/status` below it.
    init?(_ rest: Substring, collection: String, hasStatus: Bool = false) {
        let segments = rest.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard segments.count >= 2, segments[0].isEmpty, ResourcePath.decode(segments[1]) == collection else {
            return nil
        }
        switch segments.count {
        case 2: self = .collection
        case 3:
            guard !segments[2].isEmpty else {
                self = .collection
                return
            }
            guard let identifier = ResourcePath.identifier(segments[2]) else {
                self = .malformedIdentifier
                return
            }
            self = hasStatus && identifier == "status" ? .statusWithoutIdentifier : .resource(identifier)
        case 4:
            guard hasStatus, ResourcePath.decode(segments[3]) == "status" else { return nil }
            guard !segments[2].isEmpty else {
                self = .statusWithoutIdentifier
                return
            }
            self = ResourcePath.identifier(segments[2]).map { .status($0) } ?? .malformedIdentifier
        default: return nil
        }
    }

    private static func identifier(_ segment: Substring.UTF8View.SubSequence) -> String? {
        guard let text = decode(segment), !text.isEmpty, text.utf8.count <= maximumIdentifier else { return nil }
        return text
    }

    /// A segment of a path, or a part of a query, without its escapes (RFC 3986 §2.1); nil if one is broken or the result
    /// is no UTF-8.
    static func decode(_ segment: Substring.UTF8View.SubSequence) -> String? {
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
