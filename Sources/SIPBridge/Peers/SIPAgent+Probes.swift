import CSofiaSIP
import CallCore

/// Asking peers whether they are there: OPTIONS outside any dialog (RFC 3261 §11), from the socket that calls use.
extension SIPAgent {
    /// A probe that is out. On the SIP thread only.
    struct Probe {
        var trunk: Int
        var target: Int
        var client: OpaquePointer
    }

    /// Probes of many addresses are sent in one go only so often, in nanoseconds.
    private static let pace: UInt64 = 20_000_000

    /// Begins with the addresses that are known.
    func beginProbes() {
        let now = options.clock()
        for trunk in peers.trunks.indices {
            for target in peers.trunks[trunk].targets.indices { beginProbes(of: target, in: trunk, at: now) }
        }
        noteUsability()
        peerWorkDue = min(peerWorkDue, peers.due)
    }

    func beginProbes(of target: Int, in trunk: Int, at now: UInt64) {
        peers.trunks[trunk].probe(target) { $0.begin(at: now, $1, using: &random) }
        peerWorkDue = min(peerWorkDue, peers.trunks[trunk].due)
    }

    /// Does what is due about the peers by now, and finds out when the next is.
    func advancePeers(to now: UInt64) {
        advanceProbes(to: now)
        if !names.isEmpty { advanceNames(to: now) }
        peerWorkDue = max(min(peers.due, namesDue), now + SIPAgent.pace)
    }

    private func advanceProbes(to now: UInt64) {
        for trunk in peers.trunks.indices where peers.trunks[trunk].due <= now {
            for target in peers.trunks[trunk].targets.indices
            where peers.trunks[trunk].targets[target].health.due <= now {
                let step = peers.trunks[trunk].probe(target) { $0.advance(to: now, $1, using: &random) }
                if step.givesUp { giveUpProbe(of: target, in: trunk) }
                tell(step.change, of: target, in: trunk)
                if step.sends { probe(target, in: trunk) }
            }
        }
    }

    private func probe(_ target: Int, in trunk: Int) {
        guard let handle else { return }
        let place = peers.trunks[trunk].targets[target]
        lastNumber += 1
        let id = TransactionID(call: lastNumber, kind: .probe, attempt: 0).rawValue
        let tag = RandomText.hex(digits: 16, using: &random)
        let callID = RandomText.hex(digits: 32, using: &random)
        let client = withCStrings([place.uri, "<sip:\(options.domain)>;tag=\(tag)", "<\(place.uri)>", callID]) {
            strings in
            // Only who calls whom is taken from it.
            var names = csip_invite(
                request_uri: strings[0], next_hop: strings[0], from: strings[1], to: strings[2], call_id: strings[3],
                route: nil, headers: nil, supported: strings[0], require: nil, body: nil, body_length: 0,
                content_type: nil, min_se: 0, session_expires: 0)
            guard let leg = csip_leg_create(handle, id, &names) else { return OpaquePointer?.none }
            // The transaction has all it needs; no request is expected on the leg.
            defer { csip_leg_destroy(leg) }
            return csip_leg_request(leg, id, CSIP_OPTIONS, strings[0], "Accept: application/sdp", nil, 0)
        }
        if let client {
            probes[id] = Probe(trunk: trunk, target: target, client: client)
        } else {
            let change = peers.trunks[trunk].probe(target) { $0.unreachable($1, using: &random) }
            tell(change, of: target, in: trunk)
        }
    }

    private func giveUpProbe(of target: Int, in trunk: Int) {
        guard let found = probes.first(where: { $0.value.trunk == trunk && $0.value.target == target }) else { return }
        probes[found.key] = nil
        csip_client_destroy(found.value.client)
    }

    /// A response to a probe, or the stack's own.
    func probeAnswered(_ response: csip_response, to transaction: UInt64, client: OpaquePointer) {
        guard response.status >= 200 else { return }
        guard let probe = probes.removeValue(forKey: transaction) else { return }
        csip_client_destroy(client)
        let now = options.clock()
        let change = peers.trunks[probe.trunk].probe(probe.target) { health, rules in
            response.is_internal
                ? health.unreachable(rules, using: &random)
                : health.answered(status: Int(response.status), at: now, rules, using: &random)
        }
        if !response.is_internal, response.status != 503,
            let time = peers.trunks[probe.trunk].targets[probe.target].health.roundTrip
        {
            roundTrips[probe.trunk].record(nanoseconds: time)
        }
        tell(change, of: probe.target, in: probe.trunk)
        peerWorkDue = min(peerWorkDue, peers.trunks[probe.trunk].due)
    }

    private func tell(_ change: PeerHealth.State?, of target: Int, in trunk: Int) {
        guard let change else { return }
        noteUsability()
        let place = peers.trunks[trunk].targets[target]
        switch change {
        case .up:
            report(.up(roundTrip: .nanoseconds(Int64(clamping: place.health.roundTrip ?? 0))), place.uri, trunk)
        case .down: report(.down, place.uri, trunk)
        case .unknown: break
        }
    }
}
