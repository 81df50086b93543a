import CallCore
import Foundation

@testable import RESTFront

/// The registration API over a registrar that does what the test tells it, with callers of every kind.
final class RegistrationHarness {
    let registrations = FakeRegistrations()
    private let router: RouterHarness

    /// - Parameter scopes: what every caller but `anyone` may do.
    init(scopes: Set<String> = RegistrationHarness.scopes) throws {
        func caller(_ client: String, _ number: String?) -> Caller {
            Caller(client: client, identity: .verified(number.flatMap { PhoneNumber($0) }), grant: .scopes(scopes))
        }
        router = try RouterHarness(
            authenticator: AuthorizationTests.Names(callers: [
                "alice": caller("app", RegistrationHarness.number), "bob": caller("app", "+17085854000"),
                "alice-elsewhere": caller("other", RegistrationHarness.number), "machine": caller("app", nil),
                "machine-elsewhere": caller("other", nil),
                "anyone": Caller(client: "anonymous", identity: .believed, grant: .everything),
            ]), registrations: registrations)
    }

    func respond(
        _ method: HTTPMethod, _ path: String, _ body: String = "", as name: String = "alice", query: String? = nil,
        fields: [(HeaderField, String)] = []
    ) -> HTTPResponse {
        router.respond(
            HTTPRequest(
                method: method, path: path, query: query, fields: AuthorizationTests.as(name) + fields,
                body: Data(body.utf8)))
    }

    /// Alice's registration.
    @discardableResult
    func add(
        _ id: String = "A", number: String = RegistrationHarness.number,
        device: String = RegistrationHarness.uuid
    ) -> Registration? {
        registrations.add(
            id, of: SessionOwner(client: "app", user: PhoneNumber(number)), number: number, deviceID: device)
    }

    static let scopes = Set(["create", "read", "write", "delete"].map { "webrtc-registration:sessions:\($0)" })
    static let number = "+17085852753"
    static let uuid = "1f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9f00"
    static let create = #"{"deviceId":"\#(uuid)"}"#
    static let createWithNumber = #"{"deviceId":"\#(uuid)","phoneNumber":"\#(number)"}"#

    /// The published mounts.
    enum Version: String, CaseIterable {
        case v03 = "/webrtc-registration/v0.3/sessions"
        case v04 = "/webrtc-registration/v0.4/sessions"

        var path: String { rawValue }
        var created: Int { self == .v03 ? 200 : 201 }
    }
}
