import TestPeer

extension ScenePlan {
    /// Trunks and routes for most suites. The country code says what a number is for:
    ///
    /// - `+1` the trusted trunk `main`;
    /// - `+31` an untrusted trunk, `+32` a trunk over TCP, `+33` one that refuses connections;
    /// - `+34` the refusing trunk, then `main`;
    /// - `+44` two trunks: the first peer, then the second;
    /// - `+47` a trunk that demands reliable responses;
    /// - `+7` the sipp program.
    static let standard = ScenePlan { configuration, places in
        let peer = "sip:127.0.0.1:\(places.peer.port)"
        let second = "sip:127.0.0.1:\(places.second.port)"
        let refusing = "sip:127.0.0.1:\(try FreePort.next());transport=tcp"
        configuration.trunks = [
            .init("main", peers: [peer], domain: "ims.example"),
            .init("untrusted", peers: [peer], domain: "edge.example", trusted: false),
            .init("tcp", peers: [peer + ";transport=tcp"], domain: "tcp.example"),
            .init("refusing", peers: [refusing]),
            .init("first", peers: [peer], domain: "first.example"),
            .init("second", peers: [second], domain: "second.example"),
            .init("reliable", peers: [peer], lines: ["reliable1xx: required"]),
            .init("sipp", peers: ["sip:127.0.0.1:\(places.sippPort)"]),
        ]
        configuration.routes = [
            ("+1", ["main"]), ("+31", ["untrusted"]), ("+32", ["tcp"]), ("+33", ["refusing"]),
            ("+34", ["refusing", "main"]), ("+44", ["first", "second"]),
            ("+47", ["reliable"]), ("+7", ["sipp"]),
        ]
    }

    /// The standard scene with another choice on top.
    func with(_ change: @escaping @Sendable (inout GatewayConfiguration) -> Void) -> ScenePlan {
        var plan = ScenePlan { configuration, places in
            try prepare(&configuration, places)
            change(&configuration)
        }
        plan.launcher = launcher
        return plan
    }

    /// Every timer short, so that each can be seen to run out.
    static let impatient = standard.with { configuration in
        configuration.timers = "{t1: 100ms, t2: 400ms, timerB: 6s, ring: 2s}"
        configuration.sessionCreate =
            "{waitForProgress: 200ms, timeout: 2500ms, offerTimeout: 1s, calleeOutcome: error}"
        configuration.sessions = "{keepEnded: 4s, maxDuration: 2s}"
        for index in configuration.trunks.indices {
            configuration.trunks[index].lines = ["failover: {noResponse: 300ms}"]
        }
    }

    /// A POST waits long for progress, so that a test can act meanwhile.
    static let patient = standard.with { configuration in
        configuration.sessionCreate = "{waitForProgress: 4s, timeout: 5s, offerTimeout: 30s, calleeOutcome: error}"
    }

    /// The rows marked † of mapping §2 answer with a session.
    static let outcomeIsResource = standard.with { configuration in
        configuration.sessionCreate =
            "{waitForProgress: 250ms, timeout: 4s, offerTimeout: 30s, calleeOutcome: resource}"
    }

    /// Requests need a token of the scene's issuer.
    static let guarded = ScenePlan { configuration, places in
        try standard.prepare(&configuration, places)
        configuration.auth = [
            "mode: jwt", "issuer: \(places.issuer.name)", "audience: \(places.issuer.audience)",
            "jwks: \(try places.issuer.writeKeySet().path)",
        ]
    }
}
