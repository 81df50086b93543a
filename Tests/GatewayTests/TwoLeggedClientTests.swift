import CallCore
import Configuration
import Foundation
import Services
import Testing

@testable import Gateway

/// Which numbers a client may register whose token names none (`registrations.clients`).
@Suite struct TwoLeggedClientTests {
    private func permits(_ authentication: String, _ client: String, user: String?, _ number: String) throws -> Bool {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(
            """
            api: {auth: {\(authentication)}}
            trunks: [{name: core, peers: [{uri: "sip:127.0.0.1:5070"}]}]
            registrations: {clients: [{client: pbx, numbers: ["+4930901820", "+4940"]}]}
            """.utf8
        ).write(to: file)
        let configuration = try Configuration.load(path: file.path(percentEncoded: false))
        let owner = SessionOwner(client: client, user: user.flatMap(PhoneNumber.init))
        return Registrar.Options(configuration).permits(owner, try #require(PhoneNumber(number)))
    }

    private let introspection =
        "mode: introspection, introspection: {url: \"http://127.0.0.1:1/\", clientId: a, clientSecret: b}"

    @Test(
        arguments: [
            ("pbx", nil, "+493090182017", true), ("pbx", nil, "+49401", true), ("pbx", nil, "+493090182117", false),
            ("pbx", nil, "+33123456", false), ("other", nil, "+493090182017", false),
            ("other", "+33123456", "+33123456", true), ("", nil, "+49401", false),
        ] as [(String, String?, String, Bool)])
    func permitted(client: String, user: String?, number: String, expected: Bool) throws {
        #expect(try permits(introspection, client, user: user, number) == expected)
    }

    @Test func withoutAuthenticationEverybodyIsBelieved() throws {
        #expect(try permits("mode: insecure", "anonymous", user: nil, "+33123456"))
    }
}
