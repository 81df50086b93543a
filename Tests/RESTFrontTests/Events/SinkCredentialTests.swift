import CallCore
import Foundation
import Testing

@testable import RESTFront

/// `sinkCredential`, in POST and PUT.
@Suite struct SinkCredentialTests {
    static let ok = "ok"
    static let argument = "400 INVALID_ARGUMENT"
    static let credential = "400 INVALID_CREDENTIAL"
    static let token = "400 INVALID_TOKEN"

    @Test(arguments: [
        (EventsSample.credential(), ok, ok),
        ("5", argument, argument),
        ("null", argument, argument),
        ("{}", argument, argument),
        // The type.
        (EventsSample.credential(["credentialType": ""]), argument, argument),
        (EventsSample.credential(["credentialType": "5"]), argument, argument),
        (#"{"credentialType":"PLAIN","identifier":"me","secret":"secret"}"#, credential, credential),
        (EventsSample.credential(["credentialType": #""PLAIN""#]), credential, credential),
        (EventsSample.credential(["credentialType": #""REFRESHTOKEN""#]), credential, credential),
        (EventsSample.credential(["credentialType": #""PRIVATE_KEY_JWT""#]), credential, credential),
        (EventsSample.credential(["credentialType": #""accesstoken""#]), credential, credential),
        // The token's type.
        (EventsSample.credential(["accessTokenType": ""]), argument, argument),
        (EventsSample.credential(["accessTokenType": "true"]), argument, argument),
        (EventsSample.credential(["accessTokenType": #""mac""#]), token, token),
        (EventsSample.credential(["accessTokenType": #""Bearer""#]), token, token),
        // The token.
        (EventsSample.credential(["accessToken": ""]), argument, argument),
        (EventsSample.credential(["accessToken": "5"]), argument, argument),
        (EventsSample.credential(["accessToken": #""""#]), argument, argument),
        (EventsSample.credential(["accessToken": #""secret token""#]), argument, argument),
        (EventsSample.credential(["accessToken": #""secret\r\nX-Evil: 1""#]), argument, argument),
        (EventsSample.credential(["accessToken": #""secret\u0000""#]), argument, argument),
        (EventsSample.credential(["accessToken": #""sécret""#]), argument, argument),
        (EventsSample.credential(["accessToken": "\"" + String(repeating: "a", count: 8_192) + "\""]), ok, ok),
        (
            EventsSample.credential(["accessToken": "\"" + String(repeating: "a", count: 8_193) + "\""]), argument,
            argument
        ),
        // Its end.
        (EventsSample.credential(["accessTokenExpiresUtc": ""]), argument, argument),
        (EventsSample.credential(["accessTokenExpiresUtc": "1733495876"]), argument, argument),
        (EventsSample.credential(["accessTokenExpiresUtc": #""2024-12-06""#]), argument, argument),
        (EventsSample.credential(["accessTokenExpiresUtc": #""2024-12-06T14:37:56.147""#]), argument, argument),
        (EventsSample.credential(["accessTokenExpiresUtc": #""2023-11-14T22:13:20Z""#]), argument, argument),
        (EventsSample.credential(["accessTokenExpiresUtc": #""2023-11-14T22:13:20.001Z""#]), ok, ok),
        // r2.2's examples spell it so; in v0.3 it is the word of an earlier release, which counts for nothing.
        (
            EventsSample.credential([
                "accessTokenExpiresUtc": "", "accessTokenExpireUtc": #""\#(EventsSample.expiry)""#,
            ]), ok, argument
        ),
        (EventsSample.credential(["accessTokenExpireUtc": #""2020-01-01T00:00:00Z""#]), ok, ok),
        (
            EventsSample.credential([
                "accessTokenExpiresUtc": "", "accessTokenExpireUtc": #""2020-01-01T00:00:00Z""#,
            ]), argument, argument
        ),
        // Unknown properties.
        (EventsSample.credential(["colour": "1"]), ok, argument),
    ])
    func credentials(text: String, v02: String, v03: String) throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            harness.notifier.add(try version.subscription())
            let expected = version == .v02 ? v02 : v03
            var responses = [harness.respond(.post, version.path, version.body(["sinkCredential": text]))]
            if version != .v02 {
                responses.append(harness.respond(.put, version.path + "/A", #"{"sinkCredential":\#(text)}"#))
            }
            for response in responses {
                let answer = [String(response.status), response.code].compactMap(\.self).joined(separator: " ")
                #expect(expected == (response.status < 300 ? Self.ok : answer), "\(version): \(response.message)")
                if response.status >= 300 { #expect(response.message.contains("sinkCredential")) }
                // It never comes back, and no error repeats a token.
                let body = String(decoding: response.body, as: UTF8.self)
                #expect(!body.contains("secret") && !body.contains("sécret") && !body.contains("aaaaaaaa"))
            }
            #expect(harness.notifier.requests.count == (expected == Self.ok ? 1 : 0))
            #expect(harness.notifier.updates.count == (expected == Self.ok && version != .v02 ? 1 : 0))
        }
    }

    @Test func theMisspeltNameCountsWhereItIsAlone() throws {
        let harness = try EventsHarness()
        let both = EventsSample.credential(["accessTokenExpireUtc": #""2030-01-01T00:00:00Z""#])
        let alone = EventsSample.credential([
            "accessTokenExpiresUtc": "", "accessTokenExpireUtc": #""2030-01-01T00:00:00Z""#,
        ])
        for text in [both, alone] {
            let body = EventsVersion.v02.body(["sinkCredential": text])
            #expect(harness.respond(.post, EventsVersion.v02.path, body).status == 201)
        }
        #expect(
            harness.notifier.requests.map(\.credential?.expiresAt)
                == [EventsSample.expiryDate, Date(timeIntervalSince1970: 1_893_456_000)])
    }
}
