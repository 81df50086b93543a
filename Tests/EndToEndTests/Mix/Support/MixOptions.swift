import Foundation
import TestPeer

/// How long the mix runs and how hard it is, from the environment.
struct MixOptions: Sendable {
    /// `GATEWAY_MIX_MINUTES`: minutes of new calls; without it 20 s, or 8 s with `GATEWAY_SOAK=quick`.
    let length: Duration
    /// `GATEWAY_MIX_SEED`: what every choice follows from but the order in which things happen to come.
    let seed: UInt64
    /// `GATEWAY_MIX_FAULTS`: the percentage of datagrams, each way, that something happens to.
    let faults: Double
    /// SIP's timers as the standard has them (RFC 3261 §17) in a long run, a fifth of that in a short one.
    let isLong: Bool
    /// Users that call and are called at the same time.
    let users = 48

    static let current = MixOptions(ProcessInfo.processInfo.environment)

    init(_ environment: [String: String]) {
        let minutes = environment["GATEWAY_MIX_MINUTES"].flatMap { Double($0) }
        isLong = minutes != nil
        length = minutes.map { .seconds($0 * 60) } ?? .seconds(environment["GATEWAY_SOAK"] == "quick" ? 8 : 20)
        seed = environment["GATEWAY_MIX_SEED"].flatMap { UInt64($0) } ?? 2_026
        faults = (environment["GATEWAY_MIX_FAULTS"].flatMap { Double($0) } ?? 5) / 100
    }

    var t1: Duration { isLong ? .milliseconds(500) : .milliseconds(100) }
    /// How long a side goes on trying before it knows that the other one is gone.
    var timerB: Duration { t1 * 64 }
    /// How long an ended session can be read.
    var keepEnded: Duration { isLong ? .seconds(15) : .seconds(3) }
    /// How long a call may ring.
    let ring = Duration.seconds(6)

    /// Nothing a call waits for takes longer: it rings, its last request or answer is tried to the end, and what comes of
    /// that is told.
    var patience: Duration { ring + timerB * 2 + Patience.standard }
}

extension ScenePlan {
    /// A trunk whose peer is reached through a ``LossyRelay``: the gateway and the peer know each other by their images.
    static let mix = ScenePlan { configuration, places in
        let options = MixOptions.current
        func milliseconds(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1)))ms" }
        configuration.advertise = MixNetwork.gatewayImage
        configuration.trunks = [.init("main", peers: ["sip:\(MixNetwork.peerImage):\(places.sippPort)"])]
        configuration.routes = [("", ["main"])]
        configuration.timers =
            "{t1: \(milliseconds(options.t1)), t2: \(milliseconds(options.t1 * 8)), "
            + "timerB: \(milliseconds(options.timerB)), ring: \(milliseconds(options.ring))}"
        configuration.sessions = "{keepEnded: \(milliseconds(options.keepEnded)), maxDuration: 4h}"
        configuration.registrations = "{minimum: 1s, default: 1h, maximum: 24h, perNumber: 3}"
        configuration.storage = "sqlite:gateway.db"
        configuration.events = try sinksOnThisMachine()
    }
}
