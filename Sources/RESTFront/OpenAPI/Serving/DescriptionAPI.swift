import CallCore
import Foundation

/// Serves the description to anybody: it tells nothing that a client may not know, and an application's tools read it
/// before there is a token. Rendered once, when the server starts, and when another configuration
/// changes it: that takes too long for the thread that serves.
///
/// It stands below the prefix, as every mount does: a proxy that hands the prefix to the gateway hands it the description
/// too, and the paths beside the prefix, which may be somebody else's, stay free.
struct DescriptionAPI: API, Sendable {
    private let documents: [Substring: Document]

    init(_ document: OpenAPIDocument) {
        let tree = document.tree
        let style = "docs.css"
        documents = [
            "/openapi.json": Document(tree.json, contentType: "application/json"),
            "/openapi.yaml": Document(tree.yaml, contentType: "application/yaml"),
            "/docs": Document(
                DescriptionPage(tree: tree, style: style).html, contentType: "text/html; charset=utf-8",
                contentSecurityPolicy: DescriptionPage.contentSecurityPolicy),
            "/\(style)": Document(DescriptionPage.style, contentType: "text/css; charset=utf-8"),
        ]
    }

    /// There is no state to conflict with.
    var stateConflict: CAMARAError.Code { .conflict }

    func route(_ method: HTTPMethod, _ path: Substring) -> Route? {
        documents[path].map { document in
            let isRead = method == .get || method == .head
            return Route(
                template: String(path), allow: "GET, HEAD, OPTIONS", answer: isRead ? .document(document) : nil)
        }
    }
}
