extension Configuration {
    /// The HTTP side.
    public struct API: Equatable, Sendable {
        /// Where connections are accepted; 1 to 16, distinct.
        public var listen: [HTTPListener]
        /// In front of every mount: empty, or a path with a leading and without a trailing slash.
        public var prefix: String
        /// The largest request body, in bytes; 1 KiB to 16 MiB.
        public var maxBody: Int
        /// What TLS is spoken with on every listener; nil: HTTP in clear.
        public var tls: ServerTLS?
        /// Who may call.
        public var authentication: Authentication
        /// What one client may ask for.
        public var limits: ClientLimits
    }

    /// Certificates of HTTPS. The files have been read; they may change until they are used.
    public struct ServerTLS: Equatable, Sendable {
        /// Path of the certificate, and what a client needs besides to reach the root it trusts.
        public var certificate: String
        /// Path of its key.
        public var key: String
        /// Path of the authorities that clients' certificates must come from; nil: clients need none.
        public var clientCA: String?
    }

    /// What one client may ask for (camara-rules, "Limits").
    public struct ClientLimits: Equatable, Sendable {
        /// Requests in the long run; one more is 429 TOO_MANY_REQUESTS. 1 to 1,000,000.
        public var requestsPerSecond: Int
        /// Requests at once, after a pause; 1 to 1,000,000.
        public var burst: Int
        /// Sessions that have not ended; one more is 429 QUOTA_EXCEEDED. 1 to 1,000,000.
        public var sessions: Int
    }

    /// How a request's client is known.
    public enum Authentication: Equatable, Sendable {
        /// A bearer token that is a signed JWT (RFC 7519).
        case jwt(JWT)
        /// A bearer token that the issuer is asked about (RFC 7662).
        case introspection(Introspection)
        /// Every request is client "anonymous". All listeners are local to the host.
        case insecure
    }

    /// What a token must be signed with and say.
    public struct JWT: Equatable, Sendable {
        /// The value of `iss`, compared exactly.
        public var issuer: String
        /// What `aud` must be or contain.
        public var audience: String
        /// Where the keys are.
        public var keySet: KeySetSource
        /// What the token is asked for.
        public var claims: Claims
        /// A file of certificate authorities in PEM that the provider is checked against; nil for the system's.
        public var certificatesPath: String?
    }

    /// Where a JSON Web Key Set is.
    public enum KeySetSource: Equatable, Sendable {
        /// A file at `path`. It was readable, and a key set, when the configuration was checked.
        case file(path: String)
        /// Fetched while the gateway runs.
        case url(ServiceURL)
    }

    /// Whom the gateway asks about tokens, and who it is there.
    public struct Introspection: Equatable, Sendable {
        /// The introspection endpoint (RFC 7662 §2).
        public var url: ServiceURL
        /// The gateway's own client id there.
        public var clientID: String
        /// Its secret.
        public var clientSecret: Secret
        /// The value of `iss`, if the answer has one; nil checks nothing.
        public var issuer: String?
        /// What `aud` must be or contain, if the answer has one; nil checks nothing.
        public var audience: String?
        /// What the answer is asked for.
        public var claims: Claims
        /// A file of certificate authorities in PEM that the provider is checked against; nil for the system's.
        public var certificatesPath: String?
    }

    /// The claims of a token that say for whom a request is.
    public struct Claims: Equatable, Sendable {
        /// The claim with the phone number of a three-legged token.
        public var phoneNumber: String
        /// The claims with the client's id; the first one present counts. 1 to 8, distinct.
        public var clientID: [String]
    }
}
