extension DocumentTree {
    /// The tree as YAML 1.2, block style. Every string that a reader of any YAML version could take for something else is
    /// double-quoted; texts of several lines are literal blocks.
    var yaml: String {
        guard !isEmptyCollection else { return emptyCollection + "\n" }
        var text = ""
        writeYAML(to: &text, depth: 0, startsOnNewLine: true)
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private var isEmptyCollection: Bool {
        switch self {
        case .list(let elements): elements.isEmpty
        case .map(let entries): entries.isEmpty
        default: false
        }
    }

    private var emptyCollection: String {
        if case .list = self { "[]" } else { "{}" }
    }

    /// Writes the value after `key:` or `-`; ends with a line break.
    private func writeYAML(to text: inout String, depth: Int, startsOnNewLine: Bool) {
        let margin = String(repeating: "  ", count: depth)
        // A list's element begins on the line of its dash.
        var isFirst = startsOnNewLine
        func begin() {
            if isFirst { text += margin } else { isFirst = true }
        }
        switch self {
        case .text(let string): text += DocumentTree.scalar(string, depth: depth) + "\n"
        case .integer, .number, .boolean: text += (plainScalar ?? "") + "\n"
        case _ where isEmptyCollection: text += emptyCollection + "\n"
        case .list(let elements):
            for element in elements {
                begin()
                text += "- "
                element.writeYAML(to: &text, depth: depth + 1, startsOnNewLine: false)
            }
        case .map(let entries):
            for entry in entries {
                begin()
                text += DocumentTree.key(entry.key) + ":"
                if entry.value.isBlock {
                    text += "\n"
                    entry.value.writeYAML(to: &text, depth: depth + 1, startsOnNewLine: true)
                } else {
                    text += " "
                    entry.value.writeYAML(to: &text, depth: depth + 1, startsOnNewLine: false)
                }
            }
        }
    }

    /// Whether the value begins on a line of its own.
    private var isBlock: Bool {
        switch self {
        case .list, .map: !isEmptyCollection
        case .text, .integer, .number, .boolean: false
        }
    }

    private static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func scalar(_ text: String, depth: Int) -> String {
        if isPlain(text) { return text }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, isLiteral(text), !lines.contains(where: { $0.last == " " }),
            let first = lines.first, !first.isEmpty, first.first != " ", lines.last?.isEmpty == false
        else { return quoted(text) }
        let margin = String(repeating: "  ", count: max(depth, 1))
        return "|-\n" + lines.map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
    }

    /// Whether a literal block can hold the text: nothing in it needs an escape.
    private static func isLiteral(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0 == "\n" || (" "..."~").contains($0) || ("\u{A1}"..."\u{2027}").contains($0)
        }
    }

    /// Whether the text stands for itself without quotes: words of letters and little else, none of which YAML 1.1 or 1.2
    /// reads as a number, a date, a boolean or null.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.count <= 120, isLetter(first) || first == "/" else {
            return false
        }
        let words: Set = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        guard !words.contains(text.lowercased()), text.unicodeScalars.last != " " else { return false }
        var isAfterSpace = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ":
                isAfterSpace = true
                continue
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", "/", "(", ")", ";": break
            // Inside a flow collection these two would matter; none is written.
            case "{", "}", "+", "$", "=": if isAfterSpace { return false }
            default: return false
            }
            isAfterSpace = false
        }
        return true
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
