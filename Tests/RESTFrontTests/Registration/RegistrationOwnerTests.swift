import CallCore
import Foundation
import Testing

@testable import RESTFront

/// Whose number a registration is for, and who may see it.
@Suite struct RegistrationOwnerTests {
    typealias Harness = RegistrationHarness
    typealias Version = RegistrationHarness.Version

    /// `phoneNumber` in a POST (camara-rules, "Tokens"): the caller, the member, and the code, or the number registered.
    @Test(
        arguments: Version.allCases,
        [
            // Three-legged: the token's, and nothing else.
            ("alice", "", nil, Harness.number),
            ("alice", #","phoneNumber":"+17085852753""#, "UNNECESSARY_IDENTIFIER", ""),
            ("alice", #","phoneNumber":"+390612345""#, "UNNECESSARY_IDENTIFIER", ""),
            // Two-legged, or nobody checked: the body's.
            ("machine", #","phoneNumber":"+390612345""#, nil, "+390612345"),
            ("machine", "", "MISSING_IDENTIFIER", ""),
            ("anyone", #","phoneNumber":"+390612345""#, nil, "+390612345"),
            ("anyone", "", "MISSING_IDENTIFIER", ""),
            // Its form, for whomever.
            ("machine", #","phoneNumber":"+12345""#, nil, "+12345"),
            ("machine", #","phoneNumber":"+123456789012345""#, nil, "+123456789012345"),
            ("machine", #","phoneNumber":"+1234""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"+1234567890123456""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"+01234567""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"+39-06-12345""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"390612345""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"tel:+390612345""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":"""#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":390612345"#, "INVALID_ARGUMENT", ""),
            ("machine", #","phoneNumber":null"#, "INVALID_ARGUMENT", ""),
            ("alice", #","phoneNumber":5"#, "INVALID_ARGUMENT", ""),
        ] as [(String, String, String?, String)])
    func numbers(version: Version, row: (name: String, member: String, code: String?, number: String)) throws {
        let harness = try Harness()
        let response = harness.respond(
            .post, version.path, #"{"deviceId":"\#(Harness.uuid)"\#(row.member)}"#, as: row.name)
        #expect(response.code == row.code, "\(response.message)")
        guard let code = row.code else {
            #expect(response.status == version.created)
            #expect((response.json["regInfo"] as? [String: String])?["phoneNumber"] == row.number)
            let request = try #require(harness.registrations.requests.first)
            #expect(request.number.text == row.number)
            let owners = [
                "alice": SessionOwner(client: "app", user: PhoneNumber(Harness.number)),
                "machine": SessionOwner(client: "app"), "anyone": SessionOwner(client: "anonymous"),
            ]
            #expect(request.owner == owners[row.name])
            return
        }
        #expect(response.status == (code == "INVALID_ARGUMENT" ? 400 : 422))
        #expect(response.message.contains("phoneNumber"))
        #expect(harness.registrations.requests.isEmpty)
    }

    @Test(arguments: ["bob", "alice-elsewhere", "machine", "machine-elsewhere", "anyone"])
    func anothersIsNotThere(name: String) throws {
        let harness = try Harness()
        harness.add("A")
        let requests = [(Version.v04, HTTPMethod.get)] + Version.allCases.flatMap { [($0, .put), ($0, .delete)] }
        for (version, method) in requests {
            // Not even a broken body tells a stranger that there is something.
            let unknown = harness.respond(method, version.path + "/none", "nonsense", as: name)
            let others = harness.respond(method, version.path + "/A", "nonsense", as: name)
            #expect(others == unknown, "\(method)")
            #expect(others.status == 404)
            #expect(others.code == "NOT_FOUND")
        }
        #expect(harness.registrations.refreshes.isEmpty)
        #expect(harness.registrations.ended.isEmpty)
    }

    @Test func whatATwoLeggedClientMadeIsItsOwn() throws {
        let harness = try Harness()
        for version in Version.allCases {
            let body = Harness.createWithNumber
            let id = try #require(
                harness.respond(.post, version.path, body, as: "machine").json["registrationId"] as? String)
            #expect(harness.respond(.get, Version.v04.path + "/\(id)", as: "machine").status == 200)
            // A token of the number is another owner's, though the client is the same.
            #expect(harness.respond(.get, Version.v04.path + "/\(id)", as: "alice").status == 404)
            #expect(harness.respond(.get, Version.v04.path + "/\(id)", as: "machine-elsewhere").status == 404)
            #expect(harness.respond(.put, version.path + "/\(id)", as: "machine").status == 200)
            #expect(harness.respond(.delete, version.path + "/\(id)", as: "machine").status == 204)
        }
    }

    // MARK: GET …/sessions?deviceId=

    @Test(
        arguments: [
            ("deviceId=\(Harness.uuid)", 200, ""), ("deviceId=1f0e9a52%2D3c77-4d1b-9a2e-5b6c7d8e9f00", 200, ""),
            ("device%49d=\(Harness.uuid)", 200, ""), ("x=1&deviceId=\(Harness.uuid)&y", 200, ""),
            ("&&deviceId=\(Harness.uuid)&=&%zz=1", 200, ""), ("deviceid=x&deviceId=\(Harness.uuid)", 200, ""),
            (nil, 400, "deviceId"), ("", 400, "deviceId"), ("deviceid=\(Harness.uuid)", 400, "deviceId"),
            ("deviceId", 400, "deviceId"), ("deviceId=", 400, "deviceId"), ("deviceId=%zz", 400, "percent"),
            ("deviceId=%ff", 400, "percent"), ("deviceId=%4", 400, "percent"),
            ("deviceId=my%20phone", 400, "UUID"), ("deviceId=\(Harness.uuid)0", 400, "UUID"),
            ("deviceId=\(Harness.uuid)+", 400, "UUID"), ("deviceId=\(Harness.uuid)=", 400, "UUID"),
            ("deviceId=\(Harness.uuid)&deviceId=\(Harness.uuid)", 400, "more than once"),
            ("deviceId=\(Harness.uuid)&device%49d=", 400, "more than once"),
        ] as [(String?, Int, String)])
    func theQuery(query: String?, status: Int, named: String) throws {
        let harness = try Harness()
        harness.add("A")
        let response = harness.respond(.get, Version.v04.path, query: query)
        #expect(response.status == status, "\(response.message)")
        guard status == 400 else {
            #expect(response.list?.compactMap { $0["registrationId"] as? String } == ["A"])
            return
        }
        #expect(response.code == "INVALID_ARGUMENT")
        #expect(response.message.contains("deviceId"))
        #expect(response.message.contains(named), "\(response.message)")
    }

    @Test func theListHasTheCallersOwnAlone() throws {
        let harness = try Harness()
        let (app, number) = (SessionOwner(client: "app"), PhoneNumber(Harness.number))
        harness.add("A")
        harness.add("B", number: "+17085854000")
        harness.add("other device", device: "00000000-0000-4000-8000-000000000000")
        harness.registrations.add("C", of: SessionOwner(client: "other", user: number), deviceID: Harness.uuid)
        for index in 0..<12 {
            harness.registrations.add(
                "M\(10 + index)", of: app, number: "+39061\(1_000 + index)", deviceID: Harness.uuid)
        }
        func listed(_ name: String) -> [String]? {
            harness.respond(.get, Version.v04.path, as: name, query: "deviceId=\(Harness.uuid)").list?
                .compactMap { $0["registrationId"] as? String }
        }
        #expect(listed("alice") == ["A"])
        #expect(listed("bob") == ["B"])
        #expect(listed("alice-elsewhere") == ["C"])
        // A two-legged client sees the numbers it gave, ten at most.
        #expect(listed("machine") == (10..<20).map { "M\($0)" })
        #expect(listed("machine-elsewhere") == [])
        #expect(listed("anyone") == [])
    }

    @Test func anEmptyListIsAnEmptyArray() throws {
        let harness = try Harness()
        let response = harness.respond(.get, Version.v04.path, query: "deviceId=\(Harness.uuid)")
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self) == "[]")
    }
}
