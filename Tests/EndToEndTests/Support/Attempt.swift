import Foundation
import TestPeer
import Testing

/// One call as a test drives it: HTTP on one side, SIP on the other.
struct Attempt {
    let scene: Scene
    let number: String
    let call: PeerCall
    let secondCall: PeerCall

    static let caller = "+17085852753"
    /// The seed document's path.
    static let sessions = "/webrtc/sessions"
    /// A mount whose sessions show `reason`, `sequenceNumber` and `offerRequired` (camara-rules, the dialect table).
    static let sessionsWithReason = "/webrtc-call-handling/v0.3/sessions"

    /// The messages so far, for the failure of an expectation.
    var ladder: Comment { "\(number):\n\(call.ladder)\nsecond peer:\n\(secondCall.ladder)" }

    /// The body of a POST for this call. `changes` replace members; null removes one.
    func body(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var body = Attempt.body(receiver: number)
        for (key, value) in changes { body[key] = value == .null ? JSONValue?.none : value }
        return body
    }

    /// The body of a POST.
    static func body(receiver: String) -> JSONValue {
        [
            "originatorAddress": .string("tel:\(caller)"), "originatorName": "Alice",
            "receiverAddress": .string(receiver.hasPrefix("urn:") ? receiver : "tel:\(receiver)"),
            "receiverName": "Bob",
            "offer": ["sdp": .string(SDP.offer())],
        ]
    }

    /// POSTs the session and returns the answer. For `changes` see ``body(_:)``.
    func post(_ changes: [String: JSONValue] = [:], headers: [WireMessage.Header] = []) async throws -> HTTPResponse {
        call.wire.note("POST \(Attempt.sessions)")
        let response = try await scene.http.send("POST", Attempt.sessions, headers: headers, json: body(changes))
        call.wire.note("\(response.outcome) \(response.json["message"]?.string ?? "")")
        return response
    }

    /// POSTs, rings and returns the INVITE with the session's id: the POST is answered, the call is not.
    func ring(_ status: Int = 180, tag: String? = nil) async throws -> (invite: PeerRequest, id: String) {
        async let reply = post()
        let invite = try await call.invite()
        invite.respond(status, tag: tag)
        return (invite, try await sessionID(of: reply))
    }

    /// POSTs, answers with 200 and returns once the gateway has acknowledged it.
    func connect() async throws -> (invite: PeerRequest, id: String) {
        async let reply = post()
        let invite = try await call.invite()
        invite.respond(200, sdp: SDP.answer())
        let id = try await sessionID(of: reply)
        _ = try await call.request(.ack)
        return (invite, id)
    }

    /// The `mediaSessionId` of a 201.
    func sessionID(of response: HTTPResponse) throws -> String {
        try #require(response.status == 201, ladder)
        return try #require(response.json["mediaSessionId"]?.string, ladder)
    }

    /// GETs the session.
    func read(_ id: String) async throws -> HTTPResponse {
        let response = try await scene.http.send("GET", "\(Attempt.sessionsWithReason)/\(id)")
        let reason = response.json["reason"]?.string.map { " (\($0))" } ?? ""
        call.wire.note("GET: \(response.outcome)\(reason)")
        return response
    }

    /// DELETEs the session.
    func delete(_ id: String) async throws -> HTTPResponse {
        call.wire.note("DELETE")
        let response = try await scene.http.send("DELETE", "\(Attempt.sessions)/\(id)")
        call.wire.note(response.outcome)
        return response
    }

    /// PUTs a change.
    func put(_ id: String, _ change: JSONValue) async throws -> HTTPResponse {
        call.wire.note("PUT \(change["status"]?.string ?? "")")
        let response = try await scene.http.send("PUT", "\(Attempt.sessions)/\(id)/status", json: change)
        call.wire.note(response.outcome)
        return response
    }

    /// Reads the session until it has `status`, and returns it. Without the events API GET is the only way to see it.
    @discardableResult
    func reaches(_ status: String, _ id: String, within patience: Duration = Patience.standard) async throws
        -> JSONValue
    {
        let deadline = ContinuousClock.now + patience
        var seen = ""
        while ContinuousClock.now < deadline {
            let response = try await scene.http.send("GET", "\(Attempt.sessionsWithReason)/\(id)")
            let now = response.json["status"]?.string ?? response.outcome
            if now != seen {
                seen = now
                call.wire.note("GET: \(response.outcome) (\(response.json["reason"]?.string ?? "no reason"))")
            }
            if now == status { return response.json }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw PatienceLost("status \(status) of \(number), last seen \(seen)", ladder: call.ladder)
    }

    /// Everything the gateway had to send to the first peer is here.
    func fence() async throws {
        try await scene.peer.fence(scene.gateway.sip)
    }
}
