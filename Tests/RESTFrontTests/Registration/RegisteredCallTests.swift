import CallCore
import Testing

@testable import RESTFront

/// Which registrations a call may name, and the number it is made for then (camara-rules, "Tokens").
@Suite struct RegisteredCallTests {
    /// Alice's is A, her client's two-legged one M, both of her number; N is the client's of another number, F another
    /// client's, S a registration of hers that names another number than her token.
    private static func harness() throws -> RouterHarness {
        let registrations = FakeRegistrations()
        let alice = SessionOwner(client: "app", user: AuthorizationTests.number)
        registrations.add("A", of: alice, deviceID: "phone")
        registrations.add("S", of: alice, number: "+390612345")
        registrations.add("M", of: SessionOwner(client: "app"), deviceID: "server")
        registrations.add("N", of: SessionOwner(client: "app"), number: "+390612345")
        registrations.add("F", of: SessionOwner(client: "other"))
        return try RouterHarness(
            authenticator: AuthorizationTests.Names(callers: [
                "alice": AuthorizationTests.caller(AuthorizationTests.number),
                "machine": AuthorizationTests.caller(nil),
            ]), registrations: registrations)
    }

    @Test(
        arguments: [
            // Three-legged: the token's number, with a registration of its own.
            ("alice", "A", "tel:+17085852753", nil, "+17085852753"),
            ("alice", "A", "sip:anonymous@anonymous.invalid", nil, "+17085852753"),
            ("alice", "A", "tel:+390612345", "INVALID_TOKEN_CONTEXT", ""),
            ("alice", "S", "tel:+17085852753", "PERMISSION_DENIED", ""),
            ("alice", "S", "tel:+390612345", "PERMISSION_DENIED", ""),
            ("alice", "M", "tel:+17085852753", "PERMISSION_DENIED", ""),
            ("alice", "F", "tel:+17085852753", "PERMISSION_DENIED", ""),
            ("alice", "none", "tel:+17085852753", "PERMISSION_DENIED", ""),
            // Two-legged: the registration's number.
            ("machine", "M", "tel:+17085852753", nil, "+17085852753"),
            ("machine", "M", "sip:+17085852753@ims.example.org", nil, "+17085852753"),
            ("machine", "M", "sip:anonymous@anonymous.invalid", nil, "+17085852753"),
            ("machine", "M", "tel:+390612345", "INVALID_TOKEN_CONTEXT", ""),
            ("machine", "M", "sip:alice@example.com", "INVALID_TOKEN_CONTEXT", ""),
            ("machine", "N", "tel:+390612345", nil, "+390612345"),
            ("machine", "N", "tel:+17085852753", "INVALID_TOKEN_CONTEXT", ""),
            ("machine", "A", "tel:+17085852753", "PERMISSION_DENIED", ""),
            ("machine", "F", "tel:+17085852753", "PERMISSION_DENIED", ""),
            ("machine", "none", "tel:+17085852753", "PERMISSION_DENIED", ""),
        ] as [(String, String, String, String?, String)])
    func numbers(name: String, registration: String, originator: String, code: String?, number: String) throws {
        let harness = try Self.harness()
        let body = CreateTests.body(replacing: "\"originatorAddress\":\"\(originator)\"")
        for version in Version.allCases {
            let response = harness.respond(
                .post, version.path, body,
                fields: AuthorizationTests.as(name) + [(.registrationID, registration)])
            #expect(response.code == code, "\(version): \(response.message)")
            #expect(response.status == (code == nil ? 201 : 403))
            if code == "INVALID_TOKEN_CONTEXT" {
                #expect(response.message == "originator info is not consistent with access token.")
            }
        }
        #expect(harness.calls.created.count == (code == nil ? Version.allCases.count : 0))
        for call in harness.calls.created {
            #expect(call.identity?.text == number)
            #expect(call.device?.registrationID.rawValue == registration)
        }
    }

    @Test func theCallKeepsItsDevice() throws {
        let harness = try Self.harness()
        for (name, id, device) in [("alice", "A", "phone"), ("machine", "M", "server")] {
            _ = harness.respond(
                .post, Version.v04.path, Sample.create, fields: AuthorizationTests.as(name) + [(.registrationID, id)])
            #expect(
                harness.calls.created.last?.device
                    == SessionDevice(registrationID: RegistrationID(rawValue: id), deviceID: device))
        }
    }

    /// The seed's mount requires no header; a two-legged client has no number without one.
    @Test func withoutTheHeader() throws {
        let harness = try Self.harness()
        let path = Version.seed.path
        #expect(harness.respond(.post, path, Sample.create, fields: AuthorizationTests.as("alice")).status == 201)
        #expect(harness.calls.created.last?.device == nil)
        let machine = harness.respond(.post, path, Sample.create, fields: AuthorizationTests.as("machine"))
        #expect(machine.status == 403)
        #expect(machine.code == "PERMISSION_DENIED")
        #expect(machine.message.contains("registration"))
        for version in [Version.v03, .v04] {
            let missing = harness.respond(.post, version.path, Sample.create, fields: AuthorizationTests.as("machine"))
            #expect(missing.status == 400)
            #expect(missing.message.contains("registrationId"))
        }
    }
}
