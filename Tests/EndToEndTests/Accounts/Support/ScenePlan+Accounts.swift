import TestPeer

extension ScenePlan {
    /// Trunks that register themselves, each for one test: `reg0` to `reg6`, with routes `+990` to `+996`. Calls of the network
    /// come by `reg0`.
    static let registering = ScenePlan { configuration, places in
        try inbound.prepare(&configuration, places)
        let standard = configuration.trunks
        configuration.trunks = (0..<7).map { index in
            .init(
                "reg\(index)", peers: ["sip:127.0.0.1:\(places.peer.port)"], domain: "ims.example",
                lines: [
                    PeerChallenge.auth,
                    "register: {mode: trunk, user: reg\(index), expires: 30m, retry: 100ms}",
                ])
        }
        configuration.trunks += standard
        configuration.routes += (0..<7).map { ("+99\($0)", ["reg\($0)"]) }
    }

    /// The numbers of ``Device`` have accounts at the first peer.
    static let accounts = inbound.with(withAccounts)

    /// Gives the numbers of ``Device`` accounts at the first peer.
    static let withAccounts: @Sendable (inout GatewayConfiguration) -> Void = { configuration in
        guard let main = configuration.trunks.firstIndex(where: { $0.name == "main" }) else { return }
        configuration.trunks[main].lines += [
            PeerChallenge.auth,
            "register: {mode: account, numbers: [\"+4915\"], retry: 100ms}",
        ]
    }
}
