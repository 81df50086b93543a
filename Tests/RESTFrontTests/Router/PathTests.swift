import CallCore
import Testing

@testable import RESTFront

@Suite struct PathTests {
    @Test(arguments: [
        (HTTPMethod.get, "/webrtc/sessions/A", 200, nil as String?),
        (.head, "/webrtc/sessions/A", 200, nil),
        (.get, "/webrtc/sessions/%41", 200, nil),
        (.get, "/webrtc/%73essions/A", 200, nil),
        (.get, "/webrtc/sessions/B", 404, "NOT_FOUND"),
        (.put, "/webrtc/sessions/A", 200, nil),
        (.put, "/webrtc/sessions/A/status", 200, nil),
        (.put, "/webrtc/sessions/A/%73tatus", 200, nil),
        (.delete, "/webrtc/sessions/A", 204, nil),
        (.post, "/webrtc/sessions", 201, nil),
        (.post, "/webrtc/sessions/", 201, nil),
        // A missing identifier.
        (.get, "/webrtc/sessions", 400, "INVALID_ARGUMENT"),
        (.head, "/webrtc/sessions", 400, "INVALID_ARGUMENT"),
        (.put, "/webrtc/sessions", 400, "INVALID_ARGUMENT"),
        (.delete, "/webrtc/sessions", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/", 400, "INVALID_ARGUMENT"),
        (.put, "/webrtc/sessions/", 400, "INVALID_ARGUMENT"),
        (.delete, "/webrtc/sessions/", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/status", 400, "INVALID_ARGUMENT"),
        (.put, "/webrtc/sessions/status", 400, "INVALID_ARGUMENT"),
        (.delete, "/webrtc/sessions/status", 400, "INVALID_ARGUMENT"),
        (.put, "/webrtc/sessions//status", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions//status", 400, "INVALID_ARGUMENT"),
        // One that cannot be an identifier.
        (.get, "/webrtc/sessions/%4", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/%zz", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/%ff", 400, "INVALID_ARGUMENT"),
        (.put, "/webrtc/sessions/%ff/status", 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/" + String(repeating: "A", count: 257), 400, "INVALID_ARGUMENT"),
        (.get, "/webrtc/sessions/" + String(repeating: "A", count: 256), 404, "NOT_FOUND"),
        // Not an operation.
        (.other, "/webrtc/sessions", 405, "METHOD_NOT_ALLOWED"),
        (.post, "/webrtc/sessions/A", 405, "METHOD_NOT_ALLOWED"),
        (.other, "/webrtc/sessions/A", 405, "METHOD_NOT_ALLOWED"),
        (.get, "/webrtc/sessions/A/status", 405, "METHOD_NOT_ALLOWED"),
        (.delete, "/webrtc/sessions/A/status", 405, "METHOD_NOT_ALLOWED"),
        (.post, "/webrtc/sessions/status", 405, "METHOD_NOT_ALLOWED"),
        // Not a path.
        (.get, "/", 404, "NOT_FOUND"),
        (.get, "", 404, "NOT_FOUND"),
        (.get, "*", 404, "NOT_FOUND"),
        (.get, "/webrtc", 404, "NOT_FOUND"),
        (.get, "/webrtc/", 404, "NOT_FOUND"),
        (.post, "/webrtc//sessions", 404, "NOT_FOUND"),
        (.post, "/webrtcsessions", 404, "NOT_FOUND"),
        (.post, "/webrtc/sessionsx", 404, "NOT_FOUND"),
        (.get, "/webrtc/sessions/A/other", 404, "NOT_FOUND"),
        (.get, "/webrtc/sessions/A/status/x", 404, "NOT_FOUND"),
        (.get, "/webrtc/sessions/A/", 404, "NOT_FOUND"),
        (.post, "/webrtc-call-handling/v0.2/sessions", 404, "NOT_FOUND"),
        (.post, "/Webrtc/sessions", 404, "NOT_FOUND"),
    ])
    func paths(method: HTTPMethod, path: String, status: Int, code: String?) throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        let body =
            switch method {
            case .post: Sample.create
            case .put: #"{"status":"Hold"}"#
            default: ""
            }
        let response = harness.respond(method, path, body)
        #expect(response.status == status)
        #expect(response.code == code)
        #expect(response.header("x-correlator") == "generated")
        if code == "INVALID_ARGUMENT" { #expect(response.message.contains("mediaSessionId")) }
        if code != nil { #expect(response.json["status"] as? Int == status) }
        #expect((response.header("Allow") != nil) == (status == 405))
    }

    @Test(arguments: [
        ("/webrtc/sessions", "POST, OPTIONS"), ("/webrtc/sessions/A", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/webrtc/sessions/A/status", "PUT, OPTIONS"),
    ])
    func optionsTellWhatIsAllowed(path: String, allow: String) throws {
        let harness = try RouterHarness()
        let response = harness.respond(.options, path)
        #expect(response.status == 204)
        #expect(response.header("Allow") == allow)
        #expect(harness.respond(.other, path).header("Allow") == allow)
    }

    @Test func everyMountAndThePrefix() throws {
        let plain = try RouterHarness()
        let prefixed = try RouterHarness(prefix: "/camara")
        for version in Version.allCases {
            #expect(plain.respond(.post, version.path, Sample.create).status == 201)
            #expect(prefixed.respond(.post, "/camara" + version.path, Sample.create).status == 201)
            #expect(prefixed.respond(.post, version.path, Sample.create).status == 404)
        }
    }

    @Test func moreVersionsAreMountedByConfiguration() throws {
        let mount = Mount(path: "/webrtc-call-handling/vwip", api: .callHandling(.v04))
        let harness = try RouterHarness(mounts: Mount.published + [mount])
        #expect(harness.respond(.post, "/webrtc-call-handling/vwip/sessions", Sample.create).status == 201)
    }

    @Test func theLogSeesTemplatesAndNoIdentifiers() throws {
        let harness = try RouterHarness(prefix: "/camara")
        let read = harness.exchange(.get, "/camara/webrtc/sessions/secret")
        #expect(read.route == "/camara/webrtc/sessions/{mediaSessionId}")
        #expect(read.session == SessionID(rawValue: "secret"))
        #expect(
            harness.exchange(.put, "/camara/webrtc/sessions/x/status", "{}").route
                == "/camara/webrtc/sessions/{mediaSessionId}/status")
        let created = harness.exchange(.post, "/camara/webrtc/sessions", Sample.create)
        #expect(created.route == "/camara/webrtc/sessions")
        #expect(created.session == SessionID(rawValue: "0123456789ABCDEF"))
        #expect(harness.exchange(.get, "/tel:+17085852753").route.isEmpty)
    }

    @Test(arguments: [
        (nil as String?, "generated", 201), ("", "generated", 201), ("b4333c46-49c0", "b4333c46-49c0", 201),
        ("aA0-_:;./<>{}", "aA0-_:;./<>{}", 201),
        (String(repeating: "a", count: 256), String(repeating: "a", count: 256), 201),
        (String(repeating: "a", count: 257), "generated", 400), ("a b", "generated", 400), ("a,b", "generated", 400),
        ("é", "generated", 400), ("a\"b", "generated", 400),
    ])
    func correlators(requested: String?, echoed: String, status: Int) throws {
        let harness = try RouterHarness()
        let fields = requested.map { [(HeaderField.correlator, $0)] } ?? []
        let response = harness.respond(.post, "/webrtc/sessions", Sample.create, fields: fields)
        #expect(response.status == status)
        #expect(response.header("x-correlator") == echoed)
        if status == 201 {
            #expect(harness.calls.created.first?.correlator == echoed)
            // On errors as well.
            let error = harness.respond(.get, "/webrtc/sessions/none", fields: fields)
            #expect(error.header("x-correlator") == echoed)
        } else {
            #expect(response.code == "INVALID_ARGUMENT")
            #expect(response.message.contains("x-correlator"))
        }
    }

    @Test func twoCorrelatorsAreNone() throws {
        let response = try RouterHarness().respond(
            .post, "/webrtc/sessions", Sample.create, fields: [(.correlator, "a"), (.correlator, "b")])
        #expect(response.status == 400)
        #expect(response.header("x-correlator") == "generated")
    }

    @Test(arguments: [
        (Version.v03, nil as String?, 201), (.v03, "", 201), (.v03, "application/json", 201),
        (.v03, "Application/JSON; charset=utf-8", 201), (.v03, "text/plain", 415),
        (.v03, "application/x-www-form-urlencoded", 415), (.v04, "application/xml", 415),
        (.v04, "application/vnd.x+json", 201), (.seed, "application/x-www-form-urlencoded", 201),
        (.seed, "text/plain", 201),
    ])
    func contentTypes(version: Version, type: String?, status: Int) throws {
        let harness = try RouterHarness()
        let fields = type.map { [(HeaderField.contentType, $0)] } ?? []
        let response = harness.respond(.post, version.path, Sample.create, fields: fields)
        #expect(response.status == status)
        if status == 415 { #expect(response.code == "UNSUPPORTED_MEDIA_TYPE") }
        harness.calls.add(Sample.session("A"))
        let put = harness.respond(.put, version.path + "/A/status", #"{"status":"Hold"}"#, fields: fields)
        #expect(put.status == (status == 201 ? 200 : 415))
    }

    @Test(arguments: [
        (nil as String?, true), ("", true), ("*/*", true), ("application/json", true), ("application/*", true),
        ("APPLICATION/JSON", true), ("text/html, application/json;q=0.5", true), ("text/html", false),
        ("text/html, */*;q=0.1", true), ("application/json;q=0", false), ("application/json; q=0.0, */*", false),
        ("*/*;q=0", false), ("*/*;q=0, application/json", true), ("application/xml, text/*", false), ("nonsense", true),
    ])
    func accept(value: String?, isAccepted: Bool) throws {
        let harness = try RouterHarness()
        harness.calls.add(Sample.session("A"))
        let fields = value.map { [(HeaderField.accept, $0)] } ?? []
        let get = harness.respond(.get, "/webrtc/sessions/A", fields: fields)
        #expect(get.status == (isAccepted ? 200 : 406))
        if !isAccepted {
            #expect(get.code == "NOT_ACCEPTABLE")
            #expect(get.header("Content-Type") == "application/json")
        }
        #expect(
            harness.respond(.post, "/webrtc/sessions", Sample.create, fields: fields).status == (isAccepted ? 201 : 406)
        )
        #expect(harness.respond(.delete, "/webrtc/sessions/A", fields: fields).status == 204)
    }
}
