import TestPeer

/// The mounts that a client of one CAMARA release uses, and what its bodies look like (camara-rules, "Paths").
struct Release: Sendable, Hashable, CustomStringConvertible {
    let description: String
    let registrations: String
    let sessions: String
    let subscriptions: String
    /// The API's name in event types and scopes.
    let namespace: String
    /// Whether a subscription names a registration; else it names a device.
    let detailNamesRegistration: Bool

    /// CAMARA r2.2.
    static let r2 = Release(
        description: "r2.2", registrations: "/webrtc-registration/v0.3/sessions",
        sessions: "/webrtc-call-handling/v0.3/sessions", subscriptions: "/webrtc-events/v0.2/subscriptions",
        namespace: "webrtc-events", detailNamesRegistration: true)
    /// Towards r3.
    static let r3 = Release(
        description: "r3", registrations: "/webrtc-registration/v0.4/sessions",
        sessions: "/webrtc-call-handling/v0.4/sessions", subscriptions: "/webrtc-events/v0.3/subscriptions",
        namespace: "webrtc-events", detailNamesRegistration: false)
    /// Towards r3, after the events API has got its new name.
    static let r3Renamed = Release(
        description: "r3 renamed", registrations: r3.registrations, sessions: r3.sessions,
        subscriptions: "/webrtc-events-subscriptions/v0.3/subscriptions", namespace: "webrtc-events-subscriptions",
        detailNamesRegistration: false)

    static let all = [r2, r3, r3Renamed]

    /// `org.camaraproject.webrtc-events.v0.session-status`
    func type(_ kind: String) -> String { "org.camaraproject.\(namespace).v0.\(kind)" }

    /// Every scope of the three APIs.
    static let scopes: [String] =
        ["create", "read", "write", "delete"].flatMap {
            ["webrtc-call-handling:sessions:\($0)", "webrtc-registration:sessions:\($0)"]
        }
        + ["webrtc-events", "webrtc-events-subscriptions"].flatMap { name in
            ["read", "update", "delete"].map { "\(name):\($0)" }
                + ["session-invitation", "session-status", "registration-ends"].map {
                    "\(name):org.camaraproject.\(name).v0.\($0):create"
                }
        }
}
