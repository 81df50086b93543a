/// The description as one page for people: nothing on it is loaded from elsewhere, and nothing on it is a script.
struct DescriptionPage {
    let tree: DocumentTree
    /// The style sheet, relative to the page.
    let style: String

    /// The page's own style sheet and nothing else.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    var html: String {
        let title = tree["info"]?["title"]?.string ?? ""
        var page = HTMLText()
        page.element("html", ["lang": "en"]) { html in
            html.element("head") { head in
                head.element("title", text: title)
                head.void("meta", ["name": "viewport", "content": "width=device-width"])
                head.void("link", ["rel": "stylesheet", "href": style])
            }
            html.element("body") { body in
                body.element("h1", text: title)
                body.commonMark(tree["info"]?["description"]?.string ?? "")
                body.element("p") { line in
                    line.text("The same for programs: ")
                    line.element("a", ["href": "openapi.json"], text: "openapi.json")
                    line.text(", ")
                    line.element("a", ["href": "openapi.yaml"], text: "openapi.yaml")
                    line.text(".")
                }
                contents(&body)
                for tag in tree["tags"]?.elements ?? [] { section(tag, &body) }
                body.element("h2", ["id": "schemas"], text: "Schemas")
                for schema in tree["components"]?["schemas"]?.entries ?? [] {
                    body.element("h3", ["id": "schema-\(schema.key)"], text: schema.key)
                    SchemaText(schema: schema.value).write(to: &body)
                }
            }
        }
        return "<!DOCTYPE html>\n" + page.html
    }

    private var prefix: String {
        let url = tree["servers"]?.elements.first?["url"]?.string ?? "/"
        return url == "/" ? "" : url
    }

    private func contents(_ body: inout HTMLText) {
        body.element("nav") { nav in
            nav.element("ul") { list in
                for tag in tree["tags"]?.elements ?? [] {
                    let name = tag["name"]?.string ?? ""
                    list.element("li") { $0.element("a", ["href": "#\(name)"], text: prefix + name) }
                }
                list.element("li") { $0.element("a", ["href": "#schemas"], text: "Schemas") }
            }
        }
    }

    private func section(_ tag: DocumentTree, _ body: inout HTMLText) {
        let name = tag["name"]?.string ?? ""
        body.element("h2", ["id": name], text: prefix + name)
        body.commonMark(tag["description"]?.string ?? "")
        for path in tree["paths"]?.entries ?? [] {
            for operation in path.value.entries where operation.value["tags"]?.elements.first?.string == name {
                describe(operation.value, operation.key.uppercased(), prefix + path.key, &body)
            }
        }
    }

    private func describe(_ operation: DocumentTree, _ method: String, _ path: String, _ body: inout HTMLText) {
        body.element("details", ["id": operation["operationId"]?.string ?? ""]) { details in
            details.element("summary") { summary in
                summary.element("b", text: method)
                summary.text(" ")
                summary.element("code", text: path)
                summary.text(" " + (operation["summary"]?.string ?? ""))
            }
            details.commonMark(operation["description"]?.string ?? "")
            parameters(operation["parameters"]?.elements ?? [], &details)
            if let content = operation["requestBody"]?["content"]?.entries.first {
                details.element("h4", text: "Body")
                write(content, &details)
            }
            details.element("h4", text: "Answers")
            for response in operation["responses"]?.entries ?? [] { answer(response, &details) }
            for callback in operation["callbacks"]?.entries ?? [] { events(callback.value, &details) }
        }
    }

    private func parameters(_ parameters: [DocumentTree], _ body: inout HTMLText) {
        body.element("h4", text: "Parameters")
        body.element("ul") { list in
            for parameter in parameters.map(resolved) {
                list.element("li") { item in
                    item.element("code", text: parameter["name"]?.string ?? "")
                    item.text(" in \(parameter["in"]?.string ?? "")")
                    item.text(parameter["required"] == true ? ", required. " : ", optional. ")
                    item.inline((parameter["description"]?.string ?? "")[...])
                }
            }
        }
    }

    private func answer(_ response: DocumentTree.Entry, _ body: inout HTMLText) {
        let content = resolved(response.value)
        body.element("section") { section in
            section.element("h5", text: response.key)
            section.commonMark(content["description"]?.string ?? "")
            let headers = content["headers"]?.entries.map(\.key) ?? []
            if !headers.isEmpty { section.element("p", text: "Headers: " + headers.joined(separator: ", ")) }
            // Errors look alike, and their codes are listed.
            if response.key.hasPrefix("2"), let media = content["content"]?.entries.first { write(media, &section) }
        }
    }

    private func events(_ callback: DocumentTree, _ body: inout HTMLText) {
        guard let operation = callback.entries.first?.value["post"] else { return }
        body.element("h4", text: "What the sink gets")
        body.commonMark(operation["description"]?.string ?? "")
        if let media = operation["requestBody"]?["content"]?.entries.first { write(media, &body) }
    }

    /// A media type with its schema and examples.
    private func write(_ media: DocumentTree.Entry, _ body: inout HTMLText) {
        body.element("p") { line in
            line.element("code", text: media.key)
            if let schema = media.value["schema"] {
                line.text(": ")
                SchemaText(schema: schema).writeName(to: &line)
            }
        }
        for example in media.value["examples"]?.entries ?? [] {
            body.element("p", text: (example.value["summary"]?.string ?? "") + ":")
            body.element("pre", text: example.value["value"]?.json ?? "")
        }
    }

    /// What a reference refers to; anything else as it is.
    private func resolved(_ value: DocumentTree) -> DocumentTree {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(tree) { $0[String($1)] ?? [] }
    }
}
