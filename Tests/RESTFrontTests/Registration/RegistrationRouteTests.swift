import CallCore
import Foundation
import Testing

@testable import RESTFront

/// Paths, methods, scopes, and what a registration looks like.
@Suite struct RegistrationRouteTests {
    typealias Harness = RegistrationHarness
    typealias Version = RegistrationHarness.Version

    @Test(arguments: [
        (HTTPMethod.post, "", 200, 201, ""), (.post, "/", 200, 201, ""),
        (.put, "/A", 200, 200, ""), (.put, "/%41", 200, 200, ""), (.delete, "/A", 204, 204, ""),
        (.get, "/A", 405, 200, ""), (.head, "/A", 405, 200, ""),
        (.get, "/none", 405, 404, ""), (.put, "/none", 404, 404, ""), (.delete, "/none", 404, 404, ""),
        // A missing identifier. GET is an operation of 0.4 alone; there the query could have named a device.
        (.get, "", 405, 400, "registrationId"), (.head, "/", 405, 400, "registrationId"),
        (.put, "", 400, 400, "registrationId"), (.put, "/", 400, 400, "registrationId"),
        (.delete, "", 400, 400, "registrationId"), (.delete, "/", 400, 400, "registrationId"),
        // One that cannot be an identifier.
        (.get, "/%zz", 405, 400, "registrationId"), (.put, "/%ff", 400, 400, "registrationId"),
        (.delete, "/" + String(repeating: "A", count: 257), 400, 400, "registrationId"),
        // Not an operation.
        (.other, "", 405, 405, ""), (.other, "/A", 405, 405, ""), (.post, "/A", 405, 405, ""),
        // Not a path: a registration has no status.
        (.put, "/A/status", 404, 404, ""), (.delete, "/A/", 404, 404, ""), (.post, "x", 404, 404, ""),
    ])
    func paths(method: HTTPMethod, path: String, v03: Int, v04: Int, named: String) throws {
        for (version, status) in [(Version.v03, v03), (.v04, v04)] {
            let harness = try Harness()
            harness.add()
            let response = harness.respond(method, version.path + path, method == .post ? Harness.create : "")
            #expect(response.status == status, "\(version): \(response.message)")
            let codes = [400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"]
            #expect(response.code == codes[status])
            if status == 400 { #expect(response.message.contains(named)) }
            #expect((response.header("Allow") != nil) == (status == 405))
            #expect(response.header("x-correlator") == "generated")
        }
    }

    @Test(arguments: [
        (Version.v03, "", "POST, OPTIONS"), (.v03, "/A", "PUT, DELETE, OPTIONS"),
        (.v04, "", "GET, HEAD, POST, OPTIONS"), (.v04, "/A", "GET, HEAD, PUT, DELETE, OPTIONS"),
    ])
    func whatIsAllowed(version: Version, path: String, allow: String) throws {
        let harness = try Harness()
        #expect(harness.respond(.options, version.path + path).header("Allow") == allow)
        #expect(harness.respond(.options, version.path + path).status == 204)
        #expect(harness.respond(.other, version.path + path).header("Allow") == allow)
    }

    @Test(arguments: Version.allCases)
    func withoutARegistrarThereIsNoSuchPath(version: Version) throws {
        let harness = try RouterHarness()
        #expect(harness.respond(.post, version.path, Harness.createWithNumber).status == 404)
        #expect(harness.respond(.options, version.path).status == 404)
    }

    @Test func thePrefixAndMoreVersions() throws {
        let mount = Mount(path: "/webrtc-registration/vwip", api: .registration(.v04))
        let harness = try RouterHarness(
            prefix: "/camara", registrations: FakeRegistrations(), mounts: Mount.published + [mount])
        for path in Version.allCases.map(\.path) + ["/webrtc-registration/vwip/sessions"] {
            #expect(harness.respond(.post, "/camara" + path, Harness.createWithNumber).status < 300)
            #expect(harness.respond(.post, path, Harness.createWithNumber).status == 404)
        }
    }

    @Test func theLogSeesNoIdentifiers() throws {
        let harness = try RouterHarness(registrations: FakeRegistrations())
        #expect(
            harness.exchange(.put, Version.v04.path + "/secret").route
                == "/webrtc-registration/v0.4/sessions/{registrationId}")
        #expect(harness.exchange(.post, Version.v03.path).route == "/webrtc-registration/v0.3/sessions")
        #expect(harness.exchange(.delete, Version.v03.path + "/secret").session == nil)
    }

    // MARK: Scopes

    @Test(arguments: [
        (Version.v03, HTTPMethod.post, "", "create"), (.v03, .put, "/A", "write"), (.v03, .put, "", "write"),
        (.v03, .delete, "/A", "delete"), (.v03, .delete, "/", "delete"),
        (.v04, .post, "", "create"), (.v04, .get, "/A", "read"), (.v04, .head, "/A", "read"), (.v04, .get, "", "read"),
        (.v04, .get, "/%zz", "read"), (.v04, .put, "/A", "write"), (.v04, .put, "/%zz", "write"),
        (.v04, .delete, "/A", "delete"), (.v04, .delete, "/%zz", "delete"),
    ])
    func scopes(version: Version, method: HTTPMethod, path: String, scope: String) throws {
        let needed = "webrtc-registration:sessions:\(scope)"
        // Nor does another API's scope of the same name do.
        let others = Harness.scopes.subtracting([needed]).union(AuthorizationTests.all)
        let without = try Harness(scopes: others)
        without.add()
        let refused = without.respond(method, version.path + path, Harness.create, query: "deviceId=\(Harness.uuid)")
        #expect(refused.status == 403)
        #expect(refused.code == "PERMISSION_DENIED")
        #expect(refused.message.contains(needed))
        #expect(without.registrations.requests.isEmpty)
        #expect(without.registrations.refreshes.isEmpty)
        #expect(without.registrations.ended.isEmpty)
        let with = try Harness(scopes: [needed])
        with.add()
        let body = method == .post ? Harness.create : ""
        let allowed = with.respond(method, version.path + path, body, query: "deviceId=\(Harness.uuid)")
        #expect(allowed.status != 403)
        #expect(allowed.status < 300 || path != "/A")
    }

    @Test(arguments: Version.allCases)
    func withoutToken(version: Version) throws {
        let harness = try Harness()
        for (method, path) in [(HTTPMethod.post, ""), (.put, "/A"), (.delete, "/A"), (.put, "")] {
            let response = harness.respond(method, version.path + path, Harness.create, as: "nobody")
            #expect(response.status == 401)
            #expect(response.code == "UNAUTHENTICATED")
            #expect(response.header("WWW-Authenticate") == "Bearer")
        }
    }

    // MARK: What is answered

    @Test(arguments: Version.allCases)
    func whatARegistrationLooksLike(version: Version) throws {
        let harness = try Harness()
        harness.add("A")
        let created = harness.respond(
            .post, version.path,
            #"{"deviceId":"\#(Harness.uuid)","registrationExpireTime":"2030-01-02T03:04:05.678+01:00"}"#)
        let refreshed = harness.respond(.put, version.path + "/A")
        let expected = [(created, "R1", "2030-01-02T02:04:05.678Z"), (refreshed, "A", "2033-05-18T03:33:20.000Z")]
        for (response, id, expiry) in expected {
            #expect(Set(response.json.keys) == ["regInfo", "registrationId", "expiresAt"])
            #expect(response.json["registrationId"] as? String == id)
            #expect(response.json["expiresAt"] as? String == expiry)
            let information = response.json["regInfo"] as? [String: String]
            #expect(information == ["phoneNumber": Harness.number, "regStatus": "Registered"])
        }
        let read = harness.respond(.get, Version.v04.path + "/A")
        #expect(read.body == refreshed.body)
        #expect(read.status == 200)
    }

    @Test(arguments: Version.allCases)
    func deleting(version: Version) throws {
        let harness = try Harness()
        harness.add()
        let deleted = harness.respond(.delete, version.path + "/A", fields: [(.accept, "text/html")])
        #expect(deleted.status == 204)
        #expect(deleted.body.isEmpty)
        #expect(harness.registrations.ended == [RegistrationID(rawValue: "A")])
        #expect(harness.respond(.delete, version.path + "/A").status == 404)
        #expect(harness.respond(.put, version.path + "/A").status == 404)
    }

    /// What the registrar refuses comes out as it is, in every operation that asks it.
    @Test(arguments: [
        CAMARAError(400, .outOfRange, "too short"), CAMARAError(403, .maximumRegistrationPerNumber, "full"),
        CAMARAError(403, .maximumRegistrationPerUser, "full"), CAMARAError(403, .maximumDevicesPerUser, "full"),
        CAMARAError(403, .permissionDenied, "not this number"), CAMARAError(404, .notFound, "gone"),
        CAMARAError(409, .alreadyExists, "there"), CAMARAError(429, .quotaExceeded, "many", retryAfter: 60),
        CAMARAError(503, .unavailable, "disk", retryAfter: 5),
    ])
    func errorsOfTheRegistrar(error: CAMARAError) throws {
        let harness = try Harness()
        harness.add()
        harness.registrations.fail(error)
        for version in Version.allCases {
            for (method, path, body) in [
                (HTTPMethod.post, "", Harness.create), (.put, "/A", "{}"), (.delete, "/A", ""),
            ] {
                let response = harness.respond(method, version.path + path, body)
                #expect(response.status == error.status)
                #expect(response.code == error.code.rawValue)
                #expect(response.message == error.message)
                #expect(response.header("Retry-After") == error.retryAfter.map { String($0) })
            }
        }
    }
}
