import TestPeer

extension ScenePlan {
    /// The standard scene with Kamailio in front of the peers: over UDP for `+1`, over TCP for `+32`.
    static let proxied = ScenePlan { configuration, places in
        // Its 100 is there before any 180: a POST that waited for less than that would be answered 201 Initial.
        try patient.prepare(&configuration, places)
        putProxy(before: &configuration, places)
    }

    /// The same with short timers, so that they run out within a test.
    static let proxiedHurried = proxied.with { configuration in
        configuration.timers = "{t1: 100ms, t2: 400ms, timerB: 3s, ring: 180s}"
        configuration.sessionCreate = "{waitForProgress: 250ms, timeout: 2s, offerTimeout: 30s, calleeOutcome: error}"
        for index in configuration.trunks.indices {
            configuration.trunks[index].lines = ["failover: {noResponse: 1s}"]
        }
    }

    /// The trunks have an account at Kamailio.
    static let proxiedAccount = proxied.with { configuration in
        for index in configuration.trunks.indices {
            configuration.trunks[index].lines.append(
                "auth: {username: gw, password: hunter2, realm: kamailio.example}")
        }
    }

    /// Devices can be called, through Kamailio.
    static let proxiedInbound = ScenePlan { configuration, places in
        try inbound.prepare(&configuration, places)
        putProxy(before: &configuration, places)
    }

    /// The numbers of ``Device`` have accounts at Kamailio.
    static let proxiedRegistrar = proxiedInbound.with { configuration in
        configuration[trunk: "main"].domain = "127.0.0.1"
        configuration[trunk: "main"].lines += [
            "auth: {username: gw, password: hunter2, realm: kamailio.example}",
            "register: {mode: account, numbers: [\"+4915\"]}",
        ]
    }

    private static func putProxy(before configuration: inout GatewayConfiguration, _ places: Scene.Places) {
        let proxy = "sip:127.0.0.1:\(places.sippPort)"
        for index in configuration.trunks.indices {
            switch configuration.trunks[index].name {
            case "main": configuration.trunks[index].peers = [proxy]
            case "tcp": configuration.trunks[index].peers = [proxy + ";transport=tcp"]
            default: break
            }
        }
    }
}
