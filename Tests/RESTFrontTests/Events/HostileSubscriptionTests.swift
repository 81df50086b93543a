import CallCore
import Foundation
import Testing

@testable import RESTFront

/// Bodies that nobody means well with: always a 4xx in CAMARA's form, never a request to the notifier.
@Suite struct HostileSubscriptionTests {
    static let samples: [String] = [
        "", " ", "null", "true", "5", "\"text\"", "[]", "{", "}", "{\"protocol\"", "{\"protocol\":}", "{}{}", "\u{0}",
        "{\"types\":[\"\u{0}\"]}", "{\"\":\"\"}",
        String(repeating: "[", count: 100_000),
        String(repeating: #"{"config":"#, count: 20_000),
        #"{"types":["# + String(repeating: #""x","#, count: 20_000) + #""x"]}"#,
        #"{"types":[""# + String(repeating: "x", count: 200_000) + #""]}"#,
        "{" + (0..<10_000).map { "\"p\($0)\":1" }.joined(separator: ",") + "}",
    ]

    @Test(arguments: EventsVersion.allCases, samples)
    func bodies(version: EventsVersion, body: String) throws {
        let harness = try EventsHarness()
        harness.notifier.add(try version.subscription())
        var responses = [harness.respond(.post, version.path, body)]
        if version != .v02 { responses.append(harness.respond(.put, version.path + "/A", body)) }
        for response in responses {
            #expect(response.status == 400)
            #expect(response.code == "INVALID_ARGUMENT")
            #expect((1...512).contains(response.message.count))
            #expect(response.message.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) })
        }
        #expect(harness.notifier.requests.isEmpty)
        #expect(harness.notifier.updates.isEmpty)
    }

    @Test func brokenUTF8() throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            var body = Data(version.body().utf8)
            body.replace(Data("sink.example".utf8), with: Data([0xC3, 0x28]))
            let response = harness.router.respond(HTTPRequest(method: .post, path: version.path, body: body))
            #expect(response.status == 400)
            #expect(harness.notifier.requests.isEmpty)
        }
    }

    /// Text of the request inside a message is short and on one line.
    @Test func messagesRepeatLittle() throws {
        let harness = try EventsHarness()
        let name = #"evil\r\nSet-Cookie: x"# + String(repeating: "y", count: 1_000)
        for body in [
            EventsVersion.v03.body([name: "1"]), EventsVersion.v03.body(["types": "[\"\(name)\"]"]),
            EventsVersion.v03.body(["config": "{\"subscriptionDetail\":{\"\(name)\":1}}"]),
        ] {
            let response = harness.respond(.post, EventsVersion.v03.path, body)
            #expect(response.status == 400)
            #expect(response.message.contains("evil??Set-Cookie"))
            #expect(response.message.count < 200)
        }
    }
}
