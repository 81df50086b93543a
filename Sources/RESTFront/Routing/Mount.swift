/// One API at one path.
public struct Mount: Sendable, Equatable {
    /// What is in front of the API's own paths, without the configured prefix: `/webrtc-call-handling/v0.3`.
    public var path: String
    /// What is served there.
    public var api: Kind

    /// The APIs the server knows.
    public enum Kind: Sendable, Equatable {
        case callHandling(Dialect)
        /// Served only where the server has a registrar.
        case registration(RegistrationDialect)
        /// Served only where the server has a notifier.
        case events(EventsDialect)
    }

    /// A mount; `path` begins with `/` and does not end with one.
    public init(path: String, api: Kind) {
        self.path = path
        self.api = api
    }

    /// The published paths.
    public static let published = [
        Mount(path: "/webrtc", api: .callHandling(.seed)),
        Mount(path: "/webrtc-call-handling/v0.3", api: .callHandling(.v03)),
        Mount(path: "/webrtc-call-handling/v0.4", api: .callHandling(.v04)),
        Mount(path: "/webrtc-registration/v0.3", api: .registration(.v03)),
        Mount(path: "/webrtc-registration/v0.4", api: .registration(.v04)),
        Mount(path: "/webrtc-events/v0.2", api: .events(.v02)),
        Mount(path: "/webrtc-events/v0.3", api: .events(.v03)),
        Mount(path: "/webrtc-events-subscriptions/v0.3", api: .events(.subscriptionsV03)),
    ]
}
