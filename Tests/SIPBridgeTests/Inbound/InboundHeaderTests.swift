import TestPeer
import Testing

@testable import SIPBridge

/// What crosses the edge in an INVITE of the network and its responses (ims-headers design).
@Suite("Headers of the network's calls")
struct InboundHeaderTests {
    private let asserted = WireMessage.Header(
        "P-Asserted-Identity", "\"Network\" <sip:+17085850001@10.1.2.3;user=phone>, <tel:+17085850001>")

    private func session(
        isTrusted: Bool, _ headers: [WireMessage.Header]
    ) async throws -> (address: String, name: String?) {
        let scene = try InboundScene(isTrusted: isTrusted)
        _ = scene.call(headers: headers)
        let session = try await scene.invitation().session
        await scene.agent.stop(deadline: .zero)
        return (session.originatorAddress, session.originatorName)
    }

    private func from(_ value: String) -> WireMessage.Header { .init("From", "\(value);tag=caller") }

    @Test func theAssertedIdentityIsToldOfATrustedTrunkAlone() async throws {
        let headers = [asserted, from("Alice <sip:+17085852753@10.0.0.1>")]
        var caller = try await session(isTrusted: true, headers)
        #expect(caller == ("tel:+17085850001", "Network"))
        caller = try await session(isTrusted: false, headers)
        #expect(caller == ("tel:+17085852753", "Alice"))
    }

    @Test(arguments: ["id", "header;id", "user", "critical;header"])
    func whoAsksForPrivacyIsAnonymous(privacy: String) async throws {
        let headers = [asserted, from("Alice <sip:+17085852753@a.example>"), .init("Privacy", privacy)]
        let caller = try await session(isTrusted: true, headers)
        #expect(caller == ("sip:anonymous@anonymous.invalid", nil))
    }

    @Test func noPrivacyIsNone() async throws {
        let headers = [asserted, from("<sip:anonymous@anonymous.invalid>"), .init("Privacy", "none")]
        #expect(try await session(isTrusted: true, headers).address == "tel:+17085850001")
    }

    @Test func responsesNameTheSessionAndTheCharge() async throws {
        try await InboundScene.run(InboundScene(isTrusted: true)) { scene in
            let call = scene.call(headers: [
                .init("Session-ID", "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000"),
                .init("P-Charging-Vector", "icid-value=\"1234bc9876e\";orig-ioi=home1.net"),
            ])
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            let ringing = try await call.response(180)
            let session = try #require(ringing["Session-ID"])
            #expect(session.hasSuffix(";remote=ab30317f1a784dc48ff824d0d3715d86"))
            #expect(
                ringing["P-Charging-Vector"] == "icid-value=1234bc9876e;orig-ioi=home1.net;term-ioi=gw.example")
            try await scene.put(id, .busy)
            let refused = try await call.refusal(486)
            #expect(refused["Session-ID"] == session)
        }
    }

    @Test func anUntrustedTrunkIsToldNoCharge() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(headers: [.init("P-Charging-Vector", "icid-value=1")])
            let id = try await scene.invitation().session.id
            try await scene.put(id, .busy)
            let refused = try await call.refusal(486)
            #expect(refused["P-Charging-Vector"] == nil)
            #expect(refused["Session-ID"]?.hasSuffix(";remote=00000000000000000000000000000000") == true)
        }
    }
}
