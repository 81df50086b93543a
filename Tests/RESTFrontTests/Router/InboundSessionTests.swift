import CallCore
import Testing

@testable import RESTFront

/// What an application does with the session of a call that has come in (mapping §3, "REST → SIP").
@Suite struct InboundSessionTests {
    private static let user = AuthorizationTests.number
    private static let alice = SessionOwner(client: "app", user: user)
    private static let offer = Sample.sdp
    private static let answer = UpdateTests.answer

    private static func session(
        offer: SessionDescription?, owner: SessionOwner = alice, device: String = "phone", registration: String = "A"
    ) -> Session {
        Session(
            id: SessionID(rawValue: "IN"), owner: owner, originatorAddress: "tel:+390612345",
            receiverAddress: "tel:+17085852753",
            device: SessionDevice(registrationID: RegistrationID(rawValue: registration), deviceID: device),
            offer: offer, sequenceNumber: 1)
    }

    /// Alice has a phone (A, registered anew as A2) and a laptop (B); her client's server has M; F is another client's.
    private static func harness(_ session: Session) throws -> RouterHarness {
        let registrations = FakeRegistrations()
        registrations.add("A", of: alice, deviceID: "phone")
        registrations.add("A2", of: alice, deviceID: "phone")
        registrations.add("B", of: alice, deviceID: "laptop")
        registrations.add("M", of: SessionOwner(client: "app"), deviceID: "phone")
        registrations.add("F", of: SessionOwner(client: "other"), deviceID: "phone")
        let harness = try RouterHarness(
            authenticator: AuthorizationTests.Names(callers: [
                "alice": AuthorizationTests.caller(user),
                "alice-elsewhere": AuthorizationTests.caller(user, client: "other"),
                "bob": AuthorizationTests.caller(PhoneNumber("+17085854000")),
                "machine": AuthorizationTests.caller(nil),
            ]), registrations: registrations)
        harness.calls.add(session)
        return harness
    }

    /// Every status an application may report reaches the call layer as it was said, in each dialect and on both paths.
    @Test(
        arguments: SessionStatus.allCases.filter { $0 != .initial }, Version.allCases)
    func statuses(status: SessionStatus, version: Version) throws {
        let harness = try Self.harness(Self.session(offer: try SessionDescription(Self.offer)))
        let sdp = try SessionDescription(Self.offer)
        for path in ["/IN", "/IN/status"] {
            for (body, change) in [
                ("{\"status\":\"\(status.rawValue)\"}", SessionChange(status: status)),
                (
                    "{\"status\":\"\(status.rawValue)\",\(Self.answer)}",
                    SessionChange(status: status, answer: sdp)
                ),
            ] {
                let response = harness.respond(
                    .put, version.path + path, body, fields: AuthorizationTests.as("alice"))
                #expect(response.status == 200, "\(response.message)")
                #expect(harness.calls.updated.last == change)
            }
        }
    }

    @Test(arguments: Version.allCases)
    func initialIsTheNetworksWord(version: Version) throws {
        let harness = try Self.harness(Self.session(offer: try SessionDescription(Self.offer)))
        let response = harness.respond(
            .put, version.path + "/IN/status", #"{"status":"Initial"}"#, fields: AuthorizationTests.as("alice"))
        #expect(response.status == 400)
        #expect(response.code == "INVALID_ARGUMENT")
        #expect(harness.calls.updated.isEmpty)
    }

    /// By client and user, and by device where the request names one (camara-rules, "Tokens").
    @Test(
        arguments: [
            ("alice", nil, 200, nil),
            ("alice", "", 200, nil),
            ("alice", "A", 200, nil),
            // The same device, registered anew.
            ("alice", "A2", 200, nil),
            // Her other device has a session of its own.
            ("alice", "B", 404, "NOT_FOUND"),
            // Not hers, or not there.
            ("alice", "M", 403, "PERMISSION_DENIED"),
            ("alice", "F", 403, "PERMISSION_DENIED"),
            ("alice", "none", 403, "PERMISSION_DENIED"),
            // The same user through another client, another user of the client, and the client itself.
            ("alice-elsewhere", nil, 404, "NOT_FOUND"),
            ("bob", nil, 404, "NOT_FOUND"),
            ("bob", "A", 404, "NOT_FOUND"),
            ("machine", nil, 404, "NOT_FOUND"),
            ("machine", "M", 404, "NOT_FOUND"),
        ] as [(String, String?, Int, String?)])
    func whoseItIs(name: String, registration: String?, status: Int, code: String?) throws {
        let harness = try Self.harness(Self.session(offer: try SessionDescription(Self.offer)))
        let fields = AuthorizationTests.as(name) + (registration.map { [(.registrationID, $0)] } ?? [])
        for version in Version.allCases {
            let read = harness.respond(.get, version.path + "/IN", fields: fields)
            #expect(read.status == status, "\(version): \(read.message)")
            #expect(read.code == code)
            let changed = harness.respond(
                .put, version.path + "/IN/status", #"{"status":"Ringing"}"#, fields: fields)
            #expect(changed.status == status, "\(version): \(changed.message)")
            #expect(changed.code == code)
            let ended = harness.respond(.delete, version.path + "/IN", fields: fields)
            #expect(ended.status == (status == 200 ? 204 : status), "\(version): \(ended.message)")
            #expect(ended.code == code)
        }
        let isAllowed = status == 200
        #expect(harness.calls.updated.isEmpty != isAllowed)
        #expect(harness.calls.ended.isEmpty != isAllowed)
    }

    /// The registration of a call may end before the call does (mapping §4); its id still names the device.
    @Test func anEndedRegistrationStillNamesItsSession() throws {
        let harness = try Self.harness(Self.session(offer: nil, registration: "gone"))
        let fields = AuthorizationTests.as("alice") + [(.registrationID, "gone")]
        #expect(harness.respond(.get, Version.v04.path + "/IN", fields: fields).status == 200)
    }

    /// r2.2 tells a session that wants an offer so; the others show one without an `offer`.
    @Test(arguments: Version.allCases)
    func withoutAnOffer(version: Version) throws {
        let harness = try Self.harness(Self.session(offer: nil))
        let shown = harness.respond(.get, version.path + "/IN", fields: AuthorizationTests.as("alice"))
        #expect(shown.status == 200)
        #expect(shown.json["offer"] == nil)
        #expect(shown.json["offerRequired"] as? Bool == (version == .v03 ? true : nil))
        let answered = harness.respond(
            .put, version.path + "/IN/status", "{\"status\":\"Connected\",\(Sample.offer)}",
            fields: AuthorizationTests.as("alice"))
        #expect(answered.status == 200, "\(answered.message)")
        #expect(answered.json["offerRequired"] == nil)
        #expect(
            harness.calls.updated.last
                == SessionChange(status: .connected, offer: try SessionDescription(Self.offer)))
    }
}
