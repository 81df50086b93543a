import CSofiaSIP
import CallCore
import Metrics

/// Peers of another configuration.
extension SIPAgent {
    /// Another trunk has this index from now on, and nothing that was known of the one before holds for it.
    func replacePeers(of index: Int) {
        leaveWatching(index)
        peers.replace(slots.trunks[index], at: index)
        let roundTrip = Histogram(milliseconds: CallCounts.bounds)
        if index == failovers.count {
            failovers.append(0)
            roundTrips.append(roundTrip)
        } else {
            failovers[index] = 0
            roundTrips[index] = roundTrip
        }
        watchPeers(of: index)
    }

    /// Begins to ask after a trunk's peers and names.
    func watchPeers(of index: Int) {
        guard handle != nil else { return }
        let now = options.clock()
        watchNames(of: index, now: now)
        for target in peers.trunks[index].targets.indices where !peers.trunks[index].targets[target].isRetired {
            beginProbes(of: target, in: index, at: now)
        }
        peerWorkDue = min(peerWorkDue, namesDue)
    }

    /// The configuration has the trunk no more; calls may still go by it, to the addresses they have.
    func leavePeers(of index: Int) {
        leaveWatching(index)
        peers.trunks[index].forgetHealth()
    }

    private func leaveWatching(_ index: Int) {
        for (id, probe) in probes where probe.trunk == index {
            csip_client_destroy(probe.client)
            probes[id] = nil
        }
        for place in names.indices where names[place].trunk == index && !names[place].isAbandoned {
            names[place].abandon()
        }
    }
}
