import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What POST and PUT make of their bodies.
@Suite struct RegistrationBodyTests {
    typealias Harness = RegistrationHarness
    typealias Version = RegistrationHarness.Version

    /// Rows of the dialect table: a member in a good body (instead of the one of that name), the status in each dialect,
    /// and what a 400 names.
    @Test(arguments: [
        (#""deviceId":"\#(Harness.uuid)""#, true, true, ""),
        (#""deviceId":"1F0E9A52-3C77-4D1B-9A2E-5B6C7D8E9F00""#, true, true, ""),
        (#""deviceId":"my phone""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9f0""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9f000""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a523c774d1b9a2e5b6c7d8e9f00""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9g00""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a52a3c77-4d1b-9a2e-5b6c7d8e9f00""#, true, false, "deviceId"),
        (#""deviceId":"1f0e9a5-23c77-4d1b-9a2e-5b6c7d8e9f00""#, true, false, "deviceId"),
        (#""deviceId":"-f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9f00""#, true, false, "deviceId"),
        (#""deviceId":"{f0e9a52-3c77-4d1b-9a2e-5b6c7d8e9f0}""#, true, false, "deviceId"),
        (#""deviceId":"\#(String(repeating: "d", count: 256))""#, true, false, "deviceId"),
        (#""deviceId":"\#(String(repeating: "d", count: 257))""#, false, false, "deviceId"),
        (#""deviceId":"a\nb""#, false, false, "deviceId"),
        (#""deviceId":"""#, false, false, "deviceId"),
        (#""deviceId":5"#, false, false, "deviceId"),
        (#""deviceId":null"#, false, false, "deviceId"),
        (#""registrationExpireTime":"2030-01-02T03:04:05Z""#, true, true, ""),
        (#""registrationExpireTime":"2030-01-02T03:04:05.678+05:30""#, true, true, ""),
        // In the past: the registrar's to judge.
        (#""registrationExpireTime":"1999-01-02T03:04:05Z""#, true, true, ""),
        (#""registrationExpireTime":"2030-01-02T03:04:05""#, false, false, "registrationExpireTime"),
        (#""registrationExpireTime":"2030-01-02""#, false, false, "registrationExpireTime"),
        (#""registrationExpireTime":"2030-02-30T03:04:05Z""#, false, false, "registrationExpireTime"),
        (#""registrationExpireTime":"""#, false, false, "registrationExpireTime"),
        (#""registrationExpireTime":3600"#, false, false, "registrationExpireTime"),
        (#""registrationExpireTime":null"#, false, false, "registrationExpireTime"),
        (#""colour":"blue""#, true, false, "colour"),
        (#""regInfo":{}"#, true, false, "regInfo"),
    ])
    func creation(member: String, v03: Bool, v04: Bool, named: String) throws {
        let name = member.prefix { $0 != ":" }
        let others = [#""deviceId":"\#(Harness.uuid)""#].filter { !$0.hasPrefix(name) }
        let body = "{" + (others + [member]).joined(separator: ",") + "}"
        for (version, isGood) in [(Version.v03, v03), (.v04, v04)] {
            let harness = try Harness()
            let response = harness.respond(.post, version.path, body)
            #expect(response.status == (isGood ? version.created : 400), "\(version): \(response.message)")
            #expect(harness.registrations.requests.count == (isGood ? 1 : 0))
            guard !isGood else { continue }
            #expect(response.code == "INVALID_ARGUMENT")
            #expect(response.message.contains(named), "\(response.message)")
            #expect(response.message.utf8.count <= 512)
        }
    }

    @Test(arguments: Version.allCases, ["", " ", "{", "[]", "5", "null", "\"x\"", "{}{}", "{\"a\":}"])
    func noJSONObject(version: Version, body: String) throws {
        let harness = try Harness()
        harness.add()
        let created = harness.respond(.post, version.path, body)
        #expect(created.status == 400)
        #expect(created.code == "INVALID_ARGUMENT")
        // A PUT may do without a body.
        let refreshed = harness.respond(.put, version.path + "/A", body)
        #expect(refreshed.status == (body.isEmpty ? 200 : 400))
    }

    @Test(arguments: Version.allCases)
    func deviceIdIsRequired(version: Version) throws {
        let harness = try Harness()
        let response = harness.respond(.post, version.path, "{}")
        #expect(response.status == 400)
        #expect(response.code == "INVALID_ARGUMENT")
        #expect(response.message == "deviceId is required.")
    }

    /// What a PUT's body comes to in each dialect.
    @Test(arguments: [
        ("{}", true, true),
        (#"{"registrationExpireTime":"2030-01-02T03:04:05Z"}"#, true, true),
        (#"{"registrationExpireTime":"tomorrow"}"#, false, false),
        (#"{"registrationExpireTime":5}"#, false, false),
        (#"{"colour":"blue"}"#, true, false),
        (#"{"deviceId":"other"}"#, true, false),
        (#"{"phoneNumber":"+390612345"}"#, true, false),
    ])
    func refresh(body: String, v03: Bool, v04: Bool) throws {
        for (version, isGood) in [(Version.v03, v03), (.v04, v04)] {
            let harness = try Harness()
            harness.add()
            let response = harness.respond(.put, version.path + "/A", body)
            #expect(response.status == (isGood ? 200 : 400), "\(version): \(response.message)")
            #expect(response.code == (isGood ? nil : "INVALID_ARGUMENT"))
            #expect(harness.registrations.refreshes.count == (isGood ? 1 : 0))
        }
    }

    /// What the registrar is asked for, which is the dialect's as well.
    @Test func whatTheRegistrarIsAsked() throws {
        let expiry = Date(timeIntervalSince1970: 1_893_553_445.678)
        let time = #""registrationExpireTime":"2030-01-02T03:04:05.678Z""#
        let number = try #require(PhoneNumber(Harness.number))
        for (version, rule, replaces) in [
            (Version.v03, ExpiryRule.ownPolicy, true), (.v04, .cappedNotRaised, false),
        ] {
            let harness = try Harness()
            _ = harness.respond(.post, version.path, #"{"deviceId":"\#(Harness.uuid)",\#(time)}"#)
            _ = harness.respond(.post, version.path, Harness.create)
            var request = RegistrationRequest(
                owner: SessionOwner(client: "app", user: number), number: number, deviceID: Harness.uuid,
                expiresAt: expiry, expiryRule: rule, replacesStale: replaces)
            #expect(harness.registrations.requests.first == request)
            request.expiresAt = nil
            #expect(harness.registrations.requests.last == request)
            #expect(harness.registrations.requests.count == 2)
            harness.add()
            _ = harness.respond(.put, version.path + "/A", "{\(time)}")
            _ = harness.respond(.put, version.path + "/A")
            #expect(harness.registrations.refreshes.map(\.until) == [expiry, nil])
            #expect(harness.registrations.refreshes.allSatisfy { $0.rule == rule && $0.id.rawValue == "A" })
        }
    }

    @Test(arguments: Version.allCases)
    func contentTypes(version: Version) throws {
        let harness = try Harness()
        harness.add()
        for (method, path, body) in [(HTTPMethod.post, "", Harness.create), (.put, "/A", "{}")] {
            let xml = [(HeaderField.contentType, "application/xml")]
            let refused = harness.respond(method, version.path + path, body, fields: xml)
            #expect(refused.status == 415)
            #expect(refused.code == "UNSUPPORTED_MEDIA_TYPE")
            let json = [(HeaderField.contentType, "application/json; charset=utf-8")]
            #expect(harness.respond(method, version.path + path, body, fields: json).status < 300)
        }
    }
}
