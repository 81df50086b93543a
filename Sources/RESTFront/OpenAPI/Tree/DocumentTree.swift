/// A JSON value whose objects keep the order they were written in: what the API's description is built as, and from which
/// its JSON, its YAML and its page are made, so that the three cannot differ.
indirect enum DocumentTree: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case list([DocumentTree])
    case map([Entry])

    /// One member of an object.
    struct Entry: Sendable, Equatable {
        var key: String
        var value: DocumentTree
    }

    /// An object's member; nil if there is none, or this is no object.
    subscript(_ key: String) -> DocumentTree? {
        entries.first { $0.key == key }?.value
    }

    /// An object's members; none for anything else.
    var entries: [Entry] {
        if case .map(let entries) = self { entries } else { [] }
    }

    /// A list's elements; none for anything else.
    var elements: [DocumentTree] {
        if case .list(let elements) = self { elements } else { [] }
    }

    /// A string's text; nil for anything else.
    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The object with a member more at its end.
    func adding(_ key: String, _ value: DocumentTree?) -> DocumentTree {
        guard let value else { return self }
        return .map(entries + [Entry(key: key, value: value)])
    }
}

extension DocumentTree: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: DocumentTree...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, DocumentTree)...) {
        self = .map(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}
