import Synchronization
import TestPeer
import TestTLS
import Testing

/// The scene's peers behind TLS, each with the certificate that its trunk is about.
final class SecurePeers: Sendable {
    /// What is wrong with a peer.
    enum Fault: String, CaseIterable, Sendable {
        case expired
        case wrongName
        case selfSigned
        case stranger
        case oldTLS
        /// It waits for a request in clear.
        case noTLS

        /// Numbers that go to this peer first, then to the good one of the second peer.
        var prefix: String { "+44\(Fault.allCases.firstIndex(of: self) ?? 0)" }
        /// Numbers that go to this peer alone.
        var lonePrefix: String { "+34\(Fault.allCases.firstIndex(of: self) ?? 0)" }
        /// What the log says of it; nil: what depends on the library.
        var reason: String? {
            switch self {
            case .expired: "certificate has expired"
            case .wrongName: "hostname mismatch"
            case .selfSigned: "self-signed certificate"
            case .stranger: "unable to get local issuer certificate"
            case .oldTLS, .noTLS: nil
            }
        }
    }

    static let domain = "ims.example"
    let certificates: TestAuthority
    /// The gateway's.
    let gateway: TestAuthority.Pair
    /// Of ``domain``.
    let peer: TestAuthority.Pair
    /// In front of the first peer; it wants the gateway's certificate.
    let good: TLSRelay
    /// In front of the second.
    let second: TLSRelay
    /// In front of the first peer, but for who does not speak TLS.
    let faulty: [Fault: TLSRelay]

    private static let all = Mutex<[UInt16: SecurePeers]>([:])

    /// Those of the scene that runs.
    static func current() throws -> SecurePeers {
        let scene = try scene()
        return try #require(all.withLock { $0[scene.peer.port] }, "the suite's plan has no secure peers")
    }

    private init(_ places: Scene.Places) throws {
        let certificates = try TestAuthority()
        let strangers = try TestAuthority()
        self.certificates = certificates
        let name = "DNS:\(SecurePeers.domain)"
        gateway = try certificates.issue("gateway", names: "DNS:gw.example,IP:127.0.0.1")
        let peer = try certificates.issue("peer", names: name)
        self.peer = peer
        let target = places.peer.port
        good = try TLSRelay(port: FreePort.next(), to: target, as: peer, demanding: certificates.ca)
        second = try TLSRelay(port: FreePort.next(), to: places.second.port, as: peer, demanding: certificates.ca)
        var faulty: [Fault: TLSRelay] = [:]
        for fault in Fault.allCases where fault != .noTLS {
            let pair =
                switch fault {
                case .expired: try certificates.issue("expired", names: name, lasting: .seconds(-60))
                case .wrongName: try certificates.issue("wrong", names: "DNS:other.example,DNS:*.example,IP:127.0.0.1")
                case .selfSigned: try certificates.issue("self", names: name, selfSigned: true)
                case .stranger: try strangers.issue("stranger", names: name)
                case .oldTLS, .noTLS: peer
                }
            faulty[fault] = try TLSRelay(
                port: FreePort.next(), to: target, as: pair, oldestOnly: fault == .oldTLS)
        }
        self.faulty = faulty
    }

    /// Sets the peers up for a scene and leads its trunks to them.
    static func prepare(_ configuration: inout GatewayConfiguration, _ places: Scene.Places) throws {
        let peers = try SecurePeers(places)
        all.withLock { $0[places.peer.port] = peers }
        configuration.tlsPort = try FreePort.next()
        configuration.tls = peers.mapping()
        let good = GatewayConfiguration.Trunk("good", peers: [uri(peers.good.address.port)], domain: domain)
        let second = GatewayConfiguration.Trunk("second", peers: [uri(peers.second.address.port)], domain: domain)
        configuration.trunks = [good, second]
        configuration.routes = [("+1", ["good"])]
        for fault in Fault.allCases {
            let port = peers.faulty[fault]?.address.port ?? places.peer.port
            configuration.trunks.append(.init(fault.rawValue, peers: [uri(port)], domain: domain))
            configuration.routes.append((fault.prefix, [fault.rawValue, "second"]))
            configuration.routes.append((fault.lonePrefix, [fault.rawValue]))
        }
    }

    /// The flow mapping of `sip.tls`.
    func mapping(_ more: String = "") -> String {
        "{certificate: \"\(gateway.certificate)\", key: \"\(gateway.key)\", ca: \"\(certificates.ca)\"\(more)}"
    }

    private static func uri(_ port: UInt16) -> String { "sip:127.0.0.1:\(port);transport=tls" }
}

extension ScenePlan {
    /// Trunks over TLS: `+1` to a good peer; for the rest see ``SecurePeers/Fault``.
    static let secure = ScenePlan { configuration, places in
        try patient.prepare(&configuration, places)
        try SecurePeers.prepare(&configuration, places)
    }

    /// The same without the peers' certificates being looked at.
    static let trusting = ScenePlan { configuration, places in
        try secure.prepare(&configuration, places)
        configuration.tls = configuration.tls?.replacing("}", with: ", verify: false}")
    }

    /// Kamailio in front of the peers, over TLS.
    static let secureProxied = ScenePlan { configuration, places in
        try patient.prepare(&configuration, places)
        try putSecureProxy(before: &configuration, places)
    }

    /// The same where devices can be called.
    static let secureProxiedInbound = ScenePlan { configuration, places in
        try inbound.prepare(&configuration, places)
        try putSecureProxy(before: &configuration, places)
    }

    private static func putSecureProxy(before configuration: inout GatewayConfiguration, _ places: Scene.Places) throws
    {
        try SecurePeers.prepare(&configuration, places)
        configuration.tls = configuration.tls?.replacing("}", with: ", requireClientCertificate: true}")
        configuration.trunks = [
            .init(
                "main", peers: ["sip:127.0.0.1:\(places.sippPort + 1);transport=tls"], domain: SecurePeers.domain)
        ]
        configuration.routes = [("+1", ["main"])]
    }
}
