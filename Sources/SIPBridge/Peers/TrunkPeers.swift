import CallCore

/// A trunk's addresses, which calls take which, and how many there may be: a value without a clock. Calls name an address by
/// its index, which stays its own as long as any call may still name it.
struct TrunkPeers: Sendable {
    /// As configured; with an outbound proxy, that alone: it is where requests go.
    let hops: [TrunkPeer]
    private(set) var targets: [PeerTarget] = []
    let rules: PeerHealth.Rules
    private let cooldown: UInt64
    private let statuses: Set<Int>
    private let noResponse: Duration
    private let maximumCalls: Int
    private var rate: CallRate?
    /// What every call gets while there is one address and no limit: shared by all of them.
    private var only: [TrunkChoice] = []
    private let index: Int
    /// What the certificates of peers with a numeric host must be for; nil: their address.
    private let domain: String?

    /// Addresses kept for calls that may still be going on there, beyond those in use.
    private static let maximumRetired = 64
    /// Addresses in use for one of its peers.
    static let maximumAddresses = 32

    init(_ trunk: Trunk, index: Int) {
        hops = trunk.proxy.map { [$0] } ?? trunk.peers
        rules = trunk.health
        cooldown = trunk.cooldown.nanoseconds
        statuses = trunk.failoverStatuses
        noResponse = trunk.noResponse
        maximumCalls = trunk.maximumCalls ?? .max
        rate = trunk.callsPerSecond.map { CallRate(perSecond: $0) }
        self.index = index
        domain = trunk.proxy == nil ? TrunkPeers.certifiable(trunk.domain) : nil
        for (hop, peer) in hops.enumerated() {
            if let address = peer.address { targets.append(PeerTarget(address, name: domain, hop: hop)) }
        }
        shareChoice()
    }

    /// A domain that a certificate may be for; nil: it is an address.
    static func certifiable(_ domain: String) -> String? {
        IPNetwork.plainBytes(of: domain) == nil && !domain.hasPrefix("[") ? domain : nil
    }

    /// Whether calls may be sent by it at all: it has an address that answers, or of which nothing is known.
    var isAlive: Bool { targets.contains(where: \.isAlive) }

    // MARK: - Limits

    /// Whether one more call may go by it, beside `live` ones.
    func hasRoom(live: Int, at now: UInt64) -> Bool {
        live < maximumCalls && rate?.hasRoom(at: now) ?? true
    }

    /// A call goes by it.
    mutating func take(at now: UInt64) { rate?.take(at: now) }

    // MARK: - Choosing

    /// The choice of every call, where there is nothing to choose and nothing to count.
    func onlyChoice(at now: UInt64) -> [TrunkChoice]? {
        guard !only.isEmpty, targets[0].isUsable(at: now) else { return nil }
        return only
    }

    /// Adds the addresses a call may be sent to now, at most `room` of them, in the order to be tried.
    func addChoices(
        to choices: inout [TrunkChoice], room: Int, at now: UInt64, using random: inout some RandomNumberGenerator
    ) {
        if targets.count == 1 {
            if targets[0].isUsable(at: now) { choices.append(choice(0)) }
            return
        }
        let usable = targets.indices.filter { targets[$0].isUsable(at: now) }
        let peers = Set(usable.map { targets[$0].hop }).sorted().map {
            WeightedOrder.Entry(index: $0, priority: Int(hops[$0].priority), weight: hops[$0].weight)
        }
        var left = room
        for peer in WeightedOrder.indices(of: peers, using: &random) where left > 0 {
            let addresses = usable.filter { targets[$0].hop == peer }.map {
                WeightedOrder.Entry(index: $0, priority: targets[$0].priority, weight: targets[$0].weight)
            }
            for target in WeightedOrder.indices(of: addresses, using: &random).prefix(left) {
                choices.append(choice(target))
                left -= 1
            }
        }
    }

    /// The address that calls left alone and that is the next to be tried again; nil if there is none that may be.
    func lastResort(at now: UInt64) -> (choice: TrunkChoice, until: UInt64)? {
        let candidates = targets.indices.filter { targets[$0].isAlive && !targets[$0].standing.refusesCalls(at: now) }
        return candidates.min { targets[$0].standing.aloneUntil < targets[$1].standing.aloneUntil }
            .map { (choice($0), targets[$0].standing.aloneUntil) }
    }

    /// When the first address that has asked to be left alone may be called again; nil if none has.
    func availableAgain(at now: UInt64) -> UInt64? {
        targets.filter { $0.isAlive && $0.standing.refusesCalls(at: now) }.map(\.standing.aloneUntil).min()
    }

    /// An address for what belongs to no choice: a request in a call of the network, a redirection to the trunk. `isSecure`:
    /// over TLS alone.
    func favourite(at now: UInt64, isSecure: Bool = false) -> Int? {
        let order: (PeerTarget) -> (Int, Int, UInt16, Int) = { [hops] target in
            (target.isUsable(at: now) ? 0 : 1, target.isAlive ? 0 : 1, hops[target.hop].priority, target.priority)
        }
        return targets.indices.filter { !targets[$0].isRetired && (!isSecure || targets[$0].address.transport == .tls) }
            .min { order(targets[$0]) < order(targets[$1]) }
    }

    /// The address that a request goes to after it has failed at `tried`; nil if no other is left that calls would be sent to.
    func next(after tried: Set<Int>, at now: UInt64) -> Int? {
        let order: (PeerTarget) -> (UInt16, Int) = { [hops] target in (hops[target.hop].priority, target.priority) }
        return targets.indices.filter { !tried.contains($0) && targets[$0].isUsable(at: now) }
            .min { order(targets[$0]) < order(targets[$1]) }
    }

    /// The address of a host and port that a redirection names, that port first; by the peer's name too. `isSecure`: over TLS
    /// alone.
    func target(ofHost host: String, port: UInt16?, isSecure: Bool) -> (index: Int, isExact: Bool)? {
        let found = targets.indices.filter { index in
            let target = targets[index]
            return !target.isRetired && (!isSecure || target.address.transport == .tls)
                && (target.address.host == host || hops[target.hop].host.lowercased() == host)
        }
        let port = port ?? (isSecure ? SIPAddress.Transport.tls : .udp).defaultPort
        if let exact = found.first(where: { targets[$0].address.port == port }) { return (exact, true) }
        return found.first.map { ($0, false) }
    }

    private func choice(_ target: Int) -> TrunkChoice {
        TrunkChoice(trunk: index, peer: target, failoverStatuses: statuses, noResponse: noResponse)
    }

    private mutating func shareChoice() {
        let isPlain = targets.count == 1 && maximumCalls == .max && rate == nil
        only = isPlain ? [choice(0)] : []
    }

    // MARK: - What is learnt of an address

    /// A call's INVITE goes there.
    mutating func tried(_ target: Int, at now: UInt64) {
        guard targets.indices.contains(target), !targets[target].standing.isUnblemished else { return }
        targets[target].standing.tried(at: now, cooldown: cooldown)
    }

    /// What an INVITE there came to.
    mutating func record(_ outcome: PeerStanding.Outcome, of target: Int, at now: UInt64) -> PeerStanding.Change? {
        guard targets.indices.contains(target) else { return nil }
        if outcome == .answered, targets[target].standing.isUnblemished { return nil }
        return targets[target].standing.record(outcome, at: now, cooldown: cooldown)
    }

    /// Hands an address's health to `change`; one that comes up again begins anew.
    mutating func probe<Value>(_ target: Int, _ change: (inout PeerHealth, PeerHealth.Rules) -> Value) -> Value {
        let before = targets[target].health.state
        let value = change(&targets[target].health, rules)
        if before == .down, targets[target].health.state == .up { targets[target].standing.clear() }
        return value
    }

    /// Nothing is asked of the addresses any more, and nothing believed.
    mutating func forgetHealth() {
        for index in targets.indices { targets[index].health = PeerHealth() }
    }

    /// When the next probe, or the end of waiting for one, is due; `UInt64.max`: never.
    var due: UInt64 { targets.lazy.map(\.health.due).min() ?? .max }

    // MARK: - What a name leads to

    /// The addresses of one of its peers from now on, in any order. Those that stay keep what is known of them.
    /// - Returns: the indices of those that are new, and whether anything has changed.
    mutating func resolve(
        _ hop: Int, to found: [(address: SIPAddress, priority: Int, weight: UInt16)]
    ) -> (new: [Int], isChanged: Bool) {
        var kept: Set<Int> = []
        var new: [Int] = []
        for entry in found.prefix(TrunkPeers.maximumAddresses) {
            if let known = targets.firstIndex(where: { $0.hop == hop && $0.address == entry.address }) {
                if targets[known].isRetired { new.append(known) }
                targets[known].isRetired = false
                targets[known].priority = entry.priority
                targets[known].weight = entry.weight
                kept.insert(known)
            } else {
                let target = PeerTarget(
                    entry.address, name: hops[hop].host, hop: hop, priority: entry.priority, weight: entry.weight)
                let place = place(for: target)
                new.append(place)
                kept.insert(place)
            }
        }
        var isChanged = !new.isEmpty
        for index in targets.indices where targets[index].hop == hop && !kept.contains(index) {
            if targets[index].isRetired { continue }
            targets[index].isRetired = true
            targets[index].health = PeerHealth()
            isChanged = true
        }
        shareChoice()
        return (new, isChanged)
    }

    /// A new place, or, once many are kept for old calls, that of the first of those.
    private mutating func place(for target: PeerTarget) -> Int {
        let retired = targets.indices.filter { targets[$0].isRetired }
        if retired.count >= TrunkPeers.maximumRetired {
            targets[retired[0]] = target
            return retired[0]
        }
        targets.append(target)
        return targets.count - 1
    }
}
