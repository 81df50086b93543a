import Foundation
import Synchronization
import TestPeer
import Testing

/// What stands in no emergency call's way: limits, draining, a dead trunk (emergency design 4).
@Suite(.alone, .serialized) struct EmergencyLimitTests {
    private static let calls = 100

    /// Has the peer take every emergency call and end of one.
    private func serve(_ peer: SIPPeer, _ onInvite: @escaping SIPPeer.Handler = { _ in }) {
        peer.serve("service:sos") { request in
            switch request.message.method {
            case .invite:
                onInvite(request)
                request.respond(200, sdp: SDP.answer())
            case .ack: break
            default: request.respond(200)
            }
        }
    }

    /// Asks for as many at once and returns how each was answered.
    private func outcomes(_ scene: Scene, _ headers: [WireMessage.Header] = []) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<Self.calls {
                group.addTask {
                    try await scene.http.send(
                        "POST", Attempt.sessions, headers: headers, json: Attempt.body(receiver: "112")
                    ).outcome
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("With every limit reached and draining begun, 100 of 100 emergency calls are made")
    func limits() async throws {
        let plan = ScenePlan.emergencyWithTokens.with { configuration in
            configuration.limits = "{requestsPerSecond: 1, burst: 3, sessions: 1}"
            configuration.sessions = "{keepEnded: 5m, maxDuration: 4h, maxLive: 1}"
            configuration.more = ["drain: {deadline: 10m}", "emergency: {trunks: [sos-1, sos-2]}"]
        }
        try await Scene.run(plan) { scene in
            serve(scene.peer)
            let headers = bearer(
                try scene.issuer.token(scopes: callScopes, phoneNumber: Attempt.caller, client: "full"))
            let attempt = scene.attempt()
            async let reply = attempt.post(headers: headers)
            try await attempt.call.invite().respond(200, sdp: SDP.answer())
            _ = try attempt.sessionID(of: try await reply)
            _ = try await attempt.call.request(.ack)
            // One more is a session too many, for the client and for the gateway; and the requests are used up.
            var refused = ""
            for _ in 0..<10 where !refused.hasPrefix("429") {
                refused = try await attempt.post(headers: headers).outcome
            }
            #expect(refused.hasPrefix("429"), "\(refused)")
            let draining = scene.gateway.nextLine { $0.contains("\"draining\"") }
            scene.gateway.signal(SIGTERM)
            #expect(await draining.next() != nil)
            let other = bearer(
                try scene.issuer.token(scopes: callScopes, phoneNumber: Attempt.caller, client: "other"))
            #expect(try await attempt.post(headers: other).status == 503)

            let outcomes = try await outcomes(scene, headers)
            #expect(outcomes.filter { $0 == "201 Connected" }.count == Self.calls, "\(Set(outcomes))")
        }
    }

    @Test(
        "With the first emergency trunk dead, every call is made by the second within 4 s",
        arguments: ["silent", "closed"])
    func deadTrunk(kind: String) async throws {
        let plan = ScenePlan.emergency.with { configuration in
            if kind == "closed", let port = try? FreePort.next() {
                configuration.trunks[0].peers = ["sip:127.0.0.1:\(port);transport=tcp"]
            }
            configuration.more = [
                "drain: {deadline: 0s}", "emergency: {trunks: [\(kind == "closed" ? "main" : "sos-2"), sos-1]}",
            ]
        }
        try await Scene.run(plan) { scene in
            // The Session-ID stays with a call from trunk to trunk.
            let tried = Mutex<[String: ContinuousClock.Instant]>([:])
            let waits = Mutex<[Duration]>([])
            scene.second.serve("service:sos") { request in
                guard request.message.method == .invite, let id = request.message["Session-ID"] else { return }
                tried.withLock { $0[id] = $0[id] ?? .now }
            }
            serve(scene.peer) { request in
                guard let id = request.message["Session-ID"], let began = tried.withLock({ $0[id] }) else { return }
                waits.withLock { $0.append(.now - began) }
            }
            let outcomes = try await outcomes(scene)
            #expect(outcomes.filter { $0 == "201 Connected" }.count == Self.calls, "\(Set(outcomes))")
            let longest = waits.withLock { $0.max() } ?? .zero
            #expect(longest < .seconds(4))
            #expect(waits.withLock { $0.count } >= (kind == "silent" ? Self.calls : 0))
        }
    }
}

extension Attempt {
    /// An emergency call for a service that no other test asks for, or for `service`; expected at both peers.
    static func emergency(_ service: String? = nil, at place: String = "") throws -> Attempt {
        let scene = try EndToEndTests.scene()
        let service = service ?? "sos.t" + Numbers.next("+").dropFirst()
        return Attempt(
            scene: scene, number: "urn:service:\(service)", call: scene.peer.expect("service:\(service)"),
            secondCall: scene.second.expect("service:\(service)"))
    }
}

extension WireMessage {
    /// The parts of a multipart body, each with its header lines and body; nil where it is none.
    var parts: [(type: String, headers: [String], body: String)]? {
        guard let value = self["Content-Type"], value.hasPrefix("multipart/mixed"),
            let boundary = WireMessage.parameter("boundary", of: value)?.trimmingCharacters(in: ["\""]),
            let end = bodyText.range(of: "\r\n--\(boundary)--\r\n", options: .backwards),
            bodyText.hasPrefix("--\(boundary)\r\n")
        else { return nil }
        let whole = bodyText[..<end.lowerBound].dropFirst(boundary.count + 3)
        return whole.components(separatedBy: "\r\n--\(boundary)\r\n").map { part in
            let halves = part.components(separatedBy: "\r\n\r\n")
            let headers = halves[0].components(separatedBy: "\r\n")
            let type = headers.first { $0.hasPrefix("Content-Type: ") }?.dropFirst(14)
            return (String(type ?? ""), headers, halves.dropFirst().joined(separator: "\r\n\r\n"))
        }
    }
}

extension ScenePlan {
    /// As `standard`, with two trunks for emergency calls, one at each peer, and `+45` a trunk that takes locations.
    static let emergency = ScenePlan { configuration, places in
        try standard.prepare(&configuration, places)
        addEmergency(&configuration, places)
    }

    /// The same with tokens.
    static let emergencyWithTokens = ScenePlan { configuration, places in
        try guarded.prepare(&configuration, places)
        addEmergency(&configuration, places)
    }

    private static func addEmergency(_ configuration: inout GatewayConfiguration, _ places: Scene.Places) {
        let (peer, second) = ("sip:127.0.0.1:\(places.peer.port)", "sip:127.0.0.1:\(places.second.port)")
        configuration.trunks += [
            .init("sos-1", peers: [peer], lines: ["reliable1xx: required", "failover: {cooldown: 0s}"]),
            .init("sos-2", peers: [second], trusted: false, lines: ["failover: {cooldown: 0s}"]),
            .init("located", peers: [peer], lines: ["headers: {location: true}"]),
        ]
        configuration.routes.append(("+45", ["located"]))
        configuration.more.append("emergency: {trunks: [sos-1, sos-2]}")
    }
}
