/// HTML as it is written: whatever comes in as text is escaped, so no text can become markup.
struct HTMLText {
    private(set) var html = ""

    /// An element with what `content` writes into it. Attributes' values are escaped.
    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: (inout HTMLText) -> Void
    ) {
        begin(name, attributes)
        content(&self)
        html += "</\(name)>"
        if !HTMLText.inline.contains(name) { html += "\n" }
    }

    /// An element with a text.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
        element(name, attributes) { $0.text(text) }
    }

    /// An element that has no content.
    mutating func void(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        begin(name, attributes)
        html += "\n"
    }

    private mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        html += "<\(name)"
        for (key, value) in attributes { html += " \(key)=\"\(HTMLText.escaped(value))\"" }
        html += ">"
    }

    mutating func text(_ text: String) { html += HTMLText.escaped(text) }

    /// The little of CommonMark that the description uses: paragraphs, lists with `-`, and code between backticks.
    mutating func commonMark(_ text: String) {
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            if lines.allSatisfy({ $0.hasPrefix("- ") }) {
                element("ul") { list in
                    for line in lines { list.element("li") { $0.inline(line.dropFirst(2)) } }
                }
            } else {
                element("p") { $0.inline(block) }
            }
        }
    }

    /// One line of it.
    mutating func inline(_ text: Substring) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index.isMultiple(of: 2) {
                self.text(String(part))
            } else {
                element("code", text: String(part))
            }
        }
    }

    private static let inline: Set = ["a", "code", "b", "span"]

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
