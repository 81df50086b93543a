import CallCore
import Foundation
import Testing

@testable import RESTFront

/// The events API behind a real socket.
@Suite struct SubscriptionServerTests {
    @Test func aSubscriptionsLife() async throws {
        let notifier = FakeSubscriptions()
        let version = EventsVersion.v03
        let future = RFC3339.text(Date() + 3_600)
        try await withServer(configure: { $0.subscriptions = notifier }) { address, _ in
            let client = try RawClient(address)
            let created = try client.exchange(
                "POST", version.path, headers: ["Content-Type: application/json", "x-correlator: mine"],
                body: version.body(config: #""subscriptionExpireTime":"\#(future)""#))
            #expect(created.status == 201)
            #expect(created.header("x-correlator") == "mine")
            #expect(created.json["expiresAt"] as? String == future)
            let past = version.body(config: #""subscriptionExpireTime":"\#(RFC3339.text(Date() - 1))""#)
            #expect(try client.exchange("POST", version.path, body: past).code == "INVALID_ARGUMENT")
            #expect(try client.exchange("GET", version.path + "/S1").json["id"] as? String == "S1")
            #expect(try client.exchange("HEAD", version.path).status == 200)
            #expect(try client.exchange("DELETE", version.path + "/S1").status == 204)
            #expect(try client.exchange("GET", version.path).body == "[]")
        }
    }

    @Test func withoutNotifier() async throws {
        try await withServer { address, _ in
            let client = try RawClient(address)
            #expect(try client.exchange("GET", EventsVersion.v03.path).status == 404)
        }
    }
}
