import CallCore
import Resolver

/// Looking peers' names up beside the calls: no call waits for one. What is known is used until something newer is (RFC 3263
/// §4; RFC 8767 for answers that have outlived their time).
extension SIPAgent {
    /// Begins with every name there is.
    func beginNames() {
        let now = options.clock()
        for trunk in peers.trunks.indices { watchNames(of: trunk, now: now) }
        if !names.isEmpty { advanceNames(to: now) }
    }

    /// Has a trunk's names looked up from now on.
    func watchNames(of trunk: Int, now: UInt64) {
        for (hop, peer) in peers.trunks[trunk].hops.enumerated() where peer.address == nil {
            // A place that is free has seen look-ups, whose answers may yet come.
            if let free = names.firstIndex(where: \.isAbandoned) {
                names[free] = WatchedName(trunk: trunk, hop: hop, now: now, after: names[free].round)
            } else {
                names.append(WatchedName(trunk: trunk, hop: hop, now: now))
            }
        }
    }

    /// When a name is to be looked up; `UInt64.max`: never.
    var namesDue: UInt64 { names.lazy.map(\.due).min() ?? .max }

    /// Begins the look-ups that are due by now.
    func advanceNames(to now: UInt64) {
        for index in names.indices where names[index].due <= now {
            guard let resolver = theResolver(at: now, for: index) else { continue }
            let peer = peers.trunks[names[index].trunk].hops[names[index].hop]
            names[index].begin(peer, ways: options.listen.map { NameResolution.Way($0) })
            goOn(index, resolver)
        }
    }

    /// Made when it is needed first: most gateways have no names.
    private func theResolver(at now: UInt64, for index: Int) -> Resolver? {
        if let resolver { return resolver }
        var settings = Resolver.Options()
        settings.servers = options.nameServers
        settings.maximumCached = 0
        settings.timeout = .seconds(4)
        do throws(ResolverError) {
            let made = try Resolver(settings)
            resolver = made
            return made
        } catch {
            fail(index, .lookUp(error), at: now)
            return nil
        }
    }

    private func goOn(_ index: Int, _ resolver: Resolver) {
        while let questions = names[index].questions() {
            guard !questions.isEmpty else { return }
            let round = names[index].round
            for question in questions {
                resolver.lookUp(question.name, type: question.type, group: "peers") { [weak self] answer in
                    guard let self else { return }
                    thread.post { [weak self] in
                        self?.assumeIsolated { $0.nameAnswered(index, question, answer, round: round) }
                    }
                }
            }
        }
        let now = options.clock()
        switch names[index].resolution?.progress {
        case .found(let found, let life, let isWhole):
            // Half an answer is better than none, and worse than the whole one of before.
            if isWhole || !hasAddresses(names[index]) {
                succeed(index, found, life: isWhole ? life : 0, at: now)
            } else {
                fail(index, .lookUp(.serverFailure), at: now)
            }
        case .failed(let reason): fail(index, reason, at: now)
        case .needs, nil: break
        }
        peerWorkDue = min(peerWorkDue, namesDue)
    }

    private func nameAnswered(
        _ index: Int, _ question: NameResolution.Question, _ answer: NameResolution.Answer, round: Int
    ) {
        guard handle != nil, names[index].round == round, let resolver else { return }
        names[index].answered(question, answer, round: round)
        goOn(index, resolver)
    }

    private func hasAddresses(_ name: WatchedName) -> Bool {
        peers.trunks[name.trunk].targets.contains { $0.hop == name.hop && !$0.isRetired }
    }

    private func succeed(_ index: Int, _ found: [NameResolution.Found], life: UInt32, at now: UInt64) {
        let (trunk, hop) = (names[index].trunk, names[index].hop)
        names[index].succeeded(life: life, now: now, using: &random)
        let change = peers.trunks[trunk].resolve(
            hop, to: found.map { (address: $0.address, priority: $0.priority, weight: $0.weight) })
        guard change.isChanged else { return }
        for target in change.new { beginProbes(of: target, in: trunk, at: now) }
        noteSources()
        noteUsability()
        sendHeld(of: trunk)
        let addresses = peers.trunks[trunk].targets.filter { $0.hop == hop && !$0.isRetired }.map(\.uri)
        report(.resolved(addresses), peers.trunks[trunk].hops[hop].text, trunk)
    }

    /// What was known stays, whatever the servers say: a name that has gone is more often a mistake than a wish.
    private func fail(_ index: Int, _ reason: NameResolution.Reason, at now: UInt64) {
        let name = names[index]
        guard names[index].failed(now: now, using: &random) else { return }
        let known = peers.trunks[name.trunk].targets.count { $0.hop == name.hop && !$0.isRetired }
        report(
            .unresolved(reason: reason.description, known: known), peers.trunks[name.trunk].hops[name.hop].text,
            name.trunk)
    }

    /// Requests of the network come from the addresses that names lead to, where the configuration does not say otherwise.
    func noteSources() {
        var trunks = options.trunks
        for index in trunks.indices where trunks[index].inboundIncludesPeers {
            let hosts = peers.trunks[index].targets.filter { !$0.isRetired }.map(\.address.host)
            trunks[index].inbound += hosts.compactMap { IPNetwork($0) }
        }
        sources = SourceTable(trunks, order: slots.current)
    }
}
