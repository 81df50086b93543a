/// How clients authenticate, as the description tells it.
public enum DescribedSecurity: Sendable, Equatable {
    /// They do not: mode `insecure`.
    case none
    /// With a bearer token from whoever issues it.
    case bearer
    /// With a bearer token of this OpenID Connect issuer.
    case issuer(String)

    var text: String {
        switch self {
        case .none: "This server runs without authentication: every caller is the same client and may do everything."
        case .bearer, .issuer:
            "Every request needs a bearer token (RFC 6750) with the scope that its operation names. What a client made "
                + "is visible to that client alone."
        }
    }

    private static let name = "token"

    /// Nil where there is none.
    var schemes: DocumentTree? {
        switch self {
        case .none: nil
        case .bearer:
            .map([
                .init(
                    key: DescribedSecurity.name,
                    value: ["type": "http", "scheme": "bearer", "description": "An access token."])
            ])
        case .issuer(let issuer):
            .map([
                .init(
                    key: DescribedSecurity.name,
                    value: [
                        "type": "openIdConnect", "description": "An access token.",
                        "openIdConnectUrl": .text(
                            (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer)
                                + "/.well-known/openid-configuration"),
                    ])
            ])
        }
    }

    /// One requirement for each scope: any of them will do. Only OpenID Connect may name scopes here (OpenAPI 3.0.3,
    /// "Security Requirement Object").
    func requirement(for scopes: [String]) -> DocumentTree? {
        switch self {
        case .none: nil
        case .bearer: [.map([.init(key: DescribedSecurity.name, value: [])])]
        case .issuer:
            scopes.isEmpty
                ? [.map([.init(key: DescribedSecurity.name, value: [])])]
                : .list(scopes.map { .map([.init(key: DescribedSecurity.name, value: [.text($0)])]) })
        }
    }
}
