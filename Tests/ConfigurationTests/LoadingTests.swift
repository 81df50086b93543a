import Foundation
import Testing

@testable import Configuration

@Suite struct LoadingTests {
    @Test func theSmallestFileHasEveryDefault() throws {
        let text = ConfigurationReference.smallestFile.joined(separator: "\n")
        let configuration = try Configuration(text: text)
        let peer = try #require(IPAddress("127.0.0.1"))
        #expect(
            configuration
                == Configuration(
                    api: Configuration.API(
                        listen: [.tcp(peer, port: 8080)], prefix: "", maxBody: 262_144, authentication: .insecure,
                        limits: Configuration.ClientLimits(requestsPerSecond: 50, burst: 100, sessions: 1_000)),
                    sip: Configuration.SIP(
                        listen: [SIPListener("udp:127.0.0.1:5060"), SIPListener("tcp:127.0.0.1:5060")].compactMap(
                            \.self),
                        advertise: nil, domain: .address(peer), unknownSource: .reject,
                        timers: Configuration.Timers(
                            t1: .milliseconds(500), t2: .seconds(4), timerB: .seconds(32), ring: .seconds(180))),
                    trunks: [
                        Configuration.Trunk(
                            name: "core",
                            peers: [
                                Configuration.Peer(
                                    uri: try SIPURI(text: "sip:127.0.0.1:5070", isRoute: false), priority: 1,
                                    weight: 100)
                            ], domain: .address(peer), outboundProxy: [], isTrusted: true, numberFormat: .sipE164,
                            failover: Configuration.Failover(
                                statuses: [408, 491, 500, 502, 503, 504], noResponse: .seconds(4),
                                cooldown: .seconds(30)),
                            health: Configuration.PeerHealth(interval: .zero, timeout: .seconds(4), down: 3, up: 1),
                            limits: Configuration.TrunkLimits(calls: nil, callsPerSecond: nil),
                            inboundNetworks: [IPNetwork(peer)], inboundIncludesPeers: true, reliable1xx: .supported,
                            media: .passthrough)
                    ], routes: [Configuration.Route(prefix: "", trunks: ["core"])],
                    servedNumbers: [],
                    emergency: Configuration.Emergency(numbers: ["112": "sos", "911": "sos", "110": "sos.police"]),
                    sessionCreate: Configuration.SessionCreate(
                        waitForProgress: .milliseconds(250), timeout: .seconds(4), offerTimeout: .seconds(30),
                        calleeOutcome: .error),
                    sessions: Configuration.Sessions(
                        keepEnded: .seconds(300), maxDuration: .seconds(14_400), maxLive: 100_000, maxEnded: 100_000,
                        maxEndedBytes: 268_435_456), drain: Configuration.Drain(deadline: .seconds(30)),
                    registrations: Configuration.Registrations(
                        minimum: .seconds(60), standard: .seconds(3_600), maximum: .seconds(86_400), perNumber: 10,
                        clients: [:]),
                    events: Configuration.Events(
                        allowSinks: [], certificatesPath: nil, timeout: .seconds(5), maxPending: 10_000),
                    storage: .sqlite(path: Folders.fixtures.appending(path: "gateway.db").path(percentEncoded: false)),
                    node: Configuration.GatewayNode(name: "gw-1"),
                    admin: .init(listen: nil), callRecords: .init(path: nil),
                    log: Configuration.Log(level: .info, format: .json, maskNumbers: true)))
    }

    @Test func everyKeyReachesTheValue() throws {
        var configuration = try Configuration(text: try Folders.text(Folders.fixtures, "every-key.yaml"))
        #expect(configuration.warnings.map { $0.message.prefix(14) } == ["sip.tls.verify"])
        configuration.warnings = []
        let peer = try SIPURI(text: "sip:[2001:db8::2]:5060;transport=udp", isRoute: false)
        let secondPeer = try SIPURI(text: "sip:192.0.2.2;transport=tls", isRoute: false)
        let jwks = Folders.fixtures.appending(path: "jwks.json").path(percentEncoded: false)
        let usual = try Configuration(text: ConfigurationReference.smallestFile.joined(separator: "\n")).trunks[0]
        #expect(
            configuration
                == Configuration(
                    api: Configuration.API(
                        listen: [
                            try HTTPListener(text: "127.0.0.2:8081"), try HTTPListener(text: "[::1]:0"),
                            .unix(path: "/run/gateway.sock"),
                        ], prefix: "/camara/v1", maxBody: 1_048_576,
                        tls: Configuration.ServerTLS(
                            certificate: Folders.fixture("tls.pem"), key: Folders.fixture("tls.key"),
                            clientCA: Folders.fixture("ca.pem")),
                        authentication: .jwt(
                            Configuration.JWT(
                                issuer: "https://idp.example", audience: "gateway", keySet: .file(path: jwks),
                                claims: Configuration.Claims(phoneNumber: "phone", clientID: ["sub"]))),
                        limits: Configuration.ClientLimits(requestsPerSecond: 5, burst: 6, sessions: 7)),
                    sip: Configuration.SIP(
                        listen: [
                            "udp:0.0.0.0:5062", "tcp:127.0.0.1:5062", "udp:[2001:db8::1]:5062", "tls:127.0.0.1:5063",
                        ].compactMap {
                            SIPListener($0)
                        }, advertise: .name("gw.example"), domain: .name("operator.example"),
                        tls: Configuration.TLS(
                            certificate: Folders.fixture("tls.pem"), key: Folders.fixture("tls.key"),
                            ca: Folders.fixture("ca.pem"), verifiesPeers: false, requiresClientCertificate: true),
                        unknownSource: .drop,
                        timers: Configuration.Timers(
                            t1: .milliseconds(250), t2: .seconds(2), timerB: .seconds(16), ring: .seconds(60))),
                    trunks: [
                        Configuration.Trunk(
                            name: "one",
                            peers: [
                                Configuration.Peer(uri: peer, priority: 2, weight: 16),
                                Configuration.Peer(
                                    uri: try SIPURI(text: "sip:192.0.2.3:5070;transport=tcp", isRoute: false),
                                    priority: 1,
                                    weight: 0),
                            ],
                            domain: .name("one.example"),
                            outboundProxy: [
                                try SIPURI(text: "sip:192.0.2.1:5080;transport=tcp;lr", isRoute: true),
                                try SIPURI(text: "sip:proxy.example", isRoute: true),
                            ], isTrusted: false, numberFormat: .national,
                            failover: Configuration.Failover(
                                statuses: [503], noResponse: .seconds(2), cooldown: .seconds(5)),
                            health: Configuration.PeerHealth(
                                interval: .seconds(10), timeout: .seconds(2), down: 5, up: 2),
                            limits: Configuration.TrunkLimits(calls: 8, callsPerSecond: 9),
                            inboundNetworks: [
                                try IPNetwork(text: "10.0.0.0/8"), try IPNetwork(text: "2001:db8::/32"),
                                try IPNetwork(text: "192.0.2.7"),
                            ], inboundIncludesPeers: false, reliable1xx: .off, media: .passthrough,
                            credentials: Configuration.TrunkCredentials(
                                username: "gw", password: Secret("hunter2"), realm: "one.example"),
                            register: Configuration.Register(
                                mode: .trunk, user: "pbx", expires: .seconds(600), numbers: [], accounts: [:],
                                retry: .seconds(5)),
                            national: .init(stripPrefix: "+49", addPrefix: "0"), earlyMedia: .ringback,
                            sessionTimer: .init(expires: .seconds(1_800), minimum: .seconds(300)),
                            headers: .init(passed: [.diversion], mmtel: true, location: true)),
                        Configuration.Trunk(
                            name: "two", peers: [Configuration.Peer(uri: secondPeer, priority: 1, weight: 100)],
                            domain: secondPeer.host, outboundProxy: [], isTrusted: true, numberFormat: .sipE164,
                            failover: usual.failover, health: usual.health, limits: usual.limits,
                            inboundNetworks: [try IPNetwork(text: "192.0.2.2")], inboundIncludesPeers: true,
                            reliable1xx: .supported, media: .passthrough,
                            register: Configuration.Register(
                                mode: .account, user: "", expires: .seconds(3_600), numbers: ["+4930"],
                                accounts: [:], retry: .seconds(30))),
                    ],
                    routes: [
                        Configuration.Route(prefix: "+49", trunks: ["one", "two"]),
                        Configuration.Route(prefix: "", trunks: ["two"]),
                    ], servedNumbers: ["+4930", "+49891"],
                    emergency: Configuration.Emergency(
                        numbers: ["112": "sos", "113": "sos.police.x-y"], trunks: ["two", "one"]),
                    sessionCreate: Configuration.SessionCreate(
                        waitForProgress: .zero, timeout: .seconds(3), offerTimeout: .seconds(20),
                        calleeOutcome: .resource),
                    sessions: Configuration.Sessions(
                        keepEnded: .seconds(60), maxDuration: .seconds(7_200), maxLive: 10, maxEnded: 20,
                        maxEndedBytes: 1 << 30), drain: Configuration.Drain(deadline: .seconds(5)),
                    registrations: Configuration.Registrations(
                        minimum: .seconds(30), standard: .seconds(120), maximum: .seconds(14_400), perNumber: 3,
                        clients: ["pbx": ["+4930", "+4940123"]]),
                    events: Configuration.Events(
                        allowSinks: ["127.0.0.0/8", "2001:db8::7/128", "sink.example"],
                        certificatesPath: Folders.fixtures.appending(path: "ca.pem").path(percentEncoded: false),
                        timeout: .seconds(2), maxPending: 500),
                    storage: .sqlite(
                        path: Folders.fixtures.appending(path: "data/store.db").path(percentEncoded: false)),
                    node: Configuration.GatewayNode(name: "gw-7"),
                    admin: .init(listen: HTTPListener("[::1]:9091")),
                    callRecords: .init(path: Folders.fixtures.appending(path: "records/calls.jsonl").path),
                    log: Configuration.Log(level: .debug, format: .text, maskNumbers: false)))
    }

    @Test func introspectionReachesTheValue() throws {
        let configuration = try Configuration(text: try Folders.text(Folders.fixtures, "introspection.yaml"))
        #expect(
            configuration.api.authentication
                == .introspection(
                    Configuration.Introspection(
                        url: try ServiceURL(text: "http://127.0.0.1:9000/introspect"), clientID: "gateway",
                        clientSecret: Secret("hunter2"), issuer: "https://idp.example", audience: nil,
                        claims: Configuration.Claims(
                            phoneNumber: "phone_number", clientID: ["client_id", "azp", "sub"]),
                        certificatesPath: Folders.fixtures.appending(path: "ca.pem").path(percentEncoded: false))))
        let register = try #require(configuration.trunks.first?.register)
        #expect(
            register.accounts == [
                "+4930111": Configuration.TrunkCredentials(username: "user1", password: Secret("hunter2"), realm: "r"),
                "+4930112": Configuration.TrunkCredentials(
                    username: "user2@ims.example", password: Secret("\"#:hunter2"), realm: "r"),
            ])
        #expect(!"\(configuration)".contains("hunter2"))
    }

    @Test(
        "Credentials are for one realm: the trunk's domain, or the one that is named",
        arguments: [
            ("auth: {username: gw, password: p}", "192.0.2.1", nil),
            ("domain: IMS.example\n    auth: {username: gw, password: p}", "ims.example", nil),
            ("domain: ims.example\n    auth: {username: gw, password: p, realm: r}", "r", nil),
            ("domain: ims.example\n    register: {mode: account, accounts: accounts.txt}", nil, "ims.example"),
            ("auth: {realm: r}\n    register: {mode: account, accounts: accounts.txt}", nil, "r"),
            (
                "auth: {username: gw, password: p}\n    register: {mode: account, accounts: accounts.txt}", "192.0.2.1",
                "192.0.2.1"
            ),
        ] as [(String, String?, String?)])
    func realms(_ keys: String, _ own: String?, _ numbers: String?) throws {
        let text = """
            api: {auth: {mode: insecure}}
            trunks:
              - name: core
                peers: [{uri: "sip:192.0.2.1"}]
                \(keys)
            """
        let configuration = try Configuration(yaml: Array(text.utf8), path: "x", .of(Folders.fixtures))
        let trunk = try #require(configuration.trunks.first)
        #expect(trunk.credentials?.realm == own)
        #expect(trunk.register?.accounts["+4930111"]?.realm == numbers)
    }

    @Test(arguments: ["{realm: r}", "{realm: r, username: u}"]) func aRealmAloneIsForNumbersWithAccounts(auth: String)
        throws
    {
        let accounts = auth.contains("username") ? "\n    register: {mode: account, accounts: accounts.txt}" : ""
        let text = """
            api: {auth: {mode: insecure}}
            trunks:
              - name: core
                peers: [{uri: "sip:192.0.2.1"}]
                auth: \(auth)\(accounts)
            """
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(yaml: Array(text.utf8), path: "x", .of(Folders.fixtures))
        }
        #expect(error?.description.contains("auth.password: required") ?? false)
    }

    @Test(
        "What is wrong with a file of accounts, by its line",
        arguments: [
            ("", "line 1 has no account"), ("# none\n\n", "line 1 has no account"),
            ("+4930111 u", "line 1 is not a number, a user name and a password"),
            ("+4930111 u p q", "line 1 is not a number, a user name and a password"),
            ("\n4930111 u p", "line 2 does not begin with + and 5 to 15 digits"),
            ("+49 u p", "line 1 does not begin with + and 5 to 15 digits"),
            ("+4930111 u p\n+4930111 v q", "line 2 has a number that stands there already"),
            ("+4930111 u p\u{1}", "is not text"),
        ])
    func accountFiles(_ text: String, _ problem: String) throws {
        let decoding = Decoding(
            Surroundings(folder: "", environment: [:], readFile: { _ in .success(Array(text.utf8)) }))
        let node = try #require(YAMLTree(Array("accounts.txt".utf8)).root)
        #expect(ValueType<NumberAccountFile>.numberAccounts.decode(node, "accounts", decoding) == nil)
        let message = try #require(decoding.problems.first?.message)
        #expect(message.contains(problem), "\(message)")
        #expect(!message.contains("+4930111"))
    }

    @Test func theDemoIsForLoopbackOnly() throws {
        let path = Folders.repository.appending(path: "config/demo.yaml").path(percentEncoded: false)
        let demo = try Configuration.load(path: path, environment: [:])
        #expect(demo.api.authentication == .insecure)
        #expect(
            demo.summary
                == "1 trunk (demo); 1 route; api on 127.0.0.1:8080 with insecure authentication; "
                + "sip on udp:127.0.0.1:5060, tcp:127.0.0.1:5060; nothing outlives a restart")
        #expect(demo.events.allowSinks == ["127.0.0.0/8", "localhost"])
        #expect(demo.trunks.first?.peers.first?.uri.description == "sip:127.0.0.1:5070;transport=udp")
    }

    @Test func theExampleIsChecked() throws {
        let path = Folders.repository.appending(path: "config/gateway.yaml").path(percentEncoded: false)
        let example = try Configuration.load(path: path, environment: [:])
        guard case .jwt(let jwt) = example.api.authentication else {
            Issue.record("the example is to show tokens")
            return
        }
        #expect(
            jwt.keySet == .file(path: Folders.repository.appending(path: "config/jwks.example.json").path))
        #expect(example.trunks.map(\.name) == ["ims-core", "interconnect"])
        #expect(example.routes.map(\.trunks) == [["ims-core"], ["interconnect", "ims-core"]])
    }

    @Test func aMissingFileIsAProblemOfTheFile() {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(path: "nowhere/gateway.yaml") }
        #expect(
            error?.description
                == "nowhere/gateway.yaml:1:1: the file cannot be read: No such file or directory\n")
    }

    @Test func aFolderIsNoFile() {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(path: "/") }
        #expect(error?.description == "/:1:1: the file cannot be read: Is a directory\n")
    }

    @Test func aFileHasALimit() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = ConfigurationReference.smallestFile.joined(separator: "\n") + "\n#"
        let path = file.path(percentEncoded: false)
        try Data((text + String(repeating: "x", count: FileReading.maximumSize - text.utf8.count)).utf8).write(to: file)
        #expect(throws: Never.self) { try Configuration.load(path: path) }
        try Data((text + String(repeating: "x", count: FileReading.maximumSize - text.utf8.count + 1)).utf8)
            .write(to: file)
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(path: path) }
        #expect(error?.description == "\(path):1:1: the file is too large; at most 1MiB is read\n")
    }

    @Test func manyProblemsAreCounted() {
        let text = (0..<1_200).map { "key\($0): 1\n" }.joined()
        let error = #expect(throws: ConfigurationError.self) { try Configuration(text: text) }
        #expect(error?.problems.count == 1_202)  // trunks and api.auth.mode are missing too
        #expect(error?.description.hasSuffix("test.yaml: and 202 more\n") == true)
        #expect(error?.description.split(separator: "\n").count == 1_001)
    }

    @Test func aSessionIntervalThatIsTooShortWarns() throws {
        func warnings(_ minimum: String) throws -> [String] {
            let text =
                ConfigurationReference.smallestFile.joined(separator: "\n")
                + "\n    sessionTimer: {minimum: \(minimum)}\n"
            return try Configuration(text: text).warnings.map { $0.description(in: "f") }
        }
        #expect(try warnings("90s").isEmpty)
        #expect(
            try warnings("89s") == [
                "f:7:29: warning: trunks[0].sessionTimer.minimum: 89s is below 90s, the smallest session interval that RFC "
                    + "4028 allows: peers may refuse it, and each refresh costs a request"
            ])
    }
}
