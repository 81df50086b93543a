import Configuration
import RESTFront

extension Configuration.Authentication {
    /// What tells who sends a request. One that asks a provider starts a thread of its own and waits for nothing.
    /// - Throws: if the key set cannot be used, or the machine lacks what asking needs.
    func authenticator(log: Log) throws -> any Authenticator {
        switch self {
        case .insecure: InsecureAuthenticator()
        case .jwt(let jwt): try jwt.authenticator(log: log)
        case .introspection(let introspection): try introspection.authenticator(log: log)
        }
    }
}

extension Configuration.JWT {
    fileprivate func authenticator(log: Log) throws -> JWTAuthenticator {
        var settings = JWTAuthenticator.Settings(issuer: issuer, audience: audience)
        settings.phoneNumberClaim = claims.phoneNumber
        settings.clientClaims = claims.clientID
        switch keySet {
        case .file(let path):
            return JWTAuthenticator(settings, keys: try JSONWebKeySet(file: path))
        case .url(let url):
            var source = RemoteKeySet.Settings(url: try ProviderURL(url.text))
            source.certificates = certificatesPath
            source.onChange = { log.tell($0, of: "keys") }
            return JWTAuthenticator(settings, keys: try RemoteKeySet(source))
        }
    }
}

extension Configuration.Introspection {
    fileprivate func authenticator(log: Log) throws -> IntrospectionAuthenticator {
        var settings = IntrospectionAuthenticator.Settings(
            url: try ProviderURL(url.text), clientID: clientID, clientSecret: clientSecret.value)
        settings.issuer = issuer
        settings.audience = audience
        settings.phoneNumberClaim = claims.phoneNumber
        settings.clientClaims = claims.clientID
        settings.certificates = certificatesPath
        settings.onChange = { log.tell($0, of: "introspection") }
        return try IntrospectionAuthenticator(settings)
    }
}

extension Log {
    /// A provider that fails costs requests their answer: an operator has to know at once, and when it is over.
    fileprivate func tell(_ change: ProviderChange, of service: String) {
        let field = LogField("service", .text(service))
        switch change {
        case .answers: info("token provider answers", [field])
        case .fails(let failure): error("token provider fails", [field, .reason("\(failure)")])
        }
    }
}
