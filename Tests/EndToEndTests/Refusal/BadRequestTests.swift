import Foundation
import TestPeer
import Testing

/// Requests that are refused before the network hears of them. One at a time, so that each test can say that the peer
/// has received nothing.
@Suite(.serialized, .gateway(.standard)) struct BadRequestTests {
    private static let json: [WireMessage.Header] = [.init("Content-Type", "application/json")]

    /// Sends a request and expects it to be refused with `outcome`, in CAMARA's form, and the network to hear nothing.
    @discardableResult
    private func expectRefusal(
        _ outcome: String, _ name: String, _ send: (Scene) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let scene = try scene()
        let before = scene.peer.requestCount
        let response = try await send(scene)
        #expect(response.outcome == outcome, "\(name): \(response.text)")
        #expect(response.json.keys == ["status", "code", "message"], "\(name): \(response.text)")
        #expect(response.json["status"]?.int == response.status)
        let message = response.json["message"]?.string ?? ""
        #expect((1...512).contains(message.count) && !message.contains("\n"), "\(name): \(message)")
        #expect(response["x-correlator"]?.isEmpty == false)
        try await scene.peer.fence(scene.gateway.sip)
        #expect(scene.peer.requestCount == before, "\(name) reached the network:\n\(scene.peer.wire.ladder)")
        return response
    }

    @Test(
        "A body that is no session",
        arguments: [
            "", "{}", "[]", "null", "\"text\"", "1", "{", "{\"originatorAddress\":", "not json", "\u{FEFF}{}",
            "{\"originatorAddress\":\"tel:+17085852753\"}", "{\"receiverAddress\":\"tel:+17085854000\"}",
        ])
    func noSession(body: String) async throws {
        try await expectRefusal("400 INVALID_ARGUMENT", body) {
            try await $0.http.send("POST", Attempt.sessions, headers: Self.json, body: Array(body.utf8))
        }
    }

    /// Members that make a good session a bad one.
    private static let badMembers: [[String: JSONValue]] = [
        ["originatorAddress": 5], ["originatorAddress": nil], ["originatorAddress": ["tel:+17085852753"]],
        ["originatorAddress": "+17085852753"], ["originatorAddress": "tel:17085852753"], ["originatorAddress": ""],
        ["originatorAddress": "tel:+1708585275312345"], ["originatorAddress": "tel:+1\r\nX: y"],
        ["receiverAddress": true], ["receiverAddress": nil], ["receiverAddress": "mailto:a@b.example"],
        ["receiverAddress": "sip:anonymous@anonymous.invalid"], ["receiverAddress": "sip:bob@"],
        ["receiverAddress": "sip:bob@example"], ["receiverAddress": "sip:b;x=y@example.com"],
        ["receiverAddress": "sip:bob@example.com?Route=x"], ["receiverAddress": "sip:%0d%0aX:y@example.com\r\n"],
        ["receiverAddress": "tel:+17085854000;phone-context=x\r\nVia: y"],
        ["originatorName": 1], ["originatorName": ["a"]], ["originatorName": "Alice\r\nP-Asserted-Identity: <sip:x@y>"],
        ["originatorName": "Alice\nX: y"], ["originatorName": "Alice\u{0}"], ["originatorName": "Alice\rX: y"],
        ["receiverName": 1], ["offer": "v=0"], ["offer": []], ["offer": ["sdp": 1]], ["offer": [:]],
        ["offer": ["sdp": ""]], ["offer": ["sdp": "hello"]],
        ["offer": ["sdp": "v=0\r\ns=-\r\nm=audio 1 RTP/AVP 0\r\n"]],
        ["offer": ["sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"]],
        ["offer": ["sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=\u{0}\r\nm=audio 1 RTP/AVP 0\r\n"]],
        ["offer": ["sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nINVITE sip:x SIP/2.0\r\nm=audio 1 RTP/AVP 0\r\n"]],
        ["callType": "PARTY"], ["callType": 3], ["status": 4], ["mediaSessionId": 4],
    ]

    @Test("A member of the wrong type or form is named in the message", arguments: badMembers)
    func badMember(change: [String: JSONValue]) async throws {
        let response = try await expectRefusal("400 INVALID_ARGUMENT", "\(change)") {
            try await $0.attempt().post(change)
        }
        let message = response.json["message"]?.string ?? ""
        for name in change.keys { #expect(message.contains(name), "\(change): \(message)") }
    }

    @Test(
        "Emergency calls are not supported here, and never routed as ordinary ones",
        arguments: [
            ["receiverAddress": "tel:112"], ["receiverAddress": "tel:911"], ["receiverAddress": "urn:service:sos"],
            ["receiverAddress": "urn:service:sos.police"], ["receiverAddress": "tel:112;phone-context=+34"],
            ["receiverAddress": "sip:112@operator.example"], ["callType": "EMERGENCY"],
        ] as [[String: JSONValue]])
    func emergency(change: [String: JSONValue]) async throws {
        let response = try await expectRefusal("501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", "\(change)") {
            try await $0.attempt().post(change)
        }
        #expect(response.json["message"]?.string == "Server does not support call type EMERGENCY.")
    }

    @Test("A body of 10 MB is refused without being read to its end")
    func hugeBody() async throws {
        try await expectRefusal("413 INVALID_ARGUMENT", "10 MB") { scene in
            let connection = try HTTPConnection(port: scene.http.port)
            connection.send(
                "POST", Attempt.sessions, headers: Self.json,
                body: [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20))
            defer { connection.close() }
            return try await connection.response()
        }
    }

    @Test(
        "Paths and methods that are no operation",
        arguments: [
            ("GET", "/webrtc/sessions", "400 INVALID_ARGUMENT"), ("DELETE", "/webrtc/sessions", "400 INVALID_ARGUMENT"),
            ("PUT", "/webrtc/sessions", "400 INVALID_ARGUMENT"), ("GET", "/webrtc/sessions/", "400 INVALID_ARGUMENT"),
            ("PUT", "/webrtc/sessions//status", "400 INVALID_ARGUMENT"),
            ("PATCH", "/webrtc/sessions", "405 METHOD_NOT_ALLOWED"),
            ("POST", "/webrtc/sessions/unknown", "405 METHOD_NOT_ALLOWED"),
            ("GET", "/webrtc/sessions/unknown", "404 NOT_FOUND"),
            ("DELETE", "/webrtc/sessions/unknown", "404 NOT_FOUND"),
            ("GET", "/webrtc/sessions/%00%0d%0a", "404 NOT_FOUND"), ("GET", "/webrtc/nothing", "404 NOT_FOUND"),
            ("GET", "/", "404 NOT_FOUND"), ("POST", "/webrtc-call-handling/v9.9/sessions", "404 NOT_FOUND"),
        ])
    func noOperation(method: String, path: String, outcome: String) async throws {
        let response = try await expectRefusal(outcome, "\(method) \(path)") {
            try await $0.http.send(method, path, headers: [], body: nil)
        }
        if response.status == 405 { #expect(response["Allow"]?.isEmpty == false) }
    }

    @Test("PUT to an unknown session")
    func unknownSession() async throws {
        try await expectRefusal("404 NOT_FOUND", "PUT") {
            try await $0.http.send("PUT", "/webrtc/sessions/unknown/status", json: ["status": "Terminated"])
        }
    }

    @Test("Another media type on a versioned mount", arguments: ["text/plain", "application/xml", "multipart/mixed"])
    func mediaType(type: String) async throws {
        try await expectRefusal("415 UNSUPPORTED_MEDIA_TYPE", type) { scene in
            try await scene.http.send(
                "POST", "/webrtc-call-handling/v0.3/sessions", headers: [.init("Content-Type", type)],
                body: try scene.attempt().body().bytes)
        }
    }

    @Test(
        "An x-correlator of the wrong form is refused and not echoed",
        arguments: ["a b", "ü", "{\"a\"}", String(repeating: "a", count: 257)])
    func badCorrelator(value: String) async throws {
        let response = try await expectRefusal("400 INVALID_ARGUMENT", "x-correlator \(value)") {
            try await $0.attempt().post(headers: [.init("x-correlator", value)])
        }
        #expect(response["x-correlator"] != value)
    }

    @Test("A good x-correlator is echoed on errors too")
    func correlator() async throws {
        let value = "b4333c46-49c0:x/{y}"
        let response = try await expectRefusal("404 NOT_FOUND", "x-correlator") {
            try await $0.http.send("GET", "/webrtc/sessions/unknown", headers: [.init("x-correlator", value)])
        }
        #expect(response["x-correlator"] == value)
    }

    @Test(
        "HTTP that is no HTTP is answered with an error or cut off",
        arguments: [
            "GARBAGE\r\n\r\n", "POST /webrtc/sessions HTTP/1.1\r\n\r\n",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "INVITE sip:x@y.example SIP/2.0\r\n\r\n",
        ])
    func noHTTP(text: String) async throws {
        let scene = try scene()
        let before = scene.peer.requestCount
        let connection = try HTTPConnection(port: scene.http.port)
        connection.send(Array(text.utf8))
        do {
            let response = try await connection.response()
            #expect(response.status >= 400, "\(text): \(response.text)")
        } catch is SocketError {
            // Cut off: just as good.
        }
        connection.close()
        let alive = try await scene.http.send("GET", "/webrtc/sessions/unknown")
        #expect(alive.status == 404)
        try await scene.peer.fence(scene.gateway.sip)
        #expect(scene.peer.requestCount == before)
    }
}
