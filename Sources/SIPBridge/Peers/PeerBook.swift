import CallCore

/// Which ways a call may take at this moment: the trunks of its route with what is known of their peers.
struct PeerBook: Sendable {
    var trunks: [TrunkPeers]

    init(_ trunks: [Trunk]) {
        self.trunks = trunks.enumerated().map { TrunkPeers($1, index: $0) }
    }

    /// Why a call can go nowhere.
    enum NoWay: Error, Equatable {
        /// Every trunk that could take it carries as many calls as it may.
        case full(retryAfter: Int)
        /// No peer can be reached, or all have asked for a pause.
        case unavailable(retryAfter: Int)
    }

    /// The addresses a call along `route` is sent to, in the order to be tried: trunk after trunk, each with its peers by
    /// priority and weight. Only if there is none at all is one tried that calls leave alone.
    ///
    /// - Parameters:
    ///   - isExempt: limits do not hold for this call.
    ///   - live: how many calls go by a trunk.
    /// - Returns: at least one; or why there is none.
    func choices(
        of route: [Int], isExempt: Bool, live: (Int) -> Int, at now: UInt64,
        using random: inout some RandomNumberGenerator
    ) throws(NoWay) -> [TrunkChoice] {
        if route.count == 1, let only = trunks[route[0]].onlyChoice(at: now) { return only }
        var choices: [TrunkChoice] = []
        choices.reserveCapacity(route.count)
        var isFull = false
        for (place, trunk) in route.enumerated() {
            guard isExempt || trunks[trunk].hasRoom(live: live(trunk), at: now) else {
                isFull = true
                continue
            }
            // Every trunk left gets its turn.
            let room = OutboundCall.maximumAttempts - choices.count - (route.count - place - 1)
            trunks[trunk].addChoices(to: &choices, room: max(1, room), at: now, using: &random)
        }
        if !choices.isEmpty { return choices }
        let withRoom = route.filter { isExempt || trunks[$0].hasRoom(live: live($0), at: now) }
        let resorts = withRoom.compactMap { trunks[$0].lastResort(at: now) }
        if let resort = resorts.min(by: { $0.until < $1.until }) { return [resort.choice] }
        if isFull { throw .full(retryAfter: FinalResponse.defaultRetryAfter) }
        let wait = withRoom.compactMap { trunks[$0].availableAgain(at: now) }.min().map {
            Int(($0 - now) / 1_000_000_000) + 1
        }
        throw .unavailable(retryAfter: wait ?? FinalResponse.defaultRetryAfter)
    }

    /// Another trunk has this index from now on; it may be one more.
    mutating func replace(_ trunk: Trunk, at index: Int) {
        let peers = TrunkPeers(trunk, index: index)
        if index == trunks.count { trunks.append(peers) } else { trunks[index] = peers }
    }

    /// When probes are due; `UInt64.max`: never.
    var due: UInt64 { trunks.lazy.map(\.due).min() ?? .max }
}

extension PeerBook.NoWay {
    /// What a POST is answered.
    var error: CAMARAError {
        switch self {
        case .full(let seconds):
            CAMARAError(
                503, .unavailable, "The network carries as many calls as it may.", retryAfter: seconds)
        case .unavailable(let seconds):
            CAMARAError(503, .unavailable, "The network cannot be reached.", retryAfter: seconds)
        }
    }
}
