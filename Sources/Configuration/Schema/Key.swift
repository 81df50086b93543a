/// One row of the table: all that documentation and messages say about a key.
struct Row: Equatable, Sendable {
    /// `sip.timers.t1`; `[]` stands for every element of a list: `trunks[].name`.
    let path: String
    /// What may be written.
    let allowed: String
    /// What holds without the key.
    let absence: Absence
    /// One line.
    let meaning: String
    let support: Support

    enum Absence: Equatable, Sendable {
        /// Nothing does: the key must be given.
        case required
        /// Nothing does where the condition holds, in words; elsewhere the key is refused.
        case requiredWith(String)
        /// A value, as YAML.
        case value(String)
        /// A rule, in words.
        case rule(String)
        /// The defaults of the keys below.
        case section
    }

    enum Support: Equatable, Sendable {
        case supported
        /// Known, but refused for now; with what to do instead.
        case notYet(remedy: String)
    }

    /// The last component: what stands in the file.
    let name: String
    /// The path of the section the key is in; empty at the top.
    let section: String

    init(_ path: String, allowed: String, absence: Absence, _ meaning: String, _ support: Support = .supported) {
        let components = path.split(separator: ".")
        self.path = path
        self.allowed = allowed
        self.absence = absence
        self.meaning = meaning
        self.support = support
        name = components.last.map(String.init) ?? path
        section = components.dropLast().joined(separator: ".")
    }
}

/// A key with a value. Its default is a value of its type, so it cannot be wrong.
struct Key<Value: Equatable & Sendable>: Sendable {
    let path: String
    let name: String
    let type: ValueType<Value>
    let defaultValue: Value
    let isRequired: Bool
    let row: Row

    /// A key that may be left out.
    init(_ path: String, _ type: ValueType<Value>, default value: Value, _ meaning: String) {
        self.init(path, type, value, .value(type.render(value)), meaning)
    }

    private init(
        _ path: String, _ type: ValueType<Value>, _ value: Value, _ absence: Row.Absence, _ meaning: String
    ) {
        self.path = path
        self.type = type
        isRequired = absence == .required
        defaultValue = value
        row = Row(path, allowed: type.allowed, absence: absence, meaning)
        name = row.name
    }

    /// A key that must be given. Its value is nil only if a problem has been reported.
    static func required<Wrapped>(_ path: String, _ type: ValueType<Wrapped>, _ meaning: String) -> Key
    where Value == Wrapped? {
        Key(path, .optional(type), nil, .required, meaning)
    }

    /// A key that must be given under a condition, which its section checks.
    static func required<Wrapped>(
        with condition: String, _ path: String, _ type: ValueType<Wrapped>, _ meaning: String
    ) -> Key where Value == Wrapped? {
        Key(path, .optional(type), nil, .requiredWith(condition), meaning)
    }

    /// A key whose default is not a value but a rule, told in words.
    static func optional<Wrapped>(
        _ path: String, _ type: ValueType<Wrapped>, default words: String, _ meaning: String
    ) -> Key where Value == Wrapped? {
        Key(path, .optional(type), nil, .rule(words), meaning)
    }
}

/// A key with a mapping below it.
struct SectionKey: Sendable {
    let path: String
    let name: String
    let row: Row

    init(_ path: String, _ meaning: String) {
        row = Row(path, allowed: "mapping", absence: .section, meaning)
        self.path = path
        name = row.name
    }
}

/// A key with a list of mappings below it.
struct SectionListKey: Sendable {
    let path: String
    let name: String
    let count: ClosedRange<Int>
    let isRequired: Bool
    let row: Row

    /// Of `count` mappings; `default` in words, nil for a required key.
    init(_ path: String, _ count: ClosedRange<Int>, default words: String?, _ meaning: String) {
        row = Row(
            path, allowed: "list of \(count.lowerBound) to \(count.upperBound) mappings",
            absence: words.map(Row.Absence.rule) ?? .required, meaning)
        self.path = path
        self.count = count
        isRequired = words == nil
        name = row.name
    }

    /// Where the keys of an element are in the table.
    var elementPath: String { path + "[]" }
}

extension Row {
    /// A key of a part of the gateway that does not exist yet: refused, never ignored.
    static func notYet(_ path: String, _ meaning: String, remedy: String = "remove it") -> Row {
        Row(path, allowed: "", absence: .section, meaning, .notYet(remedy: remedy))
    }
}
