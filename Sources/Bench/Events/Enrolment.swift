import Foundation

/// Registers callers and subscribes them, each to the events of its own device.
final class Enrolment {
    private static let registrationsPath = "/webrtc-registration/v0.4/sessions"
    private static let subscriptionsPath = "/webrtc-events/v0.3/subscriptions"

    private let tokens: [String]
    private let expiry: String
    private let port: UInt16
    /// The callers' registrations, once they have them.
    private(set) var registrations: [String] = []
    private var subscriptions: [String] = []

    /// `tokens`: the callers' for this (``TokenIssuer/enrolmentToken(number:)``). `port`: the gateway's API.
    init(tokens: [String], port: UInt16) {
        self.tokens = tokens
        self.port = port
        // Within a day: longer than any run.
        expiry = Date.now.addingTimeInterval(23 * 3_600).formatted(.iso8601)
    }

    /// The devices that `other` has registered, with subscriptions of their own.
    init(sharing other: Enrolment) {
        tokens = other.tokens
        port = other.port
        expiry = other.expiry
        registrations = other.registrations
    }

    func register() throws {
        registrations = try send("register", 201) { index, token in
            .init(
                method: "POST", path: Enrolment.registrationsPath, token: token,
                body: """
                    {"deviceId": "\(Enrolment.device(index))", "registrationExpireTime": "\(expiry)"}
                    """)
        }.map { try Enrolment.member("\"registrationId\"", of: $0) }
    }

    /// Gives every caller a subscription with this sink, to events of that type.
    func subscribe(_ sink: String, type: String = EventText.statusType) throws {
        subscriptions = try send("subscribe", 201) { index, token in
            .init(
                method: "POST", path: Enrolment.subscriptionsPath, token: token,
                body: """
                    {"protocol": "HTTP", "sink": "\(sink)", "types": ["\(type)"],
                     "sinkCredential": {"credentialType": "ACCESSTOKEN", "accessToken": "bench-\(index)",
                      "accessTokenType": "bearer", "accessTokenExpiresUtc": "\(expiry)"},
                     "config": {"subscriptionDetail": {"deviceId": "\(Enrolment.device(index))"}}}
                    """)
        }.map { try Enrolment.member("\"id\"", of: $0) }
    }

    /// Ends every caller's subscription.
    func unsubscribe() throws {
        _ = try send("unsubscribe", 204) { index, token in
            .init(method: "DELETE", path: "\(Enrolment.subscriptionsPath)/\(subscriptions[index])", token: token)
        }
        subscriptions = []
    }

    /// A UUID for the caller at `index`.
    private static func device(_ index: Int) -> String { String(format: "7d444840-9dc0-41d1-b245-%012x", index) }

    private func send(
        _ purpose: String, _ status: Int, _ request: (Int, String) -> PlainClient.Request
    ) throws -> [PlainClient.Response] {
        let responses = try PlainClient(port: port).send(tokens.enumerated().map(request))
        if let refused = responses.first(where: { $0.status != status }) {
            throw BenchError.enrolment(
                "to \(purpose) was answered \(refused.status): \(String(decoding: refused.body, as: UTF8.self))")
        }
        return responses
    }

    private static func member(_ name: StaticString, of response: PlainClient.Response) throws -> String {
        guard let text = response.string(name), !text.isEmpty else {
            throw BenchError.enrolment("a response has no \(name)")
        }
        return text
    }
}
