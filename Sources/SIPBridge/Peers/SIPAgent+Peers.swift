import CSofiaSIP
import CallCore
import Synchronization

/// Where calls may go, and what they tell of the peers.
extension SIPAgent {
    /// The ways a call to `receiver` may take now; at least one, or what its POST is answered.
    func choices(for receiver: Address, isExempt: Bool = false) throws(CAMARAError) -> [TrunkChoice] {
        let route = options.routes.trunks(for: receiver)
        guard !route.isEmpty else {
            throw CAMARAError(404, .identifierNotFound, "receiverAddress: no route leads to this address.")
        }
        do throws(PeerBook.NoWay) {
            return try peers.choices(
                of: route, isExempt: isExempt,
                live: { callCounts.live($0, .outbound) + callCounts.live($0, .inbound) }, at: options.clock(),
                using: &random)
        } catch {
            throw error.error
        }
    }

    /// An offer has come late: the way is chosen anew.
    func chooseAgain(for call: ActiveCall) {
        if call.request.details?.service != nil { return call.state.choose(emergencyChoices()) }
        guard call.attempts.isEmpty, let choices = try? choices(for: call.request.receiver, isExempt: call.isExempt)
        else { return }
        call.state.choose(choices)
    }

    /// Whether a call that tries another trunk may: its limits hold for those too.
    func admits(_ call: ActiveCall, to trunk: Int, at now: UInt64) -> Bool {
        guard !call.isExempt, let before = call.attempts.last?.trunk, before != trunk else { return true }
        let live = callCounts.live(trunk, .outbound) + callCounts.live(trunk, .inbound)
        return peers.trunks[trunk].hasRoom(live: live, at: now)
    }

    /// Where requests to an address of a trunk go; a trunk's favourite for what names none.
    func nextHop(trunk: Int, peer: Int) -> String {
        let targets = peers.trunks[trunk].targets
        return targets.indices.contains(peer) ? targets[peer].uri : nextHop(trunk: trunk)
    }

    /// Whether ``nextHop(trunk:peer:)`` is an address, which it is not before the trunk's names lead to one.
    func hasAddress(_ peer: Int, in trunk: Int) -> Bool {
        peers.trunks[trunk].targets.indices.contains(peer) || peers.trunks[trunk].favourite(at: options.clock()) != nil
    }

    /// Where requests go that belong to no choice: those in calls of the network.
    func nextHop(trunk: Int) -> String {
        guard let target = peers.trunks[trunk].favourite(at: options.clock()) else {
            // A name that nothing is known of yet: the shim sends nothing there, and says so at once.
            return peers.trunks[trunk].hops.first?.text ?? ""
        }
        return peers.trunks[trunk].targets[target].uri
    }

    /// The same for a call that has come over TLS, from `source`: nothing of it goes in clear. A trunk without an address that
    /// has TLS is looked for where the call has come from, under its own name; what the call's dialog says comes first.
    func secureHop(trunk: Int, from source: String) -> String {
        let entry = peers.trunks[trunk]
        if let target = entry.favourite(at: options.clock(), isSecure: true) { return entry.targets[target].uri }
        let address = SIPAddress(transport: .tls, host: source, port: SIPAddress.Transport.tls.defaultPort)
        return PeerTarget(address, name: TrunkPeers.certifiable(options.trunks[trunk].domain), hop: 0).uri
    }

    /// The trunk whose address is written like this, as in what a call of an earlier run has left; nil: none is any more.
    func trunk(ofHop text: String) -> Int? {
        peers.trunks.firstIndex { trunk in trunk.targets.contains { $0.uri == text } }
    }

    /// The trunk and address that a redirection may be followed to: by its host, the one with the same port first, or by
    /// the trunk's domain (mapping §2). `isSecure`: over TLS alone.
    func target(ofHost host: String, port: UInt16?, isSecure: Bool) -> (trunk: Int, peer: Int)? {
        let bare = (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
        var byHost: (trunk: Int, peer: Int)?
        for trunk in slots.current {
            guard let found = peers.trunks[trunk].target(ofHost: bare, port: port, isSecure: isSecure) else { continue }
            if found.isExact { return (trunk, found.index) }
            if byHost == nil { byHost = (trunk, found.index) }
        }
        if let trunk = slots.current.first(where: { options.trunks[$0].domain.lowercased() == bare }) {
            return peers.trunks[trunk].favourite(at: options.clock(), isSecure: isSecure).map { (trunk, $0) }
        }
        return byHost
    }

    // MARK: - What calls tell

    /// A response to an INVITE that has not been given up, or the stack's own.
    func learn(from response: csip_response, to attempt: ActiveCall.Attempt) {
        guard let outcome = PeerStanding.Outcome(response) else { return }
        learn(outcome, of: attempt)
    }

    func learn(_ outcome: PeerStanding.Outcome, of attempt: ActiveCall.Attempt) {
        learn(outcome, ofPeer: attempt.peer, in: attempt.trunk)
    }

    func learn(_ outcome: PeerStanding.Outcome, ofPeer peer: Int, in trunk: Int) {
        let now = options.clock()
        guard let change = peers.trunks[trunk].record(outcome, of: peer, at: now) else { return }
        let target = peers.trunks[trunk].targets[peer]
        switch change {
        case .leftAlone(let reason, let time):
            report(
                .leftAlone(reason: reason.rawValue, time: .nanoseconds(Int64(clamping: time))), target.uri, trunk)
        case .back: report(.back, target.uri, trunk)
        }
    }

    func report(_ news: PeerReport.News, _ peer: String, _ trunk: Int) {
        options.onPeerChange?(PeerReport(trunk: options.trunks[trunk].name, peer: peer, news: news))
    }

    // MARK: - What operators see

    /// Whether a call could be sent anywhere, by a trunk that is registered if it is to be. Any thread; does not wait for the
    /// SIP thread.
    public nonisolated var hasUsableTrunk: Bool { usability.load(ordering: .relaxed) }

    /// To be called after every change that may matter to ``hasUsableTrunk``.
    func noteUsability() { usability.store(slots.current.contains(where: isUsable), ordering: .relaxed) }

    private func isUsable(_ trunk: Int) -> Bool { peers.trunks[trunk].isAlive && isRegistered(trunk) }

    /// Every trunk with its peers, in the order of the configuration.
    public func trunkStates() -> [TrunkStatus] {
        let now = options.clock()
        return slots.current.map { index in
            let entry = peers.trunks[index]
            return TrunkStatus(
                name: options.trunks[index].name, isUsable: isUsable(index),
                peers: entry.hops.indices.flatMap { states(of: $0, in: entry, at: now) },
                failovers: failovers[index], roundTrips: roundTrips[index])
        }
    }

    private func states(of hop: Int, in entry: TrunkPeers, at now: UInt64) -> [TrunkStatus.Peer] {
        let peer = entry.hops[hop]
        let targets = entry.targets.filter { $0.hop == hop && !$0.isRetired }
        guard !targets.isEmpty else {
            return [
                TrunkStatus.Peer(
                    uri: peer.text, priority: Int(peer.priority), weight: Int(peer.weight), state: .unresolved)
            ]
        }
        return targets.map { target in
            let isLeftAlone = target.standing.isLeftAlone(at: now)
            let state: TrunkStatus.Peer.State =
                switch target.health.state {
                case .down: .down
                case .up: isLeftAlone ? .leftAlone : .up
                case .unknown: isLeftAlone ? .leftAlone : .unknown
                }
            return TrunkStatus.Peer(
                uri: peer.text, address: target.uri, priority: Int(peer.priority), weight: Int(peer.weight),
                state: state, reason: isLeftAlone ? target.standing.reason?.rawValue : nil,
                leftAloneFor: isLeftAlone ? .nanoseconds(Int64(clamping: target.standing.aloneUntil - now)) : nil,
                roundTrip: target.health.roundTrip.map { .nanoseconds(Int64(clamping: $0)) })
        }
    }
}

extension PeerStanding.Outcome {
    /// What a response says of whom the request was sent to, or the stack's own; nil: nothing yet.
    init?(_ response: csip_response) {
        switch (response.is_internal, response.status) {
        case (false, 100): return nil
        case (false, 503): self = .unavailable(retryAfter: response.retry_after > 0 ? Int(response.retry_after) : nil)
        case (false, _): self = .answered
        case (true, 408): self = .silent
        case (true, _): self = .unreachable
        }
    }
}
