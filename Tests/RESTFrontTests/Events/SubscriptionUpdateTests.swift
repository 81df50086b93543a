import CallCore
import Foundation
import Testing

@testable import RESTFront

/// PUT and DELETE.
@Suite struct SubscriptionUpdateTests {
    @Test(arguments: [
        (#"{"sinkCredential":\#(EventsSample.credential())}"#, 200, ""),
        (#"{"config":{"subscriptionExpireTime":"\#(EventsSample.expiry)"}}"#, 200, ""),
        (
            #"""
            {"sinkCredential":\#(EventsSample.credential()),
            "config":{"subscriptionExpireTime":"\#(EventsSample.expiry)"}}
            """#, 200, ""
        ),
        (#"{"sinkCredential":\#(EventsSample.credential()),"config":{}}"#, 200, ""),
        ("", 400, "no body"),
        ("[]", 400, "JSON object"),
        ("{", 400, "not valid JSON"),
        ("{}", 400, "at least one of"),
        (#"{"config":{}}"#, 400, "at least one of"),
        (#"{"config":null}"#, 400, "config must be an object"),
        (#"{"sinkCredential":null}"#, 400, "sinkCredential must be an object"),
        (#"{"config":{"subscriptionExpireTime":"2023-11-14T22:13:20Z"}}"#, 400, "must be in the future"),
        (#"{"config":{"subscriptionExpireTime":5}}"#, 400, "config.subscriptionExpireTime must be a string"),
        (#"{"config":{"subscriptionExpireTime":"x"}}"#, 400, "RFC 3339"),
        // What PUT does not change.
        (
            #"{"sink":"https://other.example/","config":{"subscriptionExpireTime":"\#(EventsSample.expiry)"}}"#, 400,
            #""sink" cannot be changed"#
        ),
        (#"{"protocol":"HTTP","sinkCredential":\#(EventsSample.credential())}"#, 400, #""protocol" cannot be changed"#),
        (#"{"types":[],"sinkCredential":\#(EventsSample.credential())}"#, 400, #""types" cannot be changed"#),
        (
            #"{"config":{"subscriptionExpireTime":"\#(EventsSample.expiry)","subscriptionMaxEvents":5}}"#, 400,
            #""config.subscriptionMaxEvents" cannot be changed"#
        ),
        (#"{"config":{"subscriptionDetail":{}}}"#, 400, #""config.subscriptionDetail" cannot be changed"#),
        (#"{"colour":1,"sinkCredential":\#(EventsSample.credential())}"#, 400, #""colour" cannot be changed"#),
    ])
    func bodies(body: String, status: Int, about: String) throws {
        for version in [EventsVersion.v03, .subscriptionsV03] {
            let harness = try EventsHarness()
            harness.notifier.add(try version.subscription())
            let response = harness.respond(.put, version.path + "/A", body)
            #expect(response.status == status, "\(response.message)")
            #expect(harness.notifier.updates.count == (status == 200 ? 1 : 0))
            if status == 400 {
                #expect(response.code == "INVALID_ARGUMENT")
                #expect(response.message.contains(about))
            }
        }
    }

    @Test func whatIsAskedOfTheNotifier() throws {
        let harness = try EventsHarness()
        let path = EventsVersion.v03.path + "/A"
        harness.notifier.add(try EventsVersion.v03.subscription())
        let credential = try SinkCredential(accessToken: EventsSample.token, expiresAt: EventsSample.expiryDate)
        let later = #""config":{"subscriptionExpireTime":"2030-01-01T00:00:00+00:00"}"#
        let laterDate = Date(timeIntervalSince1970: 1_893_456_000)
        _ = harness.respond(.put, path, #"{"sinkCredential":\#(EventsSample.credential())}"#)
        _ = harness.respond(.put, path, "{\(later)}")
        let response = harness.respond(.put, path, #"{"sinkCredential":\#(EventsSample.credential()),\#(later)}"#)
        let id = SubscriptionID(rawValue: "A")
        #expect(
            harness.notifier.updates == [
                .init(id: id, credential: credential), .init(id: id, expiresAt: laterDate),
                .init(id: id, credential: credential, expiresAt: laterDate),
            ])
        #expect(response.json["expiresAt"] as? String == "2030-01-01T00:00:00.000Z")
        #expect(response == harness.respond(.get, path))
    }

    @Test func unknownSubscriptionsComeBeforeTheBody() throws {
        let harness = try EventsHarness()
        #expect(harness.respond(.put, EventsVersion.v03.path + "/none", "nonsense").status == 404)
    }

    @Test(arguments: EventsVersion.allCases)
    func deletedOnesAreGone(version: EventsVersion) throws {
        let harness = try EventsHarness()
        harness.notifier.add(try version.subscription())
        let deleted = harness.respond(.delete, version.path + "/A")
        #expect(deleted.status == 204)
        #expect(deleted.body.isEmpty)
        #expect(deleted.header("Content-Type") == nil)
        #expect(harness.notifier.ended == [SubscriptionID(rawValue: "A")])
        #expect(harness.respond(.delete, version.path + "/A").status == 404)
        #expect(harness.respond(.get, version.path + "/A").status == 404)
    }

    /// What ends between the look and the change, and a store that cannot write.
    @Test(arguments: [CAMARAError.resourceNotFound, CAMARAError(503, .unavailable, "Try later.", retryAfter: 5)])
    func errorsOfTheNotifier(error: CAMARAError) throws {
        let harness = try EventsHarness()
        let path = EventsVersion.v03.path + "/A"
        harness.notifier.add(try EventsVersion.v03.subscription())
        harness.notifier.fail(error)
        let put = harness.respond(.put, path, #"{"sinkCredential":\#(EventsSample.credential())}"#)
        for response in [put, harness.respond(.delete, path)] {
            #expect(response.status == error.status)
            #expect(response.code == error.code.rawValue)
            #expect(response.header("Retry-After") == error.retryAfter.map(String.init))
        }
    }
}
