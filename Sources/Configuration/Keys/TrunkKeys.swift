/// The keys of an element of `trunks`.
enum TrunkKeys {
    static let list = SectionListKey("trunks", 1...1000, default: nil, "The ways into the network.")
    static let name = Key.required("trunks[].name", .trunkName, "The name routes and logs use; distinct.")
    static let peers = SectionListKey("trunks[].peers", 1...16, default: nil, "Where requests go.")
    static let uri = Key.required(
        "trunks[].peers[].uri", .peerURI,
        "The peer; `sip.listen` must have its transport and IP version. An IP address: UDP and port 5060 unless given, over TLS 5061. A name: "
            + "looked up as RFC 3263 says, again before its records run out.")
    static let priority = Key(
        "trunks[].peers[].priority", .int(0...65535), default: 1, "The lowest value is used first (RFC 2782).")
    static let weight = Key(
        "trunks[].peers[].weight", .int(0...65535), default: 100, "The share among peers of equal priority.")
    static let domain = Key.optional(
        "trunks[].domain", .host, default: "the peer's host", "The host of Request-URI and To.")
    static let outboundProxy = Key(
        "trunks[].outboundProxy", .list(of: .located(.routeURI), 0...8), default: [],
        "The preloaded Route set; requests go to its first entry. `lr` is added.")
    static let trusted = Key(
        "trunks[].trusted", .bool, default: true,
        "Whether the peer is in the trust domain of RFC 3325: only then is identity asserted or believed.")

    static let numbers = SectionKey("trunks[].numbers", "How numbers are written towards the peer.")
    static let format = Key(
        "trunks[].numbers.format", .word(), default: Configuration.NumberFormat.sipE164,
        "`sip:+number@domain;user=phone`, `tel:+number`, or as the peer dials at home: `sip:number@domain`.")

    static let failover = SectionKey(
        "trunks[].failover",
        "When the next peer, or the next trunk of the route, is tried; never after a callee has been rung.")
    static let statuses = Key(
        "trunks[].failover.statuses", .list(of: .int(400...599, except: [486, 487]), 0...200),
        default: [408, 491, 500, 502, 503, 504], "Final responses that do it.")
    static let noResponse = Key(
        "trunks[].failover.noResponse", .duration(.milliseconds(100)...(.seconds(300))), default: .seconds(4),
        "How long no response at all is waited for; not above `sip.timers.timerB`.")

    static let cooldown = Key(
        "trunks[].failover.cooldown", .duration(.zero...(.seconds(3_600))), default: .seconds(30),
        "How long new calls leave a peer alone that was silent, or unreachable or overloaded three times in a row; `0s`: not at all."
    )

    static let inbound = SectionKey("trunks[].inbound", "Which requests from outside are this trunk's.")
    static let from = Key.optional(
        "trunks[].inbound.from", .list(of: .network, 0...256),
        default: "the addresses of the trunk's peers and of its outbound proxy",
        "The networks they come from; `[]`: none.")

    static let reliable1xx = Key(
        "trunks[].reliable1xx", .word(), default: Configuration.Reliable1xx.supported,
        "What is said about 100rel (RFC 3262): `Supported`, `Require`, nothing.")
    static let media = Key(
        "trunks[].media", .word(notYet: ["rtpengine"]), default: Configuration.Media.passthrough,
        "The SDP goes through byte for byte.")

    static let auth = SectionKey(
        "trunks[].auth", "What digest challenges of the peer are answered with; left out: they are not.")
    static let username = Key.required(
        with: "auth", "trunks[].auth.username", .string("text"), "The account's name.")
    static let password = Key.required(with: "auth", "trunks[].auth.password", .secret, "Its password.")
    static let realm = Key.optional(
        "trunks[].auth.realm", .string("text"), default: "the trunk's `domain`",
        "The only realm that may ask for them, as the peer writes it, in either case. It may stand alone with `register.accounts`."
    )

    static let health = SectionKey("trunks[].health", "Probing the peers with OPTIONS.")
    static let healthInterval = Key(
        "trunks[].health.interval", .duration(.zero...(.seconds(3_600))), default: .zero,
        "From one probe of a peer to the next, give or take a tenth; 100ms or more, or `0s`: none is sent.")
    static let healthTimeout = Key(
        "trunks[].health.timeout", .duration(.milliseconds(10)...(.seconds(60))), default: .seconds(4),
        "How long an answer to a probe is waited for; not above `interval`.")
    static let healthDown = Key(
        "trunks[].health.down", .int(1...100), default: 3,
        "Probes in a row that are not answered, or with 503, until the peer is down: no call goes there.")
    static let healthUp = Key(
        "trunks[].health.up", .int(1...100), default: 1, "Answered probes in a row until it is up again.")

    static let limits = SectionKey(
        "trunks[].limits", "What the trunk carries; beyond it the next trunk of the route is tried.")
    static let maximumCalls = Key.optional(
        "trunks[].limits.calls", .int(1...1_000_000), default: "any number", "Calls at once, in both directions.")
    static let callsPerSecond = Key.optional(
        "trunks[].limits.callsPerSecond", .int(1...1_000_000), default: "any number",
        "Calls that applications make by it in a second.")

    static let rows: [Row] = addressing + RegisterKeys.rows + keeping + TrunkHeaderKeys.rows

    private static let addressing: [Row] =
        [
            list.row, name.row, peers.row, uri.row, priority.row, weight.row, domain.row, outboundProxy.row,
            trusted.row, numbers.row, format.row,
        ] + TrunkHeaderKeys.numberRows + [
            failover.row, statuses.row, noResponse.row, cooldown.row, inbound.row, from.row, reliable1xx.row,
            media.row, auth.row, username.row, password.row, realm.row,
        ]

    private static let keeping: [Row] = [
        health.row, healthInterval.row, healthTimeout.row, healthDown.row, healthUp.row, limits.row,
        maximumCalls.row, callsPerSecond.row,
    ]
}

extension Configuration.Trunk {
    /// All trunks that could be read, and all names: a route to a trunk with another problem is no problem.
    static func list(_ root: Section, _ sip: Configuration.SIP) -> (trunks: [Configuration.Trunk], names: [String]) {
        var trunks: [Configuration.Trunk] = []
        var names: [String] = []
        var lines: [String: Int] = [:]
        for section in root.sections(TrunkKeys.list) ?? [] {
            let name = section.value(TrunkKeys.name)
            if let name {
                if let line = lines[name] {
                    section.report(TrunkKeys.name, "the name \(name) is given twice, first at line \(line)")
                } else {
                    lines[name] = section.position(of: TrunkKeys.name).line
                    names.append(name)
                }
            }
            if let trunk = Configuration.Trunk(section, name: name, sip) { trunks.append(trunk) }
        }
        return (trunks, names)
    }

    /// Nil if a required key is missing or wrong, which has been reported.
    private init?(_ section: Section, name: String?, _ sip: Configuration.SIP) {
        let peers = Configuration.Peer.list(section, sip)
        let domain = section.value(TrunkKeys.domain)
        let proxies = section.value(TrunkKeys.outboundProxy)
        Self.checkFirst(proxies, section, sip)
        isTrusted = section.value(TrunkKeys.trusted)
        let numbers = section.section(TrunkKeys.numbers)
        numberFormat = numbers.value(TrunkKeys.format)
        national = Configuration.NationalNumbers(numbers, numberFormat)
        earlyMedia = section.value(TrunkHeaderKeys.earlyMedia)
        sessionTimer = Configuration.SessionTimer(section.section(TrunkHeaderKeys.sessionTimer))
        headers = Configuration.TrunkHeaders(section.section(TrunkHeaderKeys.headers))
        failover = Configuration.Failover(section.section(TrunkKeys.failover), sip.timers)
        let networks = section.section(TrunkKeys.inbound).value(TrunkKeys.from)
        reliable1xx = section.value(TrunkKeys.reliable1xx)
        media = section.value(TrunkKeys.media)
        let auth = section.section(TrunkKeys.auth)
        let registering = section.section(RegisterKeys.section)
        // No realm but this: who is called may ask too, and could learn who calls.
        let realm = auth.value(TrunkKeys.realm) ?? (domain ?? peers.first?.uri.host)?.description
        credentials = Configuration.TrunkCredentials(
            auth, isGiven: section.has(TrunkKeys.auth), isForAll: !registering.has(RegisterKeys.accounts), realm: realm)
        register = Configuration.Register(registering, username: credentials?.username, realm: realm)
        health = Configuration.PeerHealth(section.section(TrunkKeys.health))
        limits = Configuration.TrunkLimits(section.section(TrunkKeys.limits))

        guard let name, let peer = peers.first else { return nil }
        self.name = name
        self.peers = peers
        self.domain = domain ?? peer.uri.host
        outboundProxy = proxies.map(\.value)
        inboundNetworks = networks ?? Configuration.Peer.networks(peers.map(\.uri) + proxies.prefix(1).map(\.value))
        inboundIncludesPeers = networks == nil
    }

    /// The first proxy is where requests go: a listener must reach it.
    private static func checkFirst(_ proxies: [Located<SIPURI>], _ section: Section, _ sip: Configuration.SIP) {
        guard let first = proxies.first else { return }
        let label = "\(section.label(of: TrunkKeys.outboundProxy.name))[0]"
        if let problem = sip.unreachable(first.value) { section.report(first.position, "\(label): \(problem)") }
    }
}

extension Configuration.TrunkCredentials {
    /// From `trunks[].auth`. Nil if it is left out, or names a realm alone, or a problem has been reported.
    /// - Parameter isForAll: no number has credentials of its own.
    init?(_ section: Section, isGiven: Bool, isForAll: Bool, realm: String?) {
        let username = section.value(TrunkKeys.username)
        let password = section.value(TrunkKeys.password)
        let isNeeded = isForAll || section.has(TrunkKeys.username) || section.has(TrunkKeys.password)
        guard isGiven, isNeeded else { return nil }
        if !section.has(TrunkKeys.username) {
            section.reportMissing(TrunkKeys.username.name, allowed: TrunkKeys.username.type.allowed)
        }
        if !section.has(TrunkKeys.password) {
            section.reportMissing(TrunkKeys.password.name, allowed: TrunkKeys.password.type.allowed)
        }
        guard let username, let password else { return nil }
        self.init(username: username, password: password, realm: realm)
    }
}

extension Configuration.Peer {
    /// The peers that could be read.
    static func list(_ trunk: Section, _ sip: Configuration.SIP) -> [Configuration.Peer] {
        guard let sections = trunk.sections(TrunkKeys.peers) else { return [] }
        var seen: [SIPURI: Section] = [:]
        return sections.compactMap { section in
            let priority = section.value(TrunkKeys.priority)
            let weight = section.value(TrunkKeys.weight)
            guard let uri = section.value(TrunkKeys.uri) else { return nil }
            if let problem = sip.unreachable(uri) { section.report(TrunkKeys.uri, problem) }
            if let first = seen[uri] {
                section.report(TrunkKeys.uri, "\(uri) is given twice, first as \(first.label)")
            } else {
                seen[uri] = section
            }
            return Configuration.Peer(uri: uri, priority: priority, weight: weight)
        }
    }

    /// The networks of those that are addresses, each once.
    static func networks(_ uris: [SIPURI]) -> [IPNetwork] {
        uris.reduce(into: []) { networks, uri in
            guard case .address(let address) = uri.host, !networks.contains(IPNetwork(address)) else { return }
            networks.append(IPNetwork(address))
        }
    }
}

extension Configuration.SIP {
    /// Why no listener can send to a URI; nil if one can, or its name has yet to tell. A socket has one transport and one IP version.
    func unreachable(_ uri: SIPURI) -> String? {
        guard let transport = uri.transport else { return nil }
        let need: String
        switch uri.host {
        case .address(let address):
            if listen.contains(where: { $0.transport == transport && $0.address.isV6 == address.isV6 }) { return nil }
            need = "\(transport.rawValue) over \(address.isV6 ? "IPv6" : "IPv4")"
        case .name:
            if listen.contains(where: { $0.transport == transport }) { return nil }
            need = transport.rawValue
        }
        return
            "no listener speaks \(need); allowed: what sip.listen has, or add \(transport.rawValue):IP:PORT to it"
    }
}

extension Configuration.Failover {
    init(_ section: Section, _ timers: Configuration.Timers) {
        statuses = section.value(TrunkKeys.statuses)
        noResponse = section.value(TrunkKeys.noResponse)
        cooldown = section.value(TrunkKeys.cooldown)
        if noResponse > timers.timerB {
            section.report(
                TrunkKeys.noResponse,
                "\(DurationText.text(noResponse)) is above sip.timers.timerB; allowed: at most "
                    + DurationText.text(timers.timerB))
        }
    }
}

extension Configuration.PeerHealth {
    init(_ section: Section) {
        interval = section.value(TrunkKeys.healthInterval)
        timeout = section.value(TrunkKeys.healthTimeout)
        down = section.value(TrunkKeys.healthDown)
        up = section.value(TrunkKeys.healthUp)
        guard interval > .zero else { return }
        if interval < .milliseconds(100) {
            section.report(
                TrunkKeys.healthInterval, "\(DurationText.text(interval)) is too short; allowed: 0s, or at least 100ms")
        } else if timeout > interval {
            section.report(
                TrunkKeys.healthTimeout,
                "\(DurationText.text(timeout)) is above interval; allowed: at most \(DurationText.text(interval))")
        }
    }
}

extension Configuration.TrunkLimits {
    init(_ section: Section) {
        calls = section.value(TrunkKeys.maximumCalls)
        callsPerSecond = section.value(TrunkKeys.callsPerSecond)
    }
}
