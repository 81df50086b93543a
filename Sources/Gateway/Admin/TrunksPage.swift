import CallCore
import Configuration
import SIPBridge

/// The page `/trunks`.
struct TrunksPage: Encodable, Equatable {
    let trunks: [Entry]

    struct Entry: Encodable, Equatable {
        let name: String
        /// As in the configuration.
        let peers: [String]
        let trusted: Bool
        /// Calls that are not over.
        let live: Directions
        /// Calls since the start, by how they went.
        let ended: [String: Directions]
    }

    struct Directions: Encodable, Equatable {
        let outbound: Int
        let inbound: Int
    }

    init(_ configured: [Configuration.Trunk], counts: CallCounts) {
        trunks = configured.enumerated().map { index, trunk in
            Entry(
                name: trunk.name, peers: trunk.peers.map(\.uri.description), trusted: trunk.isTrusted,
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
