import CallCore
import Foundation
import Testing

@testable import RESTFront

/// The registration API over a socket, with a registrar that replies from another thread, as the real one does.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct RegistrationListenerTests {
    private final class Late: RegistrationControl {
        let registrar = FakeRegistrations()

        func register(
            _ request: RegistrationRequest, reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
        ) {
            Thread.detachNewThread { self.registrar.register(request, reply: reply) }
        }

        func registration(_ id: RegistrationID) -> Registration? { registrar.registration(id) }

        func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration? {
            registrar.registration(id, of: owner)
        }

        func registrations(of owner: SessionOwner, deviceID: String) -> [Registration] {
            registrar.registrations(of: owner, deviceID: deviceID)
        }

        func refresh(
            _ id: RegistrationID, until expiresAt: Date?, _ rule: ExpiryRule,
            reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
        ) {
            Thread.detachNewThread { self.registrar.refresh(id, until: expiresAt, rule, reply: reply) }
        }

        func end(_ id: RegistrationID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void) {
            Thread.detachNewThread { self.registrar.end(id, reply: reply) }
        }
    }

    @Test(arguments: RegistrationHarness.Version.allCases)
    func theLifeOfARegistration(version: RegistrationHarness.Version) async throws {
        let registrations = Late()
        try await withServer(configure: { $0.registrations = registrations }) { address, _ in
            let client = try RawClient(address)
            let created = try client.exchange("POST", version.path, body: RegistrationHarness.createWithNumber)
            #expect(created.status == version.created)
            #expect(created.header("Content-Type") == "application/json")
            let id = try #require(created.json["registrationId"] as? String)
            let one = "\(version.path)/\(id)"
            #expect(try client.exchange("PUT", one).json["registrationId"] as? String == id)
            let list = try client.exchange("GET", version.path + "?x=%20&deviceId=\(RegistrationHarness.uuid)")
            let head = try client.exchange("HEAD", one)
            if version == .v04 {
                #expect(list.body == "[\(created.body)]")
                #expect(head.header("Content-Length") == String(created.body.utf8.count))
            } else {
                #expect(list.status == 405)
                #expect(head.header("Allow") == "PUT, DELETE, OPTIONS")
            }
            let deleted = try client.exchange("DELETE", one)
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(try client.exchange("DELETE", one).status == 404)
        }
    }

    @Test func errorsComeLate() async throws {
        let registrations = Late()
        registrations.registrar.fail(CAMARAError(503, .unavailable, "disk", retryAfter: 5))
        try await withServer(configure: { $0.registrations = registrations }) { address, _ in
            let client = try RawClient(address)
            let path = RegistrationHarness.Version.v04.path
            let refused = try client.exchange("POST", path, body: RegistrationHarness.createWithNumber)
            #expect(refused.status == 503)
            #expect(refused.header("Retry-After") == "5")
            #expect(refused.code == "UNAVAILABLE")
        }
    }
}
