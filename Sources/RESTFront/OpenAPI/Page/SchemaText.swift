/// A schema for people: what it is in a line, and its properties below.
struct SchemaText {
    let schema: DocumentTree

    func write(to html: inout HTMLText) {
        if let text = schema["description"]?.string { html.commonMark(text) }
        html.element("p") { writeName(to: &$0) }
        let required = Set(schema["required"]?.elements.compactMap(\.string) ?? [])
        let properties = schema["properties"]?.entries ?? []
        if !properties.isEmpty {
            html.element("ul") { list in
                for property in properties {
                    list.element("li") { item in
                        item.element("code", text: property.key)
                        item.text(required.contains(property.key) ? " (required) " : " ")
                        SchemaText(schema: property.value).writeNested(to: &item)
                    }
                }
            }
        }
        for alternative in alternatives where alternative["properties"] != nil {
            SchemaText(schema: alternative).write(to: &html)
        }
    }

    /// The schema in a few words: a link for a reference, else its type and bounds.
    func writeName(to html: inout HTMLText) {
        if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
            html.element("a", ["href": "#schema-\(name)"], text: String(name))
        } else if let items = schema["items"] {
            html.text("list of ")
            SchemaText(schema: items).writeName(to: &html)
        } else if let parts = schema["allOf"]?.elements, let first = parts.first {
            SchemaText(schema: first).writeName(to: &html)
        } else if let words = schema["enum"]?.elements.compactMap(\.string), !words.isEmpty {
            html.text(words.joined(separator: " | "))
        } else if !alternatives.isEmpty, schema["properties"] == nil {
            html.text("one of ")
            for (index, alternative) in alternatives.enumerated() {
                if index > 0 { html.text(", ") }
                SchemaText(schema: alternative).writeName(to: &html)
            }
        } else {
            html.text(type)
        }
    }

    private var alternatives: [DocumentTree] { schema["oneOf"]?.elements ?? schema["anyOf"]?.elements ?? [] }

    private var type: String {
        var words = [schema["type"]?.string ?? "anything"]
        if let format = schema["format"]?.string { words.append("(\(format))") }
        for (key, name) in [
            ("minLength", "at least"), ("maxLength", "at most"), ("minimum", "from"), ("maximum", "to"),
            ("pattern", "like"),
        ] {
            guard let bound = schema[key] else { continue }
            words.append("\(name) \(bound.plainScalar ?? bound.string ?? "")")
        }
        return words.joined(separator: " ")
    }

    private func writeNested(to html: inout HTMLText) {
        writeName(to: &html)
        if let text = schema["description"]?.string {
            html.text(": ")
            html.inline(text[...])
        }
        guard schema["properties"] != nil || alternatives.contains(where: { $0["properties"] != nil }) else { return }
        html.element("div") { nested in
            var inner = SchemaText(schema: schema).schema.entries
            inner.removeAll { $0.key == "description" }
            SchemaText(schema: .map(inner)).write(to: &nested)
        }
    }
}
