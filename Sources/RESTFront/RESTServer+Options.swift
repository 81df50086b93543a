import CallCore

extension RESTServer {
    /// How the server is set up. Each value's key of the configuration file is in its comment.
    public struct Options: Sendable {
        /// `api.listen`
        public var listen: [ListenAddress]
        /// `api.tls`; nil: HTTP in clear.
        public var tls: ServerTLS?
        /// `api.prefix`: in front of every mount, `/camara`; empty for none.
        public var prefix = ""
        /// What is served where.
        public var mounts = Mount.published
        /// `api.maxBody` and the bounds that have no key.
        public var limits = HTTPLimits()
        /// `emergency.numbers`
        public var emergencyNumbers = EmergencyNumbers.none
        /// Whether `emergency.trunks` has any; else every emergency call is answered 501.
        public var takesEmergencyCalls = false
        /// Whether any of `trunks` has `headers.location`; else the location of a regular call is checked and kept nowhere.
        public var takesLocations = false
        /// The registrar; nil accepts any `registrationId` header and requires none.
        public var registrations: (any RegistrationControl)?
        /// The notifier; nil serves no events API.
        public var subscriptions: (any SubscriptionControl)?
        /// `api.limits`; nil holds no client to any. In mode `insecure` all requests are one client's.
        public var clientLimits: ClientLimits?
        /// The program's version, for the description.
        public var version = ""
        /// How clients authenticate, for the description; the authenticator itself is the server's.
        public var security = DescribedSecurity.bearer
        /// Called on the HTTP thread after every response; must not wait.
        public var onRequest: (@Sendable (RequestRecord) -> Void)?
        /// Called on the HTTP thread for every client whose handshake fails; must not wait.
        public var onTLSFailure: (@Sendable (TLSFailure) -> Void)?
        /// Called on the HTTP thread, with the client's address, for every connection that is closed because its source has as
        /// many as one may have; must not wait.
        public var onRefusal: (@Sendable (String) -> Void)?

        /// Options with the defaults of the configuration.
        public init(listen: [ListenAddress]) {
            self.listen = listen
        }
    }
}

/// One request, for the log: no body, no number, no identifier but the session's.
public struct RequestRecord: Sendable, Equatable {
    /// The request's method.
    public var method: HTTPMethod
    /// The path with identifiers left out, `/webrtc/sessions/{mediaSessionId}`; empty where no mount matched.
    public var route: String
    /// The HTTP status; 0 where the client left before there was one.
    public var status: Int
    /// From the request's last byte to the response's first.
    public var duration: Duration
    /// The `x-correlator` of request and response.
    public var correlator: String
    /// The session the request made or named.
    public var session: SessionID?
    /// A call that was refused because there was no time for it.
    public var isRefusedForLoad = false
}
