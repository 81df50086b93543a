import CallCore
import Foundation

@testable import RESTFront

/// The published mounts of the events API by name, for tables.
enum EventsVersion: String, CaseIterable {
    case v02, v03, subscriptionsV03

    var path: String {
        switch self {
        case .v02: "/webrtc-events/v0.2/subscriptions"
        case .v03: "/webrtc-events/v0.3/subscriptions"
        case .subscriptionsV03: "/webrtc-events-subscriptions/v0.3/subscriptions"
        }
    }

    var namespace: EventType.Namespace { self == .subscriptionsV03 ? .webrtcEventsSubscriptions : .webrtcEvents }
    var name: String { self == .subscriptionsV03 ? "webrtc-events-subscriptions" : "webrtc-events" }

    /// The text of an event type, written out so that it is not the code's own.
    func type(_ event: String) -> String { "org.camaraproject.\(name).v0.\(event)" }

    func createScope(_ event: String) -> String { "\(name):\(type(event)):create" }

    var detail: String {
        self == .v02 ? #"{"registrationId":"R1"}"# : #"{"deviceId":"\#(EventsSample.device)"}"#
    }

    /// The properties of the smallest body that is right.
    var properties: [String: String] {
        [
            "protocol": #""HTTP""#, "sink": #""https://sink.example/events""#,
            "types": #"["\#(type("session-status"))"]"#, "config": #"{"subscriptionDetail":\#(detail)}"#,
        ]
    }

    /// That body with some properties replaced, added or, with an empty text, left out.
    func body(_ changes: [String: String] = [:]) -> String {
        let all = properties.merging(changes) { _, new in new }.filter { !$0.value.isEmpty }
        return "{" + all.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// That body with `members` added to its `config`.
    func body(config members: String) -> String {
        body(["config": #"{"subscriptionDetail":\#(detail),\#(members)}"#])
    }

    /// A live subscription made at this mount.
    func subscription(
        _ id: String = "A", owner: SessionOwner = SessionOwner(client: "anonymous"),
        kinds: [EventType.Kind] = [.sessionStatus], credential: SinkCredential? = nil, expiresAt: Date? = nil,
        maximumEvents: Int? = nil, initialEvent: Bool = false
    ) throws -> Subscription {
        Subscription(
            id: SubscriptionID(rawValue: id), owner: owner, types: kinds.map { EventType($0, in: namespace) },
            detail: self == .v02
                ? Subscription.Detail(
                    deviceID: "phone", registrationID: "R1", sessionID: SessionID(rawValue: "0AEE1B58"))
                : Subscription.Detail(deviceID: EventsSample.device),
            sink: try SinkURL("https://sink.example/events"), credential: credential, expiresAt: expiresAt,
            maximumEvents: maximumEvents, initialEvent: initialEvent, createdAt: FakeSubscriptions.createdAt,
            dialect: self == .v02 ? .v02 : .v03)
    }
}

/// Texts the tests of the events API share. The time is ``RouterHarness/now``, 2023-11-14T22:13:20Z.
enum EventsSample {
    static let device = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
    static let token = "eyJhbGciOiJub25lIn0.secret"
    static let expiry = "2024-12-06T14:37:56.147Z"
    static let expiryDate = Date(timeIntervalSince1970: 1_733_495_876.147)

    /// A `sinkCredential` with some properties replaced, added or, with an empty text, left out.
    static func credential(_ changes: [String: String] = [:]) -> String {
        let all = [
            "credentialType": #""ACCESSTOKEN""#, "accessToken": #""\#(token)""#, "accessTokenType": #""bearer""#,
            "accessTokenExpiresUtc": #""\#(expiry)""#,
        ].merging(changes) { _, new in new }.filter { !$0.value.isEmpty }
        return "{" + all.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}

/// A router with a notifier, for callers who may do everything.
struct EventsHarness {
    let notifier = FakeSubscriptions()
    let registrations = FakeRegistrations()
    let router: RouterHarness

    init(authenticator: any Authenticator = InsecureAuthenticator(), prefix: String = "") throws {
        router = try RouterHarness(
            authenticator: authenticator, prefix: prefix, registrations: registrations, subscriptions: notifier)
    }

    func respond(
        _ method: HTTPMethod, _ path: String, _ body: String = "", fields: [(HeaderField, String)] = []
    ) -> HTTPResponse {
        router.respond(method, path, body, fields: fields)
    }
}
