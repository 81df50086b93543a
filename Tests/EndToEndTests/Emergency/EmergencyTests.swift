import Foundation
import TestPeer
import Testing

/// Emergency calls with trunks for them (docs/emergency.md). One after the other: some of them ask for the same service, and
/// would take each other's INVITEs.
@Suite(.serialized, .gateway(.emergency)) struct EmergencyTests {
    static let circle: JSONValue = [
        "shape": "Circle",
        "coordinates": ["latitude": .number(47.6), "longitude": .number(-122.3), "radius": .number(35.5)],
        "method": "GPS",
        "timestamp": "2025-10-06T19:31:25Z",
    ]

    @Test("112 goes to the emergency trunk as urn:service:sos, with Route, Priority and a number to call back")
    func dialledNumber() async throws {
        let attempt = try Attempt.emergency("sos")
        async let reply = attempt.post(["receiverAddress": "tel:112"])
        let invite = try await attempt.call.invite()
        let message = invite.message
        #expect(message.requestURI == "urn:service:sos", attempt.ladder)
        #expect(message["To"] == "<urn:service:sos>")
        #expect(message["Route"] == "<sip:127.0.0.1:\(try scene().peer.port);transport=udp;lr>")
        #expect(message["Priority"] == "emergency")
        #expect(message["P-Asserted-Identity"] == "<sip:\(Attempt.caller)@operator.example;user=phone>")
        #expect(message["Privacy"] == nil)
        #expect(message["Accept"] == "application/sdp, application/3gpp-ims+xml")
        #expect(message["Geolocation"] == nil && message["Geolocation-Routing"] == nil)
        #expect(message["Content-Type"] == "application/sdp")
        #expect(message.bodyText == SDP.offer())
        invite.respond(180)
        let response = try await reply
        #expect(response.outcome == "201 Ringing", attempt.ladder)
        #expect(response.json["callType"]?.string == "EMERGENCY")
        #expect(response.json["receiverAddress"]?.string == "tel:112")
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        let id = try attempt.sessionID(of: response)
        try await attempt.reaches("Connected", id)
        async let deleted = attempt.delete(id)
        try await attempt.call.acceptBye()
        #expect(try await deleted.status == 204)
    }

    @Test("An anonymous caller's number is asserted all the same")
    func anonymous() async throws {
        let attempt = try Attempt.emergency()
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post(["originatorAddress": "sip:anonymous@anonymous.invalid"])
        let message = try await attempt.call.invite().message
        #expect(message["From"].flatMap(WireMessage.uri) == "sip:anonymous@anonymous.invalid", attempt.ladder)
        #expect(message["Privacy"] == "id")
    }

    @Test("A location goes along as PIDF-LO, in one body with the SDP")
    func location() async throws {
        let attempt = try Attempt.emergency()
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post(["locationDetails": Self.circle])
        let message = try await attempt.call.invite().message
        #expect(message["Geolocation-Routing"] == "yes", attempt.ladder)
        let id = try #require(message["Geolocation"].flatMap(WireMessage.uri))
        #expect(id.hasPrefix("cid:"))
        let parts = try #require(message.parts, attempt.ladder)
        #expect(parts.map(\.type) == ["application/sdp", "application/pidf+xml"])
        #expect(parts[0].body == SDP.offer())
        #expect(parts[1].headers.contains("Content-ID: <\(id.dropFirst(4))>"), "RFC 2392")
        #expect(parts[1].body.contains("<gml:pos>47.6 -122.3</gml:pos>"))
        #expect(parts[1].body.contains("<gs:radius uom=\"urn:ogc:def:uom:EPSG::9001\">35.5</gs:radius>"))
        #expect(parts[1].body.contains("<gp:method>GPS</gp:method>"))
        #expect(parts[1].body.contains("<dm:timestamp>2025-10-06T19:31:25.000Z</dm:timestamp>"))
        for name in ["Supported", "Require"] { #expect(!message.tokens(name).contains { $0.hasPrefix("geolocation") }) }
    }

    @Test(
        "A bad location, or anything else that is wrong but the SDP, stops no emergency call",
        arguments: [
            ["locationDetails": ["shape": "Circle", "coordinates": ["latitude": 91, "longitude": 0, "radius": 1]]],
            ["locationDetails": "here"], ["originatorAddress": "nonsense", "colour": "blue"],
            ["originatorName": 5, "receiverName": "\u{7}"], ["locationDetails": ["shape": "Square"]],
        ] as [[String: JSONValue]])
    func badRequests(changes: [String: JSONValue]) async throws {
        let attempt = try Attempt.emergency()
        attempt.call.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        let line = try scene().gateway.nextLine {
            $0.contains("\"emergency call\"") && $0.contains(attempt.number.replacing("urn:service:", with: ""))
        }
        let response = try await attempt.post(changes)
        #expect(response.outcome == "201 Connected", "\(response.text)\n\(attempt.call.ladder)")
        let message = try await attempt.call.invite().message
        #expect(message["Geolocation"] == nil)
        #expect(message["Content-Type"] == "application/sdp")
        let log = try #require(await line.next())
        if changes["locationDetails"] != nil { #expect(log.contains("location was left out"), "\(log)") }
        let id = try attempt.sessionID(of: response)
        async let deleted = attempt.delete(id)
        try await attempt.call.acceptBye()
        _ = try await deleted
    }

    @Test("An SDP that is none is refused: there is nothing to make a call of")
    func badMedia() async throws {
        let response = try await Attempt.emergency().post(["offer": ["sdp": "hello"]])
        #expect(response.outcome == "400 INVALID_ARGUMENT")
    }

    @Test("The call type counts against the receiver, on every version", arguments: ["v0.3", "v0.4"])
    func callTypeAlone(version: String) async throws {
        let attempt = try Attempt.emergency("sos")
        let second = try Attempt.emergency("sos", at: "second")
        let before = attempt.call.unread + second.call.unread
        let line = try scene().gateway.nextLine { $0.contains("the call type counts") }
        let response = try await scene().http.send(
            "POST", "/webrtc-call-handling/\(version)/sessions",
            json: attempt.body(["receiverAddress": "tel:+17085854000", "callType": "EMERGENCY", "offer": .null]))
        #expect(response.outcome == "201 Initial", "\(response.text)")
        #expect(await line.next() != nil)
        #expect(attempt.call.unread + second.call.unread == before, "it waits for its offer")
        let id = try attempt.sessionID(of: response)
        #expect(try await attempt.delete(id).status == 204)
    }

    @Test("An offer that comes late goes to the emergency trunk like any other, never by an ordinary route")
    func lateOffer() async throws {
        let attempt = try Attempt.emergency()
        let response = try await attempt.post(["offer": .null])
        #expect(response.outcome == "201 Initial", "\(response.text)")
        let id = try attempt.sessionID(of: response)
        async let put = attempt.put(id, ["offer": ["sdp": .string(SDP.offer())]])
        let invite = try await attempt.call.invite()
        #expect(invite.message.requestURI == attempt.number, attempt.ladder)
        #expect(invite.message["Priority"] == "emergency")
        invite.respond(200, sdp: SDP.answer())
        #expect(try await put.status == 204)
        _ = try await attempt.call.request(.ack)
        async let deleted = attempt.delete(id)
        try await attempt.call.acceptBye()
        _ = try await deleted
    }

    @Test("Whatever the first trunk refuses with, the second is tried", arguments: [403, 404, 486, 488, 500, 503, 603])
    func failover(status: Int) async throws {
        let attempt = try Attempt.emergency()
        attempt.call.whenInvited { $0.respond(status) }
        attempt.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer("second")) }
        let response = try await attempt.post()
        #expect(response.outcome == "201 Connected", attempt.ladder)
        let message = try await attempt.secondCall.invite().message
        #expect(message.requestURI == attempt.number)
        let id = try attempt.sessionID(of: response)
        async let deleted = attempt.delete(id)
        try await attempt.secondCall.acceptBye()
        _ = try await deleted
    }

    @Test("A call that has rung is not rung elsewhere, and the application is told")
    func rung() async throws {
        let attempt = try Attempt.emergency()
        attempt.call.whenInvited {
            $0.respond(180)
            $0.respond(486)
        }
        let id = try attempt.sessionID(of: try await attempt.post())
        try await attempt.reaches("Busy", id)
        #expect(attempt.secondCall.unread.isEmpty, attempt.ladder)
    }

    // MARK: - Calls that become one (emergency 7)

    static let alternative =
        "<ims-3gpp version=\"1\"><alternative-service><type>emergency</type></alternative-service></ims-3gpp>"

    private func alternativeService(_ request: PeerRequest, contact: String?) {
        let contact = contact.map { [WireMessage.Header("Contact", $0)] } ?? []
        request.respond(
            380, body: Self.alternative,
            headers: [.init("Content-Type", "application/3gpp-ims+xml")] + contact)
    }

    @Test(
        "A 380 of a trusted trunk makes an emergency call, for the service its Contact names",
        arguments: [true, false])
    func alternativeService(namesService: Bool) async throws {
        let emergency = try Attempt.emergency(namesService ? nil : "sos")
        let attempt = try scene().attempt()
        async let reply = attempt.post(["locationDetails": Self.circle])
        alternativeService(
            try await attempt.call.invite(),
            contact: namesService ? "<\(emergency.number)>" : "<urn:service:counseling>")
        let invite = try await emergency.call.invite()
        #expect(invite.message.requestURI == emergency.number, emergency.ladder)
        #expect(invite.message["Priority"] == "emergency")
        invite.respond(200, sdp: SDP.answer())
        let response = try await reply
        #expect(response.outcome == "201 Connected", emergency.ladder)
        #expect(response.json["callType"]?.string == "EMERGENCY")
        let id = try attempt.sessionID(of: response)
        async let deleted = attempt.delete(id)
        try await emergency.call.acceptBye()
        _ = try await deleted
    }

    @Test("A 380 of a trunk that is not trusted, or without its body, makes none", arguments: ["+31", "+1"])
    func distrustedAlternative(prefix: String) async throws {
        let attempt = try scene().attempt(prefix)
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        if prefix == "+31" {
            alternativeService(invite, contact: "<urn:service:sos>")
        } else {
            invite.respond(380, headers: [.init("Contact", "<urn:service:sos>")])
        }
        #expect(try await reply.outcome == "502 BAD_GATEWAY", attempt.ladder)
    }

    @Test("A redirection to an emergency number goes to the emergency trunk, never on as an ordinary call")
    func redirection() async throws {
        let attempt = try scene().attempt()
        let emergency = try Attempt.emergency("sos.police")
        async let reply = attempt.post()
        try await attempt.call.invite().respond(302, headers: [.init("Contact", "<sip:110@second.example>")])
        let invite = try await emergency.call.invite()
        #expect(invite.message.requestURI == "urn:service:sos.police")
        invite.respond(380)
        // The second one is tried; then nobody is left, and the application is told to dial natively.
        try await emergency.secondCall.invite().respond(380)
        #expect(try await reply.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", emergency.ladder)
    }

    // MARK: - Where the caller is (emergency 6 and 8)

    @Test("A location that is refused is left out of the next try", arguments: [424, 415, 413])
    func refusedLocation(status: Int) async throws {
        let attempt = try Attempt.emergency()
        async let reply = attempt.post(["locationDetails": Self.circle])
        let first = try await attempt.call.invite()
        #expect(first.message["Geolocation"] != nil, attempt.ladder)
        first.respond(status)
        let second = try await attempt.call.invite()
        #expect(second.message["Geolocation"] == nil, attempt.ladder)
        #expect(second.message.bodyText == SDP.offer())
        second.respond(status)
        // Not a third time here: now the other trunk has its try, with the location.
        let other = try await attempt.secondCall.invite()
        #expect(other.message["Geolocation"] != nil, attempt.ladder)
        other.respond(200, sdp: SDP.answer())
        let id = try attempt.sessionID(of: try await reply)
        async let deleted = attempt.delete(id)
        try await attempt.secondCall.acceptBye()
        _ = try await deleted
    }

    @Test(
        "A caller who moves is told of: by UPDATE, or by re-INVITE where the peer takes none", arguments: [true, false])
    func update(takesUpdate: Bool) async throws {
        let attempt = try Attempt.emergency()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let allow = takesUpdate ? [] : [WireMessage.Header("Allow", "INVITE, ACK, BYE, CANCEL")]
        invite.respond(200, sdp: SDP.answer(), headers: allow)
        let id = try attempt.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack)

        async let put = attempt.put(id, ["status": "Connected", "locationDetails": Self.circle])
        let told = try await attempt.call.request(takesUpdate ? .update : .invite)
        #expect(told.message["Geolocation"]?.hasPrefix("<cid:") == true, attempt.ladder)
        let id2 = try #require(told.message["Geolocation"].flatMap(WireMessage.uri)).dropFirst(4)
        if takesUpdate {
            #expect(told.message["Content-Type"] == "application/pidf+xml")
            #expect(told.message["Content-ID"] == "<\(id2)>")
            #expect(told.message.bodyText.contains("<gml:pos>47.6 -122.3</gml:pos>"))
            told.respond(200)
        } else {
            let parts = try #require(told.message.parts)
            #expect(parts.map(\.type) == ["application/sdp", "application/pidf+xml"])
            #expect(parts[0].body == SDP.offer())
            told.respond(200, sdp: SDP.answer(), headers: allow)
            _ = try await attempt.call.request(.ack)
        }
        #expect(try await put.outcome == "200 Connected", attempt.ladder)

        // A bad one changes nothing, and is no error.
        let bad = try await attempt.put(id, ["locationDetails": ["shape": "Square"]])
        #expect(bad.outcome == "200 Connected", "\(bad.text)")
        async let deleted = attempt.delete(id)
        try await attempt.call.acceptBye()
        _ = try await deleted
        #expect(!attempt.call.unread.contains(.update), attempt.ladder)
    }

    @Test("A regular call's location goes only where the trunk's policy lets it", arguments: ["+1", "+45"])
    func regular(prefix: String) async throws {
        let attempt = try scene().attempt(prefix)
        async let reply = attempt.post(["locationDetails": Self.circle])
        let invite = try await attempt.call.invite()
        #expect((invite.message["Geolocation"] != nil) == (prefix == "+45"), attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        let id = try attempt.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack)
        let put = try await attempt.put(id, ["locationDetails": Self.circle])
        #expect(put.outcome == "200 Connected", "\(put.text)")
        if prefix == "+45" { try await attempt.call.request(.update).respond(200) }
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.update), attempt.ladder)
        async let deleted = attempt.delete(id)
        try await attempt.call.acceptBye()
        _ = try await deleted
    }

    @Test("It is in the log and in the call records, whatever the log's level")
    func records() async throws {
        try await Scene.run(.emergency.with { $0.more.append("log: {level: error}") }) { scene in
            let record = scene.gateway.nextLine {
                $0.contains("\"call ended\"") && $0.contains("\"emergency\":\"sos\"")
            }
            let began = scene.gateway.nextLine { $0.contains("\"emergency call\"") }
            let call = scene.peer.expect("service:sos")
            call.whenInvited {
                $0.respond(180); $0.respond(486)
            }
            _ = try await scene.http.send(
                "POST", Attempt.sessions, json: Attempt.body(receiver: "112"))
            #expect(await began.next() != nil)
            #expect(await record.next() != nil)
        }
    }
}
