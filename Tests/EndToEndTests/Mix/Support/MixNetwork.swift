import CallCore
import Endpoint
import SIPBridge
import TestPeer

/// The telephone network of the mix: a SIP endpoint with its own dialogs and timers, behind a relay that loses datagrams.
struct MixNetwork: Sendable {
    /// Where each side's messages go in, instead of to the side itself.
    static let gatewayImage = "127.0.0.2"
    static let peerImage = "127.0.0.3"

    let endpoint: SIPEndpoint
    let relay: LossyRelay
    private let gateway: SIPAddress

    init(_ scene: Scene, _ options: MixOptions) throws {
        gateway = SIPAddress(transport: .udp, host: MixNetwork.gatewayImage, port: scene.gateway.sip.port)
        var settings = EndpointOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: scene.sippPort)], t1: options.t1,
            timerB: options.timerB)
        settings.advertise = MixNetwork.peerImage
        let seed = options.seed
        settings.script = { Callee(number: $0, seed: seed).script }
        endpoint = SIPEndpoint(settings)
        relay = try LossyRelay(
            between: scene.gateway.sip, imagedAt: MixNetwork.gatewayImage,
            and: SocketAddress(port: scene.sippPort), imagedAt: MixNetwork.peerImage,
            faults: .init(share: options.faults, delay: 2...120), seed: seed)
        _ = try endpoint.start()
    }

    /// Calls `number`; returns a mailbox for how that comes out.
    func call(_ number: String, _ random: inout SplitMix) throws -> Mailbox<CallOutcome> {
        let ended = Mailbox<CallOutcome>()
        guard let called = PhoneNumber(number), let caller = PhoneNumber(Numbers.next("+1919")) else {
            throw PatienceLost("valid numbers", ladder: number)
        }
        var plan = CallPlan(number: called, caller: caller, gateway: gateway)
        plan.talk = .milliseconds(Int.random(in: 200...4_000, using: &random))
        if random.chance(0.35) { plan.patience = .milliseconds(Int.random(in: 0...2_500, using: &random)) }
        plan.changes = MixNetwork.changes(&random)
        endpoint.place(plan) { ended.put($0) }
        return ended
    }

    static func changes(_ random: inout SplitMix) -> [MediaChange] {
        (0..<max(0, Int.random(in: -2...3, using: &random))).map { _ in
            MediaChange(
                MediaChange.Media.allCases.randomElement(using: &random) ?? .held,
                by: MediaChange.Request.allCases.randomElement(using: &random) ?? .reinvite)
        }
    }

    /// Who is called: everything follows from the number.
    struct Callee: Sendable {
        enum Kind: String, Sendable, CaseIterable {
            case atOnce = "answered at once"
            case ringing = "answered after ringing"
            case reliable = "answered after a reliable 183"
            case forked = "answered by the second of two phones"
            case queued = "answered after 181, 182"
            case busyLater = "refused after ringing"
            case refused = "refused at once"
            case unanswered = "rings, nobody answers"
            case trying = "100 and nothing more"
            case silent = "no response at all"
        }

        let kind: Kind
        let script: EndpointScript

        init(number: String, seed: UInt64) {
            var random = SplitMix(seed: number.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
            func pause(_ longest: Int) -> EndpointStep {
                .wait(.milliseconds(Int.random(in: 20...longest, using: &random)))
            }
            let kinds: [(Kind, Int)] = [
                (.atOnce, 22), (.ringing, 22), (.reliable, 14), (.forked, 10), (.queued, 8), (.busyLater, 8),
                (.refused, 6), (.unanswered, 6), (.trying, 2), (.silent, 2),
            ]
            var draw = Int.random(in: 0..<100, using: &random)
            kind =
                kinds.first {
                    draw -= $0.1; return draw < 0
                }?.0 ?? .atOnce
            let refusal = EndpointStep.refuse([486, 480, 603, 404, 403, 500, 503].randomElement(using: &random) ?? 486)
            let never: [EndpointStep] = [.wait(.seconds(60)), .refuse(480)]
            var steps: [EndpointStep]
            switch kind {
            case .atOnce: steps = [.answer]
            case .ringing: steps = [.provisional(180), pause(900), .answer]
            case .reliable: steps = [.reliable(183), pause(600), .provisional(180), pause(600), .answer]
            case .forked:
                steps = [
                    .provisional(183, from: .other, describes: true), pause(300), .provisional(180), pause(600),
                    .answer,
                ]
            case .queued: steps = [.provisional(181), pause(300), .provisional(182), pause(300), .answer]
            case .busyLater: steps = [.provisional(180), pause(900), refusal]
            case .refused: steps = [refusal]
            case .unanswered: steps = [.provisional(180)] + never
            case .trying: steps = [.provisional(100)] + never
            case .silent: steps = []
            }
            for change in MixNetwork.changes(&random) { steps += [pause(800), .change(change)] }
            if random.chance(0.4) { steps += [pause(3_000), .hangUp] }
            script = kind == .silent ? .silence : .steps(steps)
        }
    }
}
