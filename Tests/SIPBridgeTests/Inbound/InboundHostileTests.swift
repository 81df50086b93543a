import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// INVITEs that Sofia lets through and that no decent caller sends.
@Suite("Strange INVITEs")
struct InboundHostileTests {
    /// A target that cannot be sent to: the trunk's own address takes our BYE.
    @Test(arguments: [
        "<sip:caller@host.invalid>", "<sip:caller@127.0.0.1:99999>", "<sip:caller@127.0.0.1;transport=sctp>",
        "<mailto:a@b.example>", "<sip:%00@[::1]:5060;maddr=x;maddr=y>",
    ])
    func targets(contact: String) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(headers: [.init("Contact", contact)])
            let id = try await scene.connected(call)
            scene.agent.end(id)
            try await call.acceptBye()
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    /// RFC 2543 callers have no tag.
    @Test func aCallerWithoutATag() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(headers: [.init("From", "<sip:+17085852753@127.0.0.1>")])
            let id = try await scene.connected(call)
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    @Test(arguments: [
        ("Privacy", "id;;;\u{1}"), ("Session-ID", "x\"y;remote"), ("P-Charging-Vector", ";;=;icid-value=\"a;b"),
        ("Supported", ",,100rel,"), ("Session-Expires", "1800;refresher=nobody"),
        ("X-Long", String(repeating: "x", count: 30_000)), ("Min-SE", "90"), ("Expires", "0"),
        ("Reason", "SIP;cause=200"),
    ])
    func headers(name: String, value: String) async throws {
        try await InboundScene.run(InboundScene(isTrusted: true)) { scene in
            let call = scene.call(headers: [.init(name, value)])
            let id = try await scene.invitation().session.id
            try await scene.put(id, .busy)
            let refused = try await call.refusal(486)
            #expect(refused["Session-ID"]?.hasSuffix(";remote=00000000000000000000000000000000") == true)
            try await scene.expectNothingLeft()
        }
    }

    @Test(arguments: [
        "<tel:+17085850001", "\"unclosed <sip:a@b.example>", "<>", ",,,", "sip:", "<sip:@>", "\u{1}",
        String(repeating: "<sip:a@b.example>,", count: 300) + "<sip:a@b.example>",
    ])
    func identities(value: String) async throws {
        try await InboundScene.run(InboundScene(isTrusted: true)) { scene in
            let call = scene.call(headers: [
                .init("P-Asserted-Identity", value), .init("From", "<sip:+17085852753@a.example>;tag=1"),
            ])
            let session = try await scene.invitation().session
            #expect(["tel:+17085852753", "sip:a@b.example"].contains(session.originatorAddress))
            try await scene.put(session.id, .busy)
            try await call.refusal(486)
        }
    }
}
