import Foundation
import TestPeer
import Testing

/// Requests that are refused before the network hears of them. No test of this suite makes a call, so that the peer has
/// received nothing at all at the end of each.
@Suite(.gateway(.standard)) struct BadRequestTests {
    private static let json: [WireMessage.Header] = [.init("Content-Type", "application/json")]

    private func expectNothingSent(_ comment: Comment) async throws {
        let scene = try scene()
        try await scene.peer.fence(scene.gateway.sip)
        #expect(scene.peer.requestCount == 0, "\(comment) reached the network: \(scene.peer.wire.ladder)")
    }

    @Test(
        "A body that is no session",
        arguments: [
            "", "{}", "[]", "null", "\"text\"", "1", "{", "{\"originatorAddress\":", "not json", "\u{FEFF}{}",
            "{\"originatorAddress\":\"tel:+17085852753\"}", "{\"receiverAddress\":\"tel:+17085854000\"}",
        ])
    func noSession(body: String) async throws {
        let response = try await scene().http.send("POST", Attempt.sessions, headers: Self.json, body: Array(body.utf8))
        #expect(response.outcome == "400 INVALID_ARGUMENT", "\(body): \(response.text)")
        #expect(response.json["message"]?.string?.isEmpty == false)
        #expect(response["x-correlator"]?.isEmpty == false)
        try await expectNothingSent("\(body)")
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
        ["callType": "PARTY"], ["callType": 3], ["status": 4], ["clientCorrelator": 7],
    ]

    @Test("A member of the wrong type or form is named in the message", arguments: badMembers)
    func badMember(change: [String: JSONValue]) async throws {
        let attempt = try scene().attempt()
        let response = try await attempt.post(change)
        #expect(response.outcome == "400 INVALID_ARGUMENT", "\(change): \(response.text)")
        let message = response.json["message"]?.string ?? ""
        for name in change.keys { #expect(message.contains(name), "\(change): \(message)") }
        #expect(!message.contains("\n") && message.count <= 512)
        try await expectNothingSent("\(change)")
    }

    @Test(
        "Emergency calls are not supported here, and never routed as ordinary ones",
        arguments: [
            "tel:112", "tel:911", "urn:service:sos", "urn:service:sos.police", "tel:112;phone-context=+34",
            "sip:112@operator.example",
        ])
    func emergency(receiver: String) async throws {
        let response = try await scene().attempt().post(["receiverAddress": .string(receiver)])
        #expect(response.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", "\(receiver): \(response.text)")
        #expect(response.json["message"]?.string == "Server does not support call type EMERGENCY.")
        try await expectNothingSent("\(receiver)")
    }

    @Test("Nor with callType EMERGENCY")
    func emergencyFlag() async throws {
        let response = try await scene().attempt().post(["callType": "EMERGENCY"])
        #expect(response.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", "\(response.text)")
        try await expectNothingSent("callType EMERGENCY")
    }

    @Test("A body of 10 MB is refused without being read to its end")
    func hugeBody() async throws {
        let connection = try HTTPConnection(port: try scene().http.port)
        connection.send(
            "POST", Attempt.sessions, headers: Self.json, body: [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20))
        let response = try await connection.response()
        #expect(response.outcome == "413 INVALID_ARGUMENT", "\(response.text)")
        connection.close()
        try await expectNothingSent("10 MB")
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
        let response = try await scene().http.send(method, path, headers: [], body: nil)
        #expect(response.outcome == outcome, "\(method) \(path): \(response.text)")
        if response.status == 405 { #expect(response["Allow"]?.isEmpty == false) }
        try await expectNothingSent("\(method) \(path)")
    }

    @Test("PUT to an unknown session")
    func unknownSession() async throws {
        let response = try await scene().http.send(
            "PUT", "/webrtc/sessions/unknown/status", json: ["status": "Terminated"])
        #expect(response.outcome == "404 NOT_FOUND", "\(response.text)")
    }

    @Test("Another media type on a versioned mount", arguments: ["text/plain", "application/xml", "multipart/mixed"])
    func mediaType(type: String) async throws {
        let attempt = try scene().attempt()
        let response = try await scene().http.send(
            "POST", "/webrtc-call-handling/v0.3/sessions", headers: [.init("Content-Type", type)],
            body: try attempt.body().bytes)
        #expect(response.outcome == "415 UNSUPPORTED_MEDIA_TYPE", "\(response.text)")
        try await expectNothingSent("\(type)")
    }

    @Test(
        "An x-correlator of the wrong form is refused and not echoed",
        arguments: ["a b", "ü", "{\"a\"}", String(repeating: "a", count: 257)])
    func badCorrelator(value: String) async throws {
        let response = try await scene().attempt().post(headers: [.init("x-correlator", value)])
        #expect(response.outcome == "400 INVALID_ARGUMENT", "\(response.text)")
        #expect(response["x-correlator"] != value)
        try await expectNothingSent("x-correlator \(value)")
    }

    @Test("A good x-correlator is echoed on errors too")
    func correlator() async throws {
        let response = try await scene().http.send(
            "GET", "/webrtc/sessions/unknown", headers: [.init("x-correlator", "b4333c46-49c0:x/{y}")])
        #expect(response["x-correlator"] == "b4333c46-49c0:x/{y}")
    }

    @Test(
        "HTTP that is no HTTP is answered 400 or cut off",
        arguments: [
            "GARBAGE\r\n\r\n", "POST /webrtc/sessions HTTP/1.1\r\n\r\n",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /webrtc/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "INVITE sip:x@y.example SIP/2.0\r\n\r\n",
        ])
    func noHTTP(text: String) async throws {
        let connection = try HTTPConnection(port: try scene().http.port)
        connection.send(Array(text.utf8))
        if let response = try? await connection.response() { #expect(response.status >= 400, "\(text)") }
        connection.close()
        let alive = try await scene().http.send("GET", "/webrtc/sessions/unknown")
        #expect(alive.status == 404)
        try await expectNothingSent("\(text)")
    }
}
