import TestPeer

extension ScenePlan {
    /// As `events`, and the gateway serves the numbers of ``Device`` alone.
    static let inbound = events.with { configuration in
        configuration.more.append("servedNumbers: [\"+4915\"]")
    }

    /// Calls come from a network that is nobody's here.
    static let strangers = events.with { configuration in
        for index in configuration.trunks.indices {
            configuration.trunks[index].lines.append("inbound: {from: [192.0.2.0/24]}")
        }
    }
}
