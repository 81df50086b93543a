import TestPeer
import Testing

/// The published example request, byte for byte, and what becomes of it on the wire. One call at a time: the number
/// dialled is the example's.
@Suite(.serialized, .gateway(.standard)) struct SeedRequestTests {
    private static let receiver = "+17085854000"

    @Test(
        "It is answered 201 with the example's seven properties, whatever its Content-Type",
        arguments: ["application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded", nil])
    func created(type: String?) async throws {
        let body = try Resources.seedRequest()
        let sent = try JSONValue(parsing: body)
        let scene = try scene()
        let call = scene.peer.expect(Self.receiver)
        async let reply = scene.http.send(
            "POST", Attempt.sessions, headers: type.map { [.init("Content-Type", $0)] } ?? [], body: body)
        let invite = try await call.invite()
        invite.respond(100)
        let response = try await reply
        #expect(response.outcome == "201 Initial", "\(call.ladder)")
        let session = response.json
        #expect(
            session.keys == [
                "originatorAddress", "originatorName", "receiverAddress", "receiverName", "offer", "status",
                "mediaSessionId",
            ])
        for key in ["originatorAddress", "originatorName", "receiverAddress", "receiverName", "offer"] {
            #expect(session[key] == sent[key])
        }
        let id = try #require(session["mediaSessionId"]?.string)
        #expect(session["mediaSessionId"] != sent["mediaSessionId"], "the network assigns it")
        #expect(invite.message.body == Array((sent["offer"]?["sdp"]?.string ?? "").utf8), "SDP byte for byte")
        #expect(invite.message["Content-Type"] == "application/sdp")
        #expect(response["Content-Type"]?.hasPrefix("application/json") ?? false)
        #expect(response["x-correlator"]?.isEmpty == false)

        let read = try await scene.http.send("GET", "\(Attempt.sessions)/\(id)")
        #expect(read.status == 200)
        #expect(read.json == session)
        invite.respond(486)
        _ = try await call.request(.ack)
    }

    @Test("Request-URI, To and From are built from the numbers, the name is quoted")
    func addresses() async throws {
        let scene = try scene()
        let call = scene.peer.expect(Self.receiver)
        call.whenInvited { $0.respond(486) }
        defer { call.whenInvited { _ in } }
        _ = try await scene.http.send(
            "POST", Attempt.sessions, headers: [.init("Content-Type", "application/json")],
            body: try Resources.seedRequest())
        let invite = try await call.invite().message
        #expect(invite.requestURI == "sip:+17085854000@ims.example;user=phone")
        #expect(invite["To"].flatMap(WireMessage.uri) == "sip:+17085854000@ims.example;user=phone")
        #expect(invite.toTag == nil)
        let from = try #require(invite["From"])
        #expect(WireMessage.uri(of: from) == "sip:+17085852753@operator.example;user=phone")
        #expect(from.hasPrefix("\"tel:+17085852753\" <"))
        #expect(invite.fromTag?.isEmpty == false)
    }
}
