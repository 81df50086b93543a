import TestPeer
import Testing

/// A BYE for a call that an earlier run has left up is challenged like any other request.
@Suite(.sharing, .serialized) struct DigestRestartTests {
    private static let withCredentials: @Sendable (inout GatewayConfiguration) -> Void = { configuration in
        for index in configuration.trunks.indices {
            configuration.trunks[index].lines.append(PeerChallenge.auth)
        }
    }

    @Test("The right password ends the call, a wrong one is sent once")
    func challenged() async throws {
        try await StoredScene.run(configure: DigestRestartTests.withCredentials) { stored in
            let device = try Device(stored.scene, .r3)
            let registered = RegisteredDevice(device, registration: try await device.register())
            let (first, _) = try await registered.connect()
            let (second, _) = try await registered.connect()
            try await stored.settles { $0["storeUnwritten"] == 0 }
            let after = try await stored.restarted()

            // Challenged before either is answered, so that neither carries credentials at first.
            let byes = [try await first.call.request(.bye), try await second.call.request(.bye)]
            let challenge = PeerChallenge(nonce: "b1")
            byes[0].challenge(challenge)
            let again = try await first.call.acceptBye()
            #expect(challenge.fault(in: again, count: 1) == nil, first.ladder)
            #expect(again.cseq?.number == (byes[0].message.cseq?.number ?? 0) + 1, first.ladder)
            byes[1].challenge(PeerChallenge(nonce: "b2"))
            try await second.call.request(.bye).challenge(PeerChallenge(nonce: "b3"))
            // Forgotten, answered or not.
            try await after.settles { $0["dialogs"] == 0 && $0["storeUnwritten"] == 0 }
            #expect(!second.call.unread.contains(.bye), second.ladder)
            try await after.end()
        }
    }
}
