import Resolver

/// How a peer's name becomes addresses (RFC 3263 §4): what is to be asked next, given the answers so far. A value; asking is
/// its owner's part.
struct NameResolution: Sendable {
    /// What is asked.
    struct Question: Sendable, Hashable {
        var name: String
        var type: RecordType
    }

    typealias Answer = Result<[DNSRecord], ResolverError>

    /// An address, with its place among the others (RFC 2782).
    struct Found: Sendable, Equatable {
        var address: SIPAddress
        var priority: Int
        var weight: UInt16
    }

    /// How far it is.
    enum Progress: Sendable, Equatable {
        /// These are still to be answered.
        case needs([Question])
        /// At least one address, and for how many seconds they hold. `isWhole`: every question was answered.
        case found([Found], life: UInt32, isWhole: Bool)
        case failed(Reason)
    }

    /// Why it has led nowhere.
    enum Reason: Error, Sendable, Equatable, CustomStringConvertible {
        case lookUp(ResolverError)
        /// The name says that there is no such service (RFC 2782, target ".").
        case noService
        /// Nothing that it leads to can be sent to.
        case noWay

        var description: String {
            switch self {
            case .lookUp(let error): error.description
            case .noService: "its SRV records say that there is no such service"
            case .noWay: "none of its transports and IP versions has a listener; add one to sip.listen"
            }
        }
    }

    /// What a listener can send: a transport over an IP version.
    struct Way: Sendable, Hashable {
        var transport: SIPAddress.Transport
        var isV6: Bool

        init(transport: SIPAddress.Transport, isV6: Bool) {
            self.transport = transport
            self.isV6 = isV6
        }

        init(_ listener: SIPAddress) {
            self.init(transport: listener.transport, isV6: listener.host.utf8.contains(UInt8(ascii: ":")))
        }
    }

    private let peer: TrunkPeer
    /// The first of a transport is preferred.
    private let ways: [Way]
    private var answers: [Question: Answer] = [:]

    /// SRV records looked at.
    private static let maximumServers = 16

    init(_ peer: TrunkPeer, ways: [Way]) {
        self.peer = peer
        self.ways = ways
    }

    mutating func answered(_ question: Question, _ answer: Answer) { answers[question] = answer }

    /// Where it stands.
    var progress: Progress {
        var walk = Walk(answers: answers)
        do throws(Interruption) {
            let found = try addresses(&walk)
            guard !found.isEmpty else { return .failed(walk.failure.map(Reason.lookUp) ?? .lookUp(.noSuchRecord)) }
            return .found(found, life: walk.life, isWhole: walk.failure == nil)
        } catch {
            switch error {
            case .needs(let questions): return .needs(questions)
            case .failed(let reason): return .failed(reason)
            }
        }
    }

    // MARK: - RFC 3263 §4

    private enum Interruption: Error {
        case needs([Question])
        case failed(Reason)
    }

    /// One walk along the answers.
    private struct Walk {
        let answers: [Question: Answer]
        /// The shortest of the records used.
        var life = UInt32.max
        /// That of a question whose answer is not known: it is as if there were no record, for now.
        var failure: ResolverError?

        /// The records; none if there are none, or nobody knows.
        mutating func ask(_ questions: [Question]) throws(Interruption) -> [[DNSRecord]] {
            let open = questions.filter { answers[$0] == nil }
            guard open.isEmpty else { throw .needs(open) }
            return questions.map { question in
                switch answers[question] {
                case .success(let records)?:
                    life = min(life, records.map(\.timeToLive).min() ?? .max)
                    return records
                case .failure(.noSuchName)?, .failure(.noSuchRecord)?, nil: return []
                case .failure(let error)?:
                    failure = error
                    return []
                }
            }
        }
    }

    private struct Server {
        var name: String
        var port: UInt16
        var transport: SIPAddress.Transport
        var priority = 0
        var weight: UInt16 = 1
    }

    private var transports: [SIPAddress.Transport] {
        ways.map(\.transport).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func addresses(_ walk: inout Walk) throws(Interruption) -> [Found] {
        if let transport = peer.transport, !transports.contains(transport) { throw .failed(.noWay) }
        if let port = peer.port {
            let server = Server(name: peer.host, port: port, transport: peer.transport ?? .udp)
            return try addresses(of: [server], &walk)
        }
        if let transport = peer.transport {
            if let servers = try servers([transport], &walk).first { return try addresses(of: servers, &walk) }
            return try addressesOfHost(transport, &walk)
        }
        for rule in try rules(&walk) {
            if rule.flags == "a" {
                let server = Server(
                    name: rule.name, port: rule.transport.defaultPort, transport: rule.transport)
                let found = try addresses(of: [server], &walk)
                if !found.isEmpty { return found }
            } else if let servers = try records(of: [(rule.name, rule.transport)], &walk).first {
                return try addresses(of: servers, &walk)
            }
        }
        // §4.1: no rule; in the order of our own preference.
        if let servers = try servers(transports, &walk).first { return try addresses(of: servers, &walk) }
        return try addressesOfHost(.udp, &walk)
    }

    private func addressesOfHost(_ transport: SIPAddress.Transport, _ walk: inout Walk) throws(Interruption) -> [Found]
    {
        try addresses(of: [Server(name: peer.host, port: transport.defaultPort, transport: transport)], &walk)
    }

    private struct Rule {
        var name: String
        var transport: SIPAddress.Transport
        var flags: String
    }

    /// NAPTR records for transports that we have, best first.
    private func rules(_ walk: inout Walk) throws(Interruption) -> [Rule] {
        let records = try walk.ask([Question(name: peer.host, type: .naptr)]).joined()
        let naptrs = records.compactMap { record -> DNSRecord.NAPTR? in
            if case .naptr(let naptr) = record.content { naptr } else { nil }
        }
        return naptrs.sorted { ($0.order, $0.preference) < ($1.order, $1.preference) }.compactMap { naptr in
            let service = naptr.service.uppercased()
            let flags = naptr.flags.lowercased()
            guard let transport = transports.first(where: { $0.naptrService == service }),
                flags == "s" || flags == "a", !naptr.replacement.isEmpty
            else { return nil }
            return Rule(name: naptr.replacement, transport: transport, flags: flags)
        }.prefix(4).map(\.self)
    }

    /// The servers of each of the transports that has SRV records.
    private func servers(
        _ transports: [SIPAddress.Transport], _ walk: inout Walk
    ) throws(Interruption) -> [[Server]] {
        try records(of: transports.map { ("\($0.servicePrefix).\(peer.host)", $0) }, &walk)
    }

    private func records(
        of names: [(name: String, transport: SIPAddress.Transport)], _ walk: inout Walk
    ) throws(Interruption) -> [[Server]] {
        let answers = try walk.ask(names.map { Question(name: $0.name, type: .srv) })
        var all: [[Server]] = []
        var isRefused = false
        for (records, (_, transport)) in zip(answers, names) where !records.isEmpty {
            let servers = records.compactMap { record -> Server? in
                guard case .srv(let srv) = record.content, !srv.target.isEmpty else { return nil }
                return Server(
                    name: srv.target, port: srv.port, transport: transport, priority: Int(srv.priority),
                    weight: srv.weight)
            }
            if servers.isEmpty { isRefused = true } else { all.append(servers) }
        }
        if all.isEmpty, isRefused { throw .failed(.noService) }
        return all
    }

    /// The addresses of servers; those of the IP version that is preferred before the others of the same server.
    private func addresses(of servers: [Server], _ walk: inout Walk) throws(Interruption) -> [Found] {
        let servers = servers.sorted { $0.priority < $1.priority }.prefix(NameResolution.maximumServers)
        let asked = servers.flatMap { server in
            ways.filter { $0.transport == server.transport }.map { (server, $0.isV6) }
        }
        guard !asked.isEmpty else { throw .failed(.noWay) }
        let answers = try walk.ask(asked.map { Question(name: $0.0.name, type: $0.1 ? .aaaa : .a) })
        var found: [Found] = []
        for (records, (server, isV6)) in zip(answers, asked) {
            let hosts = records.compactMap(\.numericHost)
            let isSecond = ways.first { $0.transport == server.transport }?.isV6 != isV6
            let share = UInt16(clamping: max(server.weight > 0 ? 1 : 0, Int(server.weight) / max(1, hosts.count)))
            for host in hosts {
                let address = SIPAddress(transport: server.transport, host: host, port: server.port)
                guard !found.contains(where: { $0.address == address }) else { continue }
                found.append(
                    Found(address: address, priority: server.priority * 2 + (isSecond ? 1 : 0), weight: share))
            }
        }
        return found
    }
}

extension SIPAddress.Transport {
    /// RFC 3263 §4.1.
    var naptrService: String {
        switch self {
        case .udp: "SIP+D2U"
        case .tcp: "SIP+D2T"
        case .tls: "SIPS+D2T"
        }
    }

    /// What stands before a domain in the name of its SRV records (RFC 3263 §4.1).
    var servicePrefix: String {
        switch self {
        case .udp: "_sip._udp"
        case .tcp: "_sip._tcp"
        case .tls: "_sips._tcp"
        }
    }
}
