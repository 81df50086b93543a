import TestPeer

extension ScenePlan {
    /// Trunks that register themselves, each for one test: `reg0` to `reg10`, the first ten with routes `+990` to `+999`.
    /// Calls of the network come by `reg0`; `reg7` and `reg10` have the second peer as well, `reg8` nobody before the first one.
    static let registering = ScenePlan { configuration, places in
        try inbound.prepare(&configuration, places)
        let standard = configuration.trunks
        let peer = "sip:127.0.0.1:\(places.peer.port)"
        let nobody = "sip:127.0.0.1:\(try FreePort.next());transport=tcp"
        let both = [peer, "sip:127.0.0.1:\(places.second.port)"]
        let peers = [7: both, 8: [nobody, peer], 10: both]
        configuration.trunks = (0..<11).map { index in
            .init(
                "reg\(index)", peers: peers[index] ?? [peer], domain: "ims.example",
                lines: [
                    PeerChallenge.auth,
                    "register: {mode: trunk, user: reg\(index), expires: 30m, retry: 100ms}",
                ] + (index == 10 ? ["failover: {noResponse: 1s}"] : []))
        }
        configuration.trunks += standard
        configuration.routes += (0..<10).map { ("+99\($0)", ["reg\($0)"]) }
    }

    /// The numbers of ``Device`` have accounts at the first peer.
    static let accounts = inbound.with(withAccounts)

    /// Gives the numbers of ``Device`` accounts at the first peer.
    static let withAccounts: @Sendable (inout GatewayConfiguration) -> Void = { configuration in
        configuration[trunk: "main"].lines += [
            PeerChallenge.auth,
            "register: {mode: account, numbers: [\"+4915\"], retry: 100ms}",
        ]
    }
}
