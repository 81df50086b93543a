import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What callers may do, at the router.
@Suite struct AuthorizationTests {
    /// Believes `Bearer NAME` for the names it is given.
    struct Names: Authenticator {
        var callers: [String: Caller]

        func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
            guard let name = authorization?.dropFirst("Bearer ".count), let caller = callers[String(name)] else {
                throw .unauthenticated
            }
            return caller
        }
    }

    static let all = Set(["create", "read", "write", "delete"].map { "webrtc-call-handling:sessions:\($0)" })
    static let number = PhoneNumber("+17085852753")

    static func caller(_ number: PhoneNumber?, client: String = "app", scopes: Set<String> = all) -> Caller {
        Caller(client: client, identity: .verified(number), grant: .scopes(scopes))
    }

    static func harness(scopes: Set<String> = all) throws -> RouterHarness {
        try RouterHarness(
            authenticator: Names(callers: [
                "alice": caller(number, scopes: scopes),
                "alice-elsewhere": caller(number, client: "other"),
                "bob": caller(PhoneNumber("+17085854000")),
                "machine": caller(nil),
            ]))
    }

    static func `as`(_ name: String) -> [(HeaderField, String)] {
        [(.authorization, "Bearer \(name)")]
    }

    /// Where nobody can tell who calls, the caller in need is told to dial natively, not to try again.
    @Test(arguments: Version.allCases)
    func anEmergencyCallIsRefusedAsOne(version: Version) throws {
        struct Silent: Authenticator {
            func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
                throw CAMARAError(503, .unavailable, "nobody can tell", retryAfter: 2)
            }
        }
        let emergency = #"{"originatorAddress":"tel:+17085852753","receiverAddress":"tel:112"}"#
        let silent = try RouterHarness(authenticator: Silent())
        #expect(silent.respond(.post, version.path, emergency).code == "CALLTYPE_EMERGENCY_NOT_SUPPORTED")
        #expect(silent.respond(.post, version.path, Sample.create).status == 503)
        #expect(silent.respond(.put, version.path + "/A/status", emergency).status == 503)
        #expect(silent.calls.created.isEmpty)
    }

    @Test(arguments: [
        (HTTPMethod.post, ""), (.get, "/A"), (.put, "/A"), (.put, "/A/status"), (.delete, "/A"), (.get, ""),
        (.delete, "/"), (.put, "//status"),
    ])
    func withoutToken(method: HTTPMethod, path: String) throws {
        let harness = try Self.harness()
        for fields in [[], Self.as("nobody")] {
            let response = harness.respond(method, "/webrtc/sessions" + path, "nonsense", fields: fields)
            #expect(response.status == 401)
            #expect(response.code == "UNAUTHENTICATED")
            #expect(response.header("WWW-Authenticate") == "Bearer")
            #expect(
                response.message
                    == "Request not authenticated due to missing, invalid, or expired credentials. A new authentication is required."
            )
        }
    }

    @Test func pathsAndMethodsNeedNoToken() throws {
        let harness = try Self.harness()
        #expect(harness.respond(.get, "/nowhere").status == 404)
        #expect(harness.respond(.other, "/webrtc/sessions").status == 405)
        #expect(harness.respond(.options, "/webrtc/sessions").status == 204)
    }

    @Test(arguments: [
        (HTTPMethod.post, "", "create"), (.get, "/A", "read"), (.head, "/A", "read"), (.put, "/A", "write"),
        (.put, "/A/status", "write"), (.delete, "/A", "delete"),
    ])
    func scopes(method: HTTPMethod, path: String, scope: String) throws {
        let needed = "webrtc-call-handling:sessions:\(scope)"
        let without = try Self.harness(scopes: Self.all.subtracting([needed]))
        let response = without.respond(method, "/webrtc/sessions" + path, "nonsense", fields: Self.as("alice"))
        #expect(response.status == 403)
        #expect(response.code == "PERMISSION_DENIED")
        #expect(response.message.contains(needed))
        let with = try Self.harness(scopes: [needed])
        let body = method == .post ? Sample.create : #"{"status":"Hold"}"#
        with.calls.add(Sample.session("A", owner: Self.caller(Self.number).owner))
        #expect(with.respond(method, "/webrtc/sessions" + path, body, fields: Self.as("alice")).status < 300)
    }

    @Test(arguments: [
        ("alice", "tel:+17085852753", 201, nil as String?),
        ("alice", "sip:+17085852753@ims.example.org", 201, nil),
        ("alice", "sip:anonymous@anonymous.invalid", 201, nil),
        ("alice", "tel:+17085852754", 403, "INVALID_TOKEN_CONTEXT"),
        ("alice", "sip:alice@example.com", 403, "INVALID_TOKEN_CONTEXT"),
        ("alice", "sip:17085852753@ims.example.org", 403, "INVALID_TOKEN_CONTEXT"),
        ("alice", "nonsense", 400, "INVALID_ARGUMENT"),
        ("machine", "tel:+17085852753", 403, "PERMISSION_DENIED"),
        ("machine", "sip:anonymous@anonymous.invalid", 403, "PERMISSION_DENIED"),
    ])
    func originators(name: String, originator: String, status: Int, code: String?) throws {
        let harness = try Self.harness()
        let body = CreateTests.body(replacing: "\"originatorAddress\":\"\(originator)\"")
        for version in Version.allCases {
            let response = harness.respond(.post, version.path, body, fields: Self.as(name))
            #expect(response.status == status, "\(response.message)")
            #expect(response.code == code)
            if code == "INVALID_TOKEN_CONTEXT" {
                #expect(response.message == "originator info is not consistent with access token.")
            }
        }
        if status == 201 {
            #expect(harness.calls.created.allSatisfy { $0.identity == Self.number })
            #expect(harness.calls.created.allSatisfy { $0.owner == SessionOwner(client: "app", user: Self.number) })
        }
    }

    @Test func sessionsAreTheirOwnersAlone() throws {
        let harness = try Self.harness()
        harness.calls.add(Sample.session("A", owner: Self.caller(Self.number).owner))
        #expect(harness.respond(.get, "/webrtc/sessions/A", fields: Self.as("alice")).status == 200)
        let unknown = harness.respond(.get, "/webrtc/sessions/none", fields: Self.as("alice"))
        for name in ["bob", "alice-elsewhere", "machine"] {
            for (method, path) in [(HTTPMethod.get, "/A"), (.put, "/A/status"), (.put, "/A"), (.delete, "/A")] {
                let response = harness.respond(method, "/webrtc/sessions" + path, "nonsense", fields: Self.as(name))
                #expect(response == unknown, "\(name) \(method)")
            }
        }
        #expect(harness.calls.ended.isEmpty)
        #expect(harness.calls.updated.isEmpty)
    }

    /// Somebody else's session and one that does not exist are told apart by nothing: the same answer, after the same
    /// one look-up, before the body is read. Clocks would only say so on a quiet machine.
    @Test(arguments: [(HTTPMethod.get, ""), (.put, "/status"), (.put, ""), (.delete, "")])
    func strangersSeeNoDifference(method: HTTPMethod, suffix: String) throws {
        let harness = try Self.harness()
        harness.calls.add(Sample.session("A", owner: Self.caller(Self.number).owner))
        var answers: [HTTPResponse] = []
        for (id, body) in [("A", "{"), ("B", "{"), ("A", #"{"status":"Hold"}"#), ("B", #"{"status":"Hold"}"#)] {
            let before = harness.calls.lookUps
            answers.append(
                harness.respond(method, "/webrtc/sessions/\(id)\(suffix)", body, fields: Self.as("bob")))
            #expect(harness.calls.lookUps == before + 1)
        }
        #expect(answers.allSatisfy { $0 == answers[0] && $0.status == 404 })
    }

    /// Who comes before what: token, scope, media type, JSON, emergency, form, number, SDP.
    @Test func theOrderOfTheChecks() throws {
        let harness = try Self.harness()
        let path = Version.v04.path
        let xml = (HeaderField.contentType, "application/xml")
        func status(_ body: String, as name: String, _ more: [(HeaderField, String)] = []) -> Int {
            harness.respond(.post, path, body, fields: Self.as(name) + more).status
        }
        #expect(status(#"{"receiverAddress":"tel:112"}"#, as: "nobody") == 401)
        #expect(status(#"{"receiverAddress":"tel:112"}"#, as: "machine", [xml]) == 415)
        #expect(status("{", as: "machine") == 400)
        #expect(status(#"{"receiverAddress":"tel:112","offer":5}"#, as: "machine") == 501)
        #expect(status(CreateTests.body(replacing: #""offer":5"#), as: "machine") == 400)
        #expect(status(CreateTests.body(replacing: #""offer":{"sdp":"x"}"#), as: "machine") == 403)
        #expect(status(CreateTests.body(replacing: #""offer":{"sdp":"x"}"#), as: "alice") == 400)
        let noScope = try Self.harness(scopes: [])
        #expect(noScope.respond(.post, path, #"{"receiverAddress":"tel:112"}"#, fields: Self.as("alice")).status == 403)
    }
}
