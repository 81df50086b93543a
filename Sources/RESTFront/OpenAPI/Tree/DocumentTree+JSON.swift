extension DocumentTree {
    /// The tree as JSON (RFC 8259), two spaces deeper for every level.
    var json: String {
        var text = ""
        writeJSON(to: &text, depth: 0)
        return text + "\n"
    }

    /// A string as JSON writes it, quotes included; YAML's double-quoted style reads it the same (YAML 1.2 §7.3.1).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            // Control characters, and what some readers take for a line break or for no text.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A scalar as both notations write it; nil for lists and objects.
    var plainScalar: String? {
        switch self {
        case .integer(let integer): String(integer)
        case .number(let number): String(number)
        case .boolean(let boolean): boolean ? "true" : "false"
        case .text, .list, .map: nil
        }
    }

    private func writeJSON(to text: inout String, depth: Int) {
        let margin = String(repeating: "  ", count: depth + 1)
        switch self {
        case .text(let string): text += DocumentTree.quoted(string)
        case .integer, .number, .boolean: text += plainScalar ?? ""
        case .list(let elements):
            guard !elements.isEmpty else { return text += "[]" }
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + margin
                element.writeJSON(to: &text, depth: depth + 1)
            }
            text += "\n" + margin.dropLast(2) + "]"
        case .map(let entries):
            guard !entries.isEmpty else { return text += "{}" }
            text += "{"
            for (index, entry) in entries.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + margin + DocumentTree.quoted(entry.key) + ": "
                entry.value.writeJSON(to: &text, depth: depth + 1)
            }
            text += "\n" + margin.dropLast(2) + "}"
        }
    }
}
