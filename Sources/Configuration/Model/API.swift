extension Configuration {
    /// The HTTP side.
    public struct API: Equatable, Sendable {
        /// Where connections are accepted; 1 to 16, distinct.
        public var listen: [HTTPListener]
        /// In front of every mount: empty, or a path with a leading and without a trailing slash.
        public var prefix: String
        /// The largest request body, in bytes; 1 KiB to 16 MiB.
        public var maxBody: Int
        /// Who may call.
        public var authentication: Authentication
    }

    /// How a request's client is known.
    public enum Authentication: Equatable, Sendable {
        /// A bearer token that is a signed JWT (RFC 7519).
        case jwt(JWT)
        /// Every request is client "anonymous". All listeners are local to the host.
        case insecure
    }

    /// What a token must be signed with and say.
    public struct JWT: Equatable, Sendable {
        /// The value of `iss`, compared exactly.
        public var issuer: String
        /// What `aud` must be or contain.
        public var audience: String
        /// The path of the JSON Web Key Set. It was readable, and a key set, when the configuration was checked.
        public var jwksPath: String
        /// The claim with the phone number of a three-legged token.
        public var phoneNumberClaim: String
        /// The claims with the client's id; the first one present counts. 1 to 8, distinct.
        public var clientIDClaims: [String]
    }
}
