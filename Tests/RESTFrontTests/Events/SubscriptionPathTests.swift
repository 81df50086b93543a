import CallCore
import Testing

@testable import RESTFront

@Suite struct SubscriptionPathTests {
    /// A method, what follows `…/subscriptions`, and its status in v0.2 and in v0.3.
    @Test(arguments: [
        (HTTPMethod.post, "", 201, 201),
        (.post, "/", 201, 201),
        (.get, "", 200, 200),
        (.head, "", 200, 200),
        (.get, "/A", 200, 200),
        (.get, "/%41", 200, 200),
        (.head, "/A", 200, 200),
        (.get, "/B", 404, 404),
        (.delete, "/A", 204, 204),
        (.delete, "/B", 404, 404),
        // An operation of the later version alone.
        (.put, "/A", 405, 200),
        (.put, "/B", 405, 404),
        // A missing identifier.
        (.get, "/", 400, 400),
        (.head, "/", 400, 400),
        (.delete, "", 400, 400),
        (.delete, "/", 400, 400),
        (.put, "", 405, 400),
        (.put, "/", 405, 400),
        // One that cannot be an identifier.
        (.get, "/%ff", 400, 400),
        (.delete, "/%4", 400, 400),
        (.put, "/%zz", 405, 400),
        (.get, "/" + String(repeating: "A", count: 257), 400, 400),
        (.get, "/" + String(repeating: "A", count: 256), 404, 404),
        // Not an operation.
        (.post, "/A", 405, 405),
        (.post, "/%ff", 405, 405),
        (.other, "", 405, 405),
        (.other, "/A", 405, 405),
        // Not a path.
        (.get, "x", 404, 404),
        (.get, "/A/", 404, 404),
        (.put, "/A/status", 404, 404),
    ])
    func paths(method: HTTPMethod, path: String, v02: Int, v03: Int) throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            harness.notifier.add(try version.subscription())
            let body = method == .post ? version.body() : #"{"sinkCredential":\#(EventsSample.credential())}"#
            let response = harness.respond(method, version.path + path, body)
            #expect(response.status == (version == .v02 ? v02 : v03), "\(version): \(response.message)")
            #expect(response.header("x-correlator") == "generated")
            #expect((response.header("Allow") != nil) == (response.status == 405))
            switch response.status {
            case 400:
                #expect(response.code == "INVALID_ARGUMENT")
                #expect(response.message.contains("subscriptionId"))
            case 404: #expect(response.code == "NOT_FOUND")
            case 405: #expect(response.code == "METHOD_NOT_ALLOWED")
            default: #expect(response.code == nil)
            }
        }
    }

    @Test(arguments: [
        (EventsVersion.v02, "", "GET, HEAD, POST, OPTIONS"), (.v03, "", "GET, HEAD, POST, OPTIONS"),
        (.v02, "/A", "GET, HEAD, DELETE, OPTIONS"), (.v03, "/A", "GET, HEAD, PUT, DELETE, OPTIONS"),
        (.subscriptionsV03, "/A", "GET, HEAD, PUT, DELETE, OPTIONS"),
    ])
    func optionsTellWhatIsAllowed(version: EventsVersion, path: String, allow: String) throws {
        let harness = try EventsHarness()
        #expect(harness.respond(.options, version.path + path).header("Allow") == allow)
        #expect(harness.respond(.other, version.path + path).header("Allow") == allow)
        if version == .v02, !path.isEmpty {
            #expect(harness.respond(.put, version.path + path).header("Allow") == allow)
        }
    }

    @Test func withoutNotifierThereIsNoEventsAPI() throws {
        let harness = try RouterHarness()
        for version in EventsVersion.allCases {
            let response = harness.respond(.post, version.path, version.body())
            #expect(response.status == 404)
            #expect(response.message.contains("no such path"))
        }
    }

    @Test func thePrefixAndOtherVersionStrings() throws {
        let prefixed = try EventsHarness(prefix: "/camara")
        for version in EventsVersion.allCases {
            #expect(prefixed.respond(.get, "/camara" + version.path).status == 200)
            #expect(prefixed.respond(.get, version.path).status == 404)
        }
        let mount = Mount(path: "/webrtc-events/vwip", api: .events(.v03))
        let harness = try RouterHarness(subscriptions: FakeSubscriptions(), mounts: Mount.published + [mount])
        #expect(harness.respond(.post, "/webrtc-events/vwip/subscriptions", EventsVersion.v03.body()).status == 201)
        // What one path of a version has made, its other paths show.
        #expect(harness.respond(.get, EventsVersion.v03.path + "/S1").status == 200)
    }

    @Test func theLogSeesTemplatesAndNoIdentifiers() throws {
        let router = try EventsHarness(prefix: "/camara").router
        #expect(
            router.exchange(.get, "/camara/webrtc-events/v0.3/subscriptions/secret").route
                == "/camara/webrtc-events/v0.3/subscriptions/{subscriptionId}")
        #expect(
            router.exchange(.get, "/camara/webrtc-events/v0.3/subscriptions").route
                == "/camara/webrtc-events/v0.3/subscriptions")
        #expect(
            router.exchange(.get, "/camara/webrtc-events/v0.2/subscriptions/%ff").route
                == "/camara/webrtc-events/v0.2/subscriptions/{subscriptionId}")
    }

    @Test func mediaTypes() throws {
        let harness = try EventsHarness()
        let version = EventsVersion.v03
        harness.notifier.add(try version.subscription())
        let form = (HeaderField.contentType, "application/x-www-form-urlencoded")
        let html = (HeaderField.accept, "text/html")
        #expect(harness.respond(.post, version.path, version.body(), fields: [form]).status == 415)
        #expect(harness.respond(.put, version.path + "/A", version.body(), fields: [form]).status == 415)
        #expect(harness.respond(.post, version.path, version.body(), fields: [html]).status == 406)
        #expect(harness.respond(.get, version.path, fields: [html]).status == 406)
        #expect(harness.respond(.delete, version.path + "/A", fields: [html]).status == 204)
        #expect(harness.notifier.requests.isEmpty)
    }
}
