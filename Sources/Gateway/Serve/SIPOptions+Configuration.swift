import CallCore
import Configuration
import SIPBridge

extension SIPOptions {
    /// The SIP side as the checked configuration describes it.
    init(_ configuration: Configuration, userAgent: String) {
        let trunks = configuration.trunks.map { Trunk($0) }
        let indices = Dictionary(uniqueKeysWithValues: trunks.enumerated().map { ($1.name, $0) })
        let routes = configuration.routes.map { route in
            RouteTable.Route(prefix: route.prefix, trunks: route.trunks.compactMap { indices[$0] })
        }
        self.init(
            listen: configuration.sip.listen.map { listener in
                SIPAddress(
                    transport: .init(listener.transport), host: listener.address.description, port: listener.port)
            },
            advertise: configuration.sip.advertise?.description,
            domain: configuration.sip.domain.description,
            userAgent: userAgent,
            t1: configuration.sip.timers.t1,
            t2: configuration.sip.timers.t2,
            timerB: configuration.sip.timers.timerB,
            unknownSource: configuration.sip.unknownSource == .drop ? .drop : .reject,
            trunks: trunks,
            routes: RouteTable(routes),
            policy: CallPolicy(configuration),
            maximumLiveCalls: configuration.sessions.maxLive,
            retention: SessionStore.Retention(
                time: configuration.sessions.keepEnded, count: configuration.sessions.maxEnded,
                bytes: configuration.sessions.maxEndedBytes))
        emergencyTrunks = configuration.emergency.trunks.compactMap { indices[$0] }
        tls = configuration.sip.tls.map { TLSFiles($0) }
        connectionLimits = ConnectionLimits(descriptors: ProcessFigures.mostDescriptors())
    }
}

extension TLSFiles {
    init(_ tls: Configuration.TLS) {
        self.init(
            certificate: tls.certificate, key: tls.key, ca: tls.ca, verifiesPeers: tls.verifiesPeers,
            requiresClientCertificate: tls.requiresClientCertificate)
    }
}

extension SIPAddress.Transport {
    init(_ transport: SIPTransport) {
        self =
            switch transport {
            case .udp: .udp
            case .tcp: .tcp
            case .tls: .tls
            }
    }
}

extension Trunk {
    init(_ trunk: Configuration.Trunk) {
        self.init(
            name: trunk.name,
            peers: trunk.peers.map { TrunkPeer($0.uri, priority: $0.priority, weight: $0.weight) },
            domain: trunk.domain.description,
            outboundProxy: trunk.outboundProxy.map(\.description),
            isTrusted: trunk.isTrusted,
            numberFormat: trunk.numberFormat == .tel ? .tel : .sipE164,
            failoverStatuses: Set(trunk.failover.statuses),
            noResponse: trunk.failover.noResponse,
            reliable1xx: Reliable1xx(trunk.reliable1xx),
            inbound: trunk.inboundNetworks.compactMap { SIPBridge.IPNetwork($0.description) },
            credentials: trunk.credentials.map { DigestCredentials($0) },
            registration: trunk.register.map { TrunkRegistration($0) })
        national = trunk.national.map {
            SIPBridge.NationalNumbers(globalPrefix: $0.stripPrefix, localPrefix: $0.addPrefix)
        }
        sessionTimer = SessionTimerPolicy(
            expires: UInt32(trunk.sessionTimer.expires.components.seconds),
            minimum: UInt32(trunk.sessionTimer.minimum.components.seconds))
        headers = SIPBridge.TrunkHeaders(trunk)
        proxy = trunk.outboundProxy.first.map { TrunkPeer($0) }
        inboundIncludesPeers = trunk.inboundIncludesPeers
        cooldown = trunk.failover.cooldown
        probe(
            every: trunk.health.interval, timeout: trunk.health.timeout, down: trunk.health.down, up: trunk.health.up)
        maximumCalls = trunk.limits.calls
        callsPerSecond = trunk.limits.callsPerSecond
    }
}

extension SIPBridge.TrunkHeaders {
    init(_ trunk: Configuration.Trunk) {
        var passed: Passed = []
        if trunk.headers.passed.contains(.historyInfo) { passed.insert(.historyInfo) }
        if trunk.headers.passed.contains(.diversion) { passed.insert(.diversion) }
        self.init(
            passed: passed, namesService: trunk.headers.mmtel, carriesLocation: trunk.headers.location,
            playsEarlyMedia: trunk.earlyMedia == .play)
    }
}

extension DigestCredentials {
    fileprivate init(_ credentials: Configuration.TrunkCredentials) {
        self.init(
            username: credentials.username, password: credentials.password.value, realm: credentials.realm)
    }
}

extension TrunkRegistration {
    init(_ register: Configuration.Register) {
        self.init(
            mode: register.mode == .account ? .account : .trunk, user: register.user, numbers: register.numbers,
            accounts: register.accounts.reduce(into: [:]) { accounts, entry in
                guard let number = PhoneNumber(entry.key) else { return }
                accounts[number] = DigestCredentials(entry.value)
            },
            policy: RegistrationPolicy(
                expires: UInt32(clamping: register.expires.components.seconds), retry: register.retry))
    }
}

extension TrunkPeer {
    init(_ uri: SIPURI, priority: Int = 1, weight: Int = 100) {
        let host = uri.host.description
        self.init(
            host: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host, port: uri.port,
            transport: uri.transport.map { .init($0) }, priority: UInt16(clamping: priority),
            weight: UInt16(clamping: weight))
    }
}

extension Trunk.Reliable1xx {
    init(_ setting: Configuration.Reliable1xx) {
        self =
            switch setting {
            case .supported: .supported
            case .required: .required
            case .off: .off
            }
    }
}

extension CallPolicy {
    init(_ configuration: Configuration) {
        self.init(
            waitForProgress: configuration.sessionCreate.waitForProgress,
            timeout: configuration.sessionCreate.timeout,
            offerTimeout: configuration.sessionCreate.offerTimeout,
            ring: configuration.sip.timers.ring,
            maxDuration: configuration.sessions.maxDuration,
            calleeOutcome: configuration.sessionCreate.calleeOutcome == .resource ? .resource : .error)
    }
}
