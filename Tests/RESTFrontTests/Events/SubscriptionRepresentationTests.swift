import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What comes back.
@Suite struct SubscriptionRepresentationTests {
    /// `required` of CAMARA's `Subscription`, `Config` and `WebrtcSubscriptionDetail` (r2.2, and towards r3).
    static func required(_ version: EventsVersion) -> [(path: [String], names: Set<String>)] {
        [
            ([], ["sink", "protocol", "config", "types", "id"]),
            (["config"], ["subscriptionDetail"]),
            (["config", "subscriptionDetail"], version == .v02 ? ["registrationId"] : ["deviceId"]),
        ]
    }

    /// All that the schemas have, in the same order.
    static func known(_ version: EventsVersion) -> [Set<String>] {
        [
            ["sink", "protocol", "protocolSettings", "config", "types", "id", "startsAt", "expiresAt", "status"],
            ["subscriptionDetail", "subscriptionExpireTime", "subscriptionMaxEvents", "initialEvent"],
            version == .v02 ? ["registrationId", "deviceId", "sessionId"] : ["deviceId"],
        ]
    }

    @Test(arguments: EventsVersion.allCases)
    func responsesHaveWhatTheSchemasRequire(version: EventsVersion) throws {
        let harness = try EventsHarness()
        let smallest = harness.respond(.post, version.path, version.body())
        let full = harness.respond(
            .post, version.path,
            version.body([
                "sinkCredential": EventsSample.credential(),
                "config": """
                {"subscriptionDetail":{"registrationId":"R1","deviceId":"\(EventsSample.device)","sessionId":"0A"},
                "subscriptionExpireTime":"\(EventsSample.expiry)","subscriptionMaxEvents":5,"initialEvent":false}
                """,
            ]))
        let config = try #require(smallest.json["config"] as? [String: Any])
        #expect(config["initialEvent"] as? Bool == (version == .v02 ? false : nil))
        #expect(config["subscriptionMaxEvents"] == nil)
        var objects = [smallest.json, full.json, harness.respond(.get, version.path + "/S2").json]
        objects += try #require(harness.respond(.get, version.path).list)
        if version != .v02 {
            let body = #"{"config":{"subscriptionExpireTime":"\#(EventsSample.expiry)"}}"#
            objects.append(harness.respond(.put, version.path + "/S1", body).json)
        }
        #expect(objects.count >= 5)
        for object in objects {
            for (part, known) in zip(Self.required(version), Self.known(version)) {
                let value = try #require(
                    part.path.reduce(object as Any?) { ($0 as? [String: Any])?[$1] } as? [String: Any])
                #expect(part.names.isSubset(of: value.keys))
                #expect(known.isSuperset(of: value.keys))
            }
        }
    }

    @Test func v02() throws {
        let harness = try EventsHarness()
        harness.notifier.add(
            try EventsVersion.v02.subscription(
                credential: SinkCredential(accessToken: EventsSample.token, expiresAt: EventsSample.expiryDate),
                expiresAt: EventsSample.expiryDate, maximumEvents: 50, initialEvent: true))
        let response = harness.respond(.get, EventsVersion.v02.path + "/A")
        let expected = """
            {"id":"A","sink":"https://sink.example/events","protocol":"HTTP",\
            "types":["org.camaraproject.webrtc-events.v0.session-status"],\
            "config":{"subscriptionDetail":{"deviceId":"phone","registrationId":"R1","sessionId":"0AEE1B58"},\
            "subscriptionExpireTime":"2024-12-06T14:37:56.147Z","subscriptionMaxEvents":50,"initialEvent":true},\
            "startsAt":"2023-11-14T22:13:20.000Z","expiresAt":"2024-12-06T14:37:56.147Z","status":"ACTIVE"}
            """
        #expect(String(decoding: response.body, as: UTF8.self) == expected)
    }

    @Test func v03() throws {
        let harness = try EventsHarness()
        harness.notifier.add(
            try EventsVersion.subscriptionsV03.subscription(
                kinds: [.sessionInvitation, .sessionStatus], maximumEvents: 50, initialEvent: true))
        let response = harness.respond(.get, EventsVersion.subscriptionsV03.path + "/A")
        let expected = """
            {"id":"A","sink":"https://sink.example/events","protocol":"HTTP",\
            "types":["org.camaraproject.webrtc-events-subscriptions.v0.session-invitation",\
            "org.camaraproject.webrtc-events-subscriptions.v0.session-status"],\
            "config":{"subscriptionDetail":{"deviceId":"7d444840-9dc0-11d1-b245-5ffdce74fad2"},\
            "subscriptionMaxEvents":50,"initialEvent":true},"startsAt":"2023-11-14T22:13:20.000Z","status":"ACTIVE"}
            """
        #expect(String(decoding: response.body, as: UTF8.self) == expected)
    }

    /// Oldest first; v0.3 shows at most 100.
    @Test func lists() throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            #expect(harness.respond(.get, version.path).list?.isEmpty == true)
            for number in 1...101 { harness.notifier.add(try version.subscription("A\(number)")) }
            let ids = try #require(harness.respond(.get, version.path).list).compactMap { $0["id"] as? String }
            #expect(ids == (1...(version == .v02 ? 101 : 100)).map { "A\($0)" })
        }
    }
}
