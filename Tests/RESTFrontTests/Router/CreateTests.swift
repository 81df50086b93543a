import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite struct CreateTests {
    /// The seed document's request, byte for byte.
    @Test func theSeedsOwnRequest() throws {
        let harness = try RouterHarness()
        let url = try #require(
            Bundle.module.url(forResource: "seed-create", withExtension: "json", subdirectory: "Resources"))
        let body = try Data(contentsOf: url)
        let request = HTTPRequest(
            method: .post, path: "/webrtc/sessions", fields: [(.contentType, "application/x-www-form-urlencoded")],
            body: body)
        let response = harness.respond(request)
        #expect(response.status == 201)
        let sent = try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        for name in ["originatorAddress", "originatorName", "receiverAddress", "receiverName", "status"] {
            #expect(response.json[name] as? String == sent[name] as? String, "\(name)")
        }
        #expect((response.json["offer"] as? [String: String]) == (sent["offer"] as? [String: String]))
        // The network assigns it, whatever the client says.
        #expect(response.json["mediaSessionId"] as? String == "0123456789ABCDEF")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("\\/"))
        let call = try #require(harness.calls.created.first)
        #expect(call.offer?.text == (sent["offer"] as? [String: String])?["sdp"])
        #expect(call.originator == .number(try #require(PhoneNumber("+17085852753"))))
        #expect(call.identity == PhoneNumber("+17085852753"))
        #expect(call.owner == SessionOwner(client: "anonymous"))
        #expect(call.id == SessionID(rawValue: "0123456789ABCDEF"))
    }

    /// Errors that every dialect answers the same way: what is added to or replaced in a good body, and the property named.
    @Test(
        arguments: Version.allCases,
        [
            (#""originatorAddress":5"#, "originatorAddress"),
            (#""originatorAddress":null"#, "originatorAddress"),
            (#""originatorAddress":"alice""#, "originatorAddress"),
            (#""originatorAddress":"tel:+1708585275x""#, "originatorAddress"),
            (#""receiverAddress":{}"#, "receiverAddress"),
            (#""receiverAddress":"tel:5854000""#, "receiverAddress"),
            (#""receiverAddress":"sip:bob@192.0.2.1""#, "receiverAddress"),
            (#""receiverAddress":"sip:anonymous@anonymous.invalid""#, "receiverAddress"),
            (#""receiverAddress":"sip:Anonymous@Anonymous.Invalid""#, "receiverAddress"),
            (#""receiverAddress":"sip:bob@example.com\r\nX: y""#, "receiverAddress"),
            (#""originatorName":5"#, "originatorName"),
            (#""originatorName":"Alice\r\nX-Evil: 1""#, "originatorName"),
            (#""originatorName":"Alice\u0000""#, "originatorName"),
            (#""originatorName":"Alice\u0085""#, "originatorName"),
            (#""receiverName":"Bob\n""#, "receiverName"),
            (#""receiverName":["Bob"]"#, "receiverName"),
            (#""receiverName":"\#(String(repeating: "b", count: 257))""#, "receiverName"),
            (#""status":5"#, "status"),
            (#""mediaSessionId":{}"#, "mediaSessionId"),
            (#""answer":{"sdp":"v=0"}"#, "answer"),
            (#""offer":"v=0""#, "offer"),
            (#""offer":null"#, "offer"),
            (#""offer":{}"#, "offer.sdp"),
            (#""offer":{"sdp":5}"#, "offer.sdp"),
            (#""offer":{"sdp":""}"#, "offer.sdp"),
            (#""offer":{"sdp":"v=1\r\n"}"#, "offer.sdp"),
            (#""offer":{"sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nbad\r\nm=audio 9 RTP/AVP 0\r\n"}"#, "line 3"),
        ])
    func invalidBodies(version: Version, row: (member: String, named: String)) throws {
        let harness = try RouterHarness()
        let response = harness.respond(.post, version.path, Self.body(replacing: row.member))
        #expect(response.status == 400)
        #expect(response.code == "INVALID_ARGUMENT")
        #expect(response.message.contains(row.named), "\(response.message)")
        #expect(response.message.count <= 512)
        #expect(harness.calls.created.isEmpty)
    }

    @Test(arguments: [
        "", " ", "{", "[]", "5", "null", "\"x\"", "{\"a\":}", "{\"originatorAddress\":\"\u{1}\"}", "{}{}", "nonsense",
        String(repeating: "[", count: 10_000),
    ])
    func noJSONObject(body: String) throws {
        let harness = try RouterHarness()
        for version in Version.allCases {
            let response = harness.respond(.post, version.path, body)
            #expect(response.status == 400)
            #expect(response.code == "INVALID_ARGUMENT")
        }
        let invalidUTF8 = HTTPRequest(
            method: .post, path: Version.seed.path, body: Data([0x7B, 0x22, 0xFF, 0x22, 0x7D]))
        #expect(harness.respond(invalidUTF8).status == 400)
    }

    /// Rows of the dialect table: a member in a good body, and the status in each dialect.
    @Test(arguments: [
        // Unknown properties, and those an earlier release had.
        (#""colour":"blue""#, 201, 201, 400),
        (#""offer":{"sdp":"\#(escapedSDP)","kind":"x"}"#, 201, 201, 400),
        (#""clientCorrelator":"c-1""#, 201, 201, 201),
        (#""clientCorrelator":5"#, 201, 400, 201),
        (#""clientCorrelator":"a\nb""#, 201, 400, 201),
        (#""offerRequired":"no""#, 201, 400, 201),
        (#""offerRequired":false"#, 201, 201, 201),
        (#""sequenceNumber":"1""#, 201, 400, 201),
        (#""sequenceNumber":1"#, 201, 201, 201),
        (#""reason":1"#, 201, 400, 201),
        (#""callObjectRef":1"#, 201, 400, 201),
        (#""serverCorrelator":1"#, 201, 400, 201),
        (#""receiverSessionStatus":{}"#, 201, 201, 400),
        (#""ReceiverSessionStatus":{}"#, 201, 201, 400),
        // callType and locationDetails.
        (#""callType":"REGULAR""#, 201, 201, 201),
        (#""callType":"OTHER""#, 400, 201, 400),
        (#""callType":5"#, 400, 201, 400),
        (#""locationDetails":5"#, 400, 201, 400),
        (#""locationDetails":{"x":1}"#, 201, 201, 400),
        // Addresses.
        (#""receiverAddress":"tel:+01234567""#, 201, 201, 400),
        (#""receiverAddress":"tel:5854000;phone-context=+1708""#, 400, 400, 201),
        (#""receiverAddress":"sip:5854000;phone-context=+1708@ims.example.org;user=phone""#, 400, 400, 201),
        (#""receiverAddress":"sip:bob@example.com""#, 201, 201, 201),
        (#""originatorAddress":"sip:anonymous@anonymous.invalid""#, 201, 201, 201),
        // Ignored members.
        (#""status":"Connected""#, 201, 201, 201),
        (#""status":"Nonsense""#, 201, 201, 201),
        (#""mediaSessionId":"mine""#, 201, 201, 201),
    ])
    func dialects(member: String, seed: Int, v03: Int, v04: Int) throws {
        let harness = try RouterHarness()
        for (version, status) in [(Version.seed, seed), (.v03, v03), (.v04, v04)] {
            let response = harness.respond(.post, version.path, Self.body(replacing: member))
            #expect(response.status == status, "\(version): \(response.message)")
            if status == 400 { #expect(response.code == "INVALID_ARGUMENT") }
        }
    }

    @Test(arguments: [
        ("originatorAddress", 400, 400, 400), ("receiverAddress", 400, 400, 400), ("offer", 201, 201, 400),
    ])
    func requiredProperties(missing: String, seed: Int, v03: Int, v04: Int) throws {
        let harness = try RouterHarness()
        let members = [
            "originatorAddress": Sample.originator, "receiverAddress": Sample.receiver, "offer": Sample.offer,
        ]
        let body = "{" + members.filter { $0.key != missing }.values.joined(separator: ",") + "}"
        for (version, status) in [(Version.seed, seed), (.v03, v03), (.v04, v04)] {
            let response = harness.respond(.post, version.path, body)
            #expect(response.status == status)
            if status == 400 { #expect(response.message.contains("\(missing) is required")) }
        }
    }

    @Test func whatASessionLooksLike() throws {
        let harness = try RouterHarness()
        let body = """
            {\(Sample.originator),\(Sample.receiver),\(Sample.offer),"originatorName":"Alice","receiverName":"Bob",
            "callType":"REGULAR","clientCorrelator":"c-1"}
            """
        let base = Set([
            "originatorAddress", "originatorName", "receiverAddress", "receiverName", "offer", "status",
            "mediaSessionId",
        ])
        let expected: [(Version, Set<String>)] = [
            (.seed, base.union(["callType"])), (.v03, base.union(["clientCorrelator"])),
            (.v04, base.union(["callType"])),
        ]
        for (version, names) in expected {
            #expect(Set(harness.respond(.post, version.path, body).json.keys) == names, "\(version)")
        }
    }

    @Test func whatAV03SessionHasBesides() throws {
        let harness = try RouterHarness()
        let session = Session(
            id: SessionID(rawValue: "A"), owner: SessionOwner(client: "anonymous"), originatorAddress: "o",
            receiverAddress: "r", clientCorrelator: "c", answer: try SessionDescription(Sample.sdp), status: .busy,
            reason: "SIP 486 Busy Here", sequenceNumber: 3)
        harness.calls.add(session)
        let v03 = harness.respond(.get, Version.v03.path + "/A").json
        #expect(v03["offerRequired"] as? Bool == true)
        #expect(v03["reason"] as? String == "SIP 486 Busy Here")
        #expect(v03["sequenceNumber"] as? Int == 3)
        #expect(v03["clientCorrelator"] as? String == "c")
        #expect((v03["answer"] as? [String: String])?["sdp"] == Sample.sdp)
        for version in [Version.seed, .v04] {
            let names = Set(harness.respond(.get, version.path + "/A").json.keys)
            #expect(names == ["originatorAddress", "receiverAddress", "answer", "status", "mediaSessionId"])
        }
    }

    @Test func errorsOfTheCallLayerInEachDialect() throws {
        let harness = try RouterHarness()
        harness.calls.onCreate { _, reply in reply(.failure(CAMARAError(409, .incompatibleState, "no"))) }
        #expect(harness.respond(.post, Version.seed.path, Sample.create).code == "CONFLICT")
        #expect(harness.respond(.post, Version.v03.path, Sample.create).code == "CONFLICT")
        #expect(harness.respond(.post, Version.v04.path, Sample.create).code == "INCOMPATIBLE_STATE")
        harness.calls.onCreate { _, reply in reply(.failure(CAMARAError(503, .unavailable, "full", retryAfter: 3))) }
        let response = harness.respond(.post, Version.v04.path, Sample.create)
        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "3")
        #expect(response.json.keys.sorted() == ["code", "message", "status"])
    }

    // MARK: Registration

    @Test func theRegistrationHeader() throws {
        let without = try RouterHarness()
        for version in Version.allCases {
            #expect(without.respond(.post, version.path, Sample.create).status == 201)
            #expect(
                without.respond(.post, version.path, Sample.create, fields: [(.registrationID, "any")]).status == 201)
        }
        let registrations = FakeRegistrations()
        registrations.add("R1", of: SessionOwner(client: "anonymous"))
        registrations.add("R2", of: SessionOwner(client: "somebody else"))
        let with = try RouterHarness(registrations: registrations)
        #expect(with.respond(.post, Version.seed.path, Sample.create).status == 201)
        for version in [Version.v03, .v04] {
            let missing = with.respond(.post, version.path, Sample.create)
            #expect(missing.status == 400)
            #expect(missing.message.contains("registrationId"))
            let foreign = with.respond(.post, version.path, Sample.create, fields: [(.registrationID, "R2")])
            #expect(foreign.status == 403)
            #expect(foreign.code == "PERMISSION_DENIED")
            #expect(with.respond(.post, version.path, Sample.create, fields: [(.registrationID, "R1")]).status == 201)
        }
    }

    static let escapedSDP = #"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVPF 0\r\n"#

    /// A good body with `member` in it, instead of the one of that name if there is one.
    static func body(replacing member: String) -> String {
        let name = member.prefix { $0 != ":" }
        let rest = [Sample.originator, Sample.receiver, Sample.offer].filter { !$0.hasPrefix(name) }
        return "{" + (rest + [member]).joined(separator: ",") + "}"
    }
}
