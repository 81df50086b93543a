import CallCore
import Configuration
import SIPBridge

/// The page `/trunks`.
struct TrunksPage: Encodable, Equatable {
    let trunks: [Entry]

    struct Entry: Encodable, Equatable {
        let name: String
        /// Whether a call could be sent by it.
        let usable: Bool
        /// Every address in use.
        let peers: [Peer]
        let trusted: Bool
        /// Left out where nothing is registered.
        let registration: Registration?
        /// INVITEs that were sent elsewhere, because they failed at one of its peers.
        let failovers: Int
        /// Calls that are not over.
        let live: Directions
        /// Calls since the start, by how they went.
        let ended: [String: Directions]
    }

    struct Registration: Encodable, Equatable {
        /// As in the configuration.
        let mode: String
        /// Of the trunk itself one at most, else of numbers.
        let registered: Int
        let trying: Int
        let refused: Int

        init(_ figures: RegistrationFigures) {
            mode = figures.mode.rawValue
            registered = figures.bindings[.registered] ?? 0
            trying = figures.bindings[.trying] ?? 0
            refused = figures.bindings[.refused] ?? 0
        }
    }

    /// Fields without a value are left out.
    struct Peer: Encodable, Equatable {
        /// As in the configuration.
        let uri: String
        /// Where requests go.
        let address: String?
        let priority: Int
        let weight: Int
        /// `unknown`, `up`, `down`, `left-alone` or `unresolved`.
        let state: String
        /// Why it is left alone: `asked`, `unavailable`, `unreachable` or `silent`; and for how many seconds yet.
        let reason: String?
        let leftAloneSeconds: Int?
        /// Of the last OPTIONS.
        let roundTripMilliseconds: Double?

        init(_ peer: TrunkStatus.Peer) {
            uri = peer.uri
            address = peer.address
            priority = peer.priority
            weight = peer.weight
            state = peer.state.rawValue
            reason = peer.reason
            leftAloneSeconds = peer.leftAloneFor.map { Int(($0 / .seconds(1)).rounded(.up)) }
            roundTripMilliseconds = peer.roundTrip.map { ($0 / .microseconds(1)).rounded() / 1_000 }
        }
    }

    struct Directions: Encodable, Equatable {
        let outbound: Int
        let inbound: Int
    }

    /// `registrations` in the order of the configuration; nil for those that nothing is registered with.
    init(
        _ configured: [Configuration.Trunk], states: [TrunkStatus], counts: CallCounts,
        registrations: [RegistrationFigures?]
    ) {
        // Read one after the other, they may be of two configurations.
        trunks = configured.enumerated().compactMap { place, trunk in
            guard let index = counts.trunks.firstIndex(of: trunk.name),
                let state = states.first(where: { $0.name == trunk.name })
            else { return nil }
            return Entry(
                name: trunk.name, usable: state.isUsable, peers: state.peers.map { Peer($0) },
                trusted: trunk.isTrusted,
                registration: place < registrations.count ? registrations[place].map { Registration($0) } : nil,
                failovers: state.failovers,
                live: Directions(outbound: counts.live(index, .outbound), inbound: counts.live(index, .inbound)),
                ended: Dictionary(
                    uniqueKeysWithValues: CallEnding.allCases.map { outcome in
                        (
                            outcome.rawValue,
                            Directions(
                                outbound: counts.ended(index, .outbound, outcome),
                                inbound: counts.ended(index, .inbound, outcome))
                        )
                    }))
        }
    }
}
