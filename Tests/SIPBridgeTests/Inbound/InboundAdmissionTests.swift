import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// INVITEs that become no call (mapping §3).
@Suite("Refusals of the network's calls")
struct InboundAdmissionTests {
    private func refusal(
        _ status: Int, in scene: InboundScene, _ call: (InboundScene) -> PeerCaller
    ) async throws -> WireMessage {
        let response = try await call(scene).refusal(status)
        #expect(scene.told.values.isEmpty)
        try await scene.expectNothingLeft()
        return response
    }

    @Test(arguments: [
        ("+17085859999", 404), ("ping", 404), ("0301234567", 404), ("%2b17085854000x", 404), (InboundScene.nobody, 480),
    ])
    func numbers(user: String, expected: Int) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            _ = try await refusal(expected, in: scene) { $0.call(user) }
        }
    }

    /// The same number in other words (RFC 3261 §19.1.4, RFC 3966 §5.1.1).
    @Test(arguments: ["+1-708-585-4000", "%2B17085854000", "+17085854000;npdi"])
    func otherFormsOfTheNumber(user: String) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(user)
            #expect(try await scene.invitation().session.receiverAddress == "tel:+17085854000")
            try await call.response(100)
        }
    }

    @Test func withoutADirectoryNoNumberIsServed() async throws {
        try await InboundScene.run(InboundScene { $0.directory = nil }) { scene in
            _ = try await refusal(404, in: scene) { $0.call() }
        }
    }

    @Test func aStrangerIsRefused() async throws {
        try await InboundScene.run(InboundScene(inbound: ["192.0.2.0/24"])) { scene in
            _ = try await refusal(403, in: scene) { $0.call() }
        }
    }

    @Test func aFullGatewaySaysWhenToCallAgain() async throws {
        try await InboundScene.run(InboundScene { $0.maximumLiveCalls = 1 }) { scene in
            let first = scene.call()
            try await first.response(100)
            let response = try await scene.call().refusal(503)
            #expect(response["Retry-After"].flatMap { Int($0) } == FinalResponse.defaultRetryAfter)
            #expect(await scene.agent.liveCalls == 1)
        }
    }

    @Test func aDrainingGatewayTakesNoCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            await scene.agent.refuseNewCalls()
            let response = try await refusal(503, in: scene) { $0.call() }
            #expect(response["Retry-After"] != nil)
        }
    }

    /// Until those who tell of calls are there, nobody would be told.
    @Test func aGatewayThatStartsTakesNoCallYet() async throws {
        try await InboundScene.run(InboundScene { $0.startsClosed = true }) { scene in
            let response = try await refusal(503, in: scene) { $0.call() }
            #expect(response["Retry-After"] != nil)
            await scene.agent.takeCalls()
            let call = scene.call()
            #expect(try await scene.invitation().session.receiverAddress == "tel:+17085854000")
            try await call.response(100)
        }
    }

    /// They come in the order of their registration.
    @Test func ofMoreDevicesTheNewestRing() async throws {
        try await InboundScene.run(InboundScene(devices: 20)) { scene in
            let call = scene.call()
            try await call.response(100)
            var invited: [String] = []
            for _ in 0..<SIPAgent.maximumDevices {
                invited.append(try #require(try await scene.invitation().session.device?.deviceID))
            }
            #expect(Set(invited) == Set((4..<20).map(InboundScene.deviceID)))
        }
    }

    /// RFC 7090: it is not turned away for want of room, if its word is believed.
    @Test(arguments: [true, false]) func anEmergencyServiceCallsBack(isTrusted: Bool) async throws {
        try await InboundScene.run(InboundScene(isTrusted: isTrusted)) { scene in
            await scene.agent.refuseNewCalls()
            let priority = WireMessage.Header("Priority", "psap-callback")
            if isTrusted {
                let call = scene.call(headers: [priority])
                let id = try await scene.invitation().session.id
                try await scene.put(id, .declined)
                try await call.refusal(603)
            } else {
                _ = try await refusal(503, in: scene) { $0.call(headers: [priority]) }
            }
        }
    }

    @Test(arguments: [
        ("application/sdp", "v=0\r\nnonsense", 400),
        ("application/sdp", SDP.answer() + String(repeating: "m=audio 9 RTP/AVP 0\r\n", count: 64), 488),
        ("application/isup", "x", 415),
        ("multipart/mixed;boundary=b", "--b--", 415),
    ])
    func bodies(type: String, body: String, expected: Int) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let response = try await scene.peer.request(
                .invite, to: scene.gateway, user: InboundScene.number, replacing: [.init("Content-Type", type)],
                body: body
            ).final()
            #expect(response.status == expected)
            if expected == 415 { #expect(response["Accept"] == "application/sdp") }
        }
    }

    @Test func anUnknownExtensionIsNamed() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let response = try await refusal(420, in: scene) { $0.call(headers: [.init("Require", "100rel, foo")]) }
            #expect(response["Unsupported"] == "foo")
        }
    }
}
