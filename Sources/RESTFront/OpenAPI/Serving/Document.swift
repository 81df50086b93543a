import Foundation

/// A body that is ready to be sent.
struct Document: Sendable {
    let status: Int
    let body: Data
    /// `Content-Type` and what else belongs to the body.
    let headers: [HTTPResponse.Header]

    /// - Parameters:
    ///   - cacheControl: by default what suits a text that changes with the server's version and configuration only.
    ///   - contentSecurityPolicy: what a browser may load for it (CSP 3); nil for what is no page.
    init(
        _ text: String, contentType: String, status: Int = 200, cacheControl: String = "max-age=300",
        contentSecurityPolicy: String? = nil
    ) {
        self.status = status
        body = Data(text.utf8)
        var headers = [
            HTTPResponse.Header(name: "Content-Type", value: contentType),
            HTTPResponse.Header(name: "Cache-Control", value: cacheControl),
            HTTPResponse.Header(name: "X-Content-Type-Options", value: "nosniff"),
        ]
        if let contentSecurityPolicy {
            headers.append(HTTPResponse.Header(name: "Content-Security-Policy", value: contentSecurityPolicy))
        }
        self.headers = headers
    }
}
