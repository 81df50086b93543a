/// One mapping of the file, read by the keys of the table. A section that is left out reads as its defaults.
///
/// Making a section reports every key in it that the table does not know or that is not supported yet.
struct Section {
    /// Where in the table the keys are: `trunks[].failover`.
    let path: String
    /// Where in the file: `trunks[1].failover`.
    let label: String
    /// The mapping, or what it is missing from.
    let position: Position
    private let entries: [String: Node.Entry]
    /// False after a report about the section as a whole: what is missing from it then is no further news.
    private let isReadable: Bool
    private let decoding: Decoding

    /// The root of the file. A file without a value is an empty mapping.
    init(root: Node?, _ decoding: Decoding) {
        self.init(path: "", label: "", node: root, absentAt: .start, isReadable: true, decoding)
    }

    private init(
        path: String, label: String, node: Node?, absentAt: Position, isReadable: Bool, _ decoding: Decoding
    ) {
        self.path = path
        self.label = label
        self.decoding = decoding
        position = node?.position ?? absentAt
        var found: [String: Node.Entry] = [:]
        switch node?.content {
        case nil:
            self.isReadable = isReadable
        case .refused:
            self.isReadable = false
        case .mapping(let entries):
            self.isReadable = isReadable
            for entry in entries { found[entry.key] = entry }
        case .scalar, .sequence:
            self.isReadable = false
            if let node {
                let name = label.isEmpty ? "" : "\(label): "
                let names = Schema.supportedNames(in: path).joined(separator: ", ")
                let hint = node.isNull ? " (leave it out for the defaults)" : ""
                decoding.report(
                    position, "\(name)\(node.kind) where a mapping belongs\(hint); allowed: the keys \(names)")
            }
        }
        entries = found
        checkKeys()
    }

    /// Reports what the table does not know, in one place, so that no decoder can forget it.
    private func checkKeys() {
        for entry in entries.values {
            guard let row = Schema.row(named: entry.key, in: path) else {
                decoding.report(entry.keyPosition, Suggestion.unknownKey(entry.key, in: path))
                continue
            }
            if case .notYet(let remedy) = row.support {
                decoding.report(entry.keyPosition, "\(label(of: entry.key)): not supported yet; \(remedy)")
            }
        }
    }

    /// The value of a key, or its default if it is left out or wrong. What is wrong has been reported.
    func value<Value>(_ key: Key<Value>) -> Value {
        decoding.noteRead(key.path)
        guard let entry = entries[key.name] else {
            if key.isRequired { reportMissing(key.name, allowed: key.type.allowed) }
            return key.defaultValue
        }
        return key.type.decode(entry.value, label(of: key.name), decoding) ?? key.defaultValue
    }

    /// The section below a key.
    func section(_ key: SectionKey) -> Section {
        decoding.noteRead(key.path)
        return Section(
            path: key.path, label: label(of: key.name), node: entries[key.name]?.value, absentAt: position,
            isReadable: isReadable, decoding)
    }

    /// The sections of a list; nil if the key is left out or its value is no list, which has been reported.
    func sections(_ key: SectionListKey) -> [Section]? {
        decoding.noteRead(key.path)
        let label = label(of: key.name)
        guard let entry = entries[key.name] else {
            if key.isRequired { reportMissing(key.name, allowed: key.row.allowed) }
            return nil
        }
        switch entry.value.content {
        case .refused: return nil
        case .scalar, .mapping:
            decoding.report(entry.value, label, "\(entry.value.kind) where a list belongs; allowed: \(key.row.allowed)")
            return nil
        case .sequence(let nodes):
            if !key.count.contains(nodes.count) {
                decoding.report(entry.value, label, "\(nodes.count) entries; allowed: \(key.row.allowed)")
            }
            return nodes.prefix(key.count.upperBound).enumerated().map { index, node in
                Section(
                    path: key.elementPath, label: "\(label)[\(index)]", node: node, absentAt: node.position,
                    isReadable: true, decoding)
            }
        }
    }

    /// Whether the file gives the key.
    func has<Value>(_ key: Key<Value>) -> Bool { entries[key.name] != nil }

    /// Whether the file gives the section.
    func has(_ key: SectionKey) -> Bool { entries[key.name] != nil }

    /// The content of a file by its resolved path.
    func readFile(_ path: String) -> Result<[UInt8], FileProblem> { decoding.surroundings.readFile(path) }

    /// Whether the file leaves the key out.
    func isAbsent(_ key: SectionListKey) -> Bool { entries[key.name] == nil }

    /// Where the key's value is, or, if it is left out, where it is missing from.
    func position<Value>(of key: Key<Value>) -> Position { entries[key.name]?.value.position ?? position }

    /// Reports a problem of a key's value that only its neighbours show.
    func report<Value>(_ key: Key<Value>, _ message: String) {
        decoding.report(position(of: key), "\(label(of: key.name)): \(message)")
    }

    /// Tells of a value that is allowed and hardly meant.
    func warn<Value>(_ key: Key<Value>, _ message: String) {
        decoding.warn(position(of: key), "\(label(of: key.name)): \(message)")
    }

    /// Reports that a key should not be there at all.
    func reportKey<Value>(_ key: Key<Value>, _ message: String) {
        decoding.report(entries[key.name]?.keyPosition ?? position, "\(label(of: key.name)): \(message)")
    }

    /// Reports a problem of a part of a key's value, with its label.
    func report(_ position: Position, _ message: String) {
        decoding.report(position, message)
    }

    /// Reports that a key must be given.
    func reportMissing(_ name: String, allowed: String) {
        guard isReadable else { return }
        decoding.report(position, "\(label(of: name)): required; allowed: \(allowed)")
    }

    /// A path of the file as the program uses it: relative ones start at the configuration file's folder.
    func resolve(_ path: String) -> String { decoding.surroundings.resolve(path) }

    func label(of name: String) -> String { label.isEmpty ? name : "\(label).\(name)" }
}

extension Node {
    var isNull: Bool {
        if case .scalar(let scalar) = content { return ScalarValue(scalar) == .null }
        return false
    }

    /// What the value is, for messages. Never the value of a string: it may be a secret.
    var kind: String {
        switch content {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .refused: return "a refused value"
        case .scalar(let scalar):
            switch ScalarValue(scalar) {
            case .null: return "no value"
            case .bool(let value): return "the boolean \(value)"
            case .int, .float: return "the number \(scalar.text.prefix(Quoted.maximumLength))"
            case .string: return "a string"
            }
        }
    }
}
