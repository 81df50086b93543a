import Foundation

/// A body that is ready to be sent.
struct Document: Sendable {
    let body: Data
    /// `Content-Type` and what else belongs to the body.
    let headers: [HTTPResponse.Header]

    /// - Parameter contentSecurityPolicy: what a browser may load for it (CSP 3); nil for what is no page.
    init(_ text: String, contentType: String, contentSecurityPolicy: String? = nil) {
        body = Data(text.utf8)
        var headers = [
            HTTPResponse.Header(name: "Content-Type", value: contentType),
            // It changes with the server's version and configuration only.
            HTTPResponse.Header(name: "Cache-Control", value: "max-age=300"),
            HTTPResponse.Header(name: "X-Content-Type-Options", value: "nosniff"),
        ]
        if let contentSecurityPolicy {
            headers.append(HTTPResponse.Header(name: "Content-Security-Policy", value: contentSecurityPolicy))
        }
        self.headers = headers
    }
}
