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
        /// Left out where nothing is registered.
        let registration: Registration?
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

    struct Directions: Encodable, Equatable {
        let outbound: Int
        let inbound: Int
    }

    /// `registrations` in the order of the configuration; nil for those that nothing is registered with.
    init(_ configured: [Configuration.Trunk], counts: CallCounts, registrations: [RegistrationFigures?]) {
        trunks = configured.enumerated().map { index, trunk in
            Entry(
                name: trunk.name, peers: trunk.peers.map(\.uri.description), trusted: trunk.isTrusted,
                registration: registrations[index].map { Registration($0) },
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
