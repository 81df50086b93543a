import Foundation

/// The configuration read again and again while calls are made.
extension Benchmark {
    func runReload() throws {
        try withGateway(GatewaySetting(keepEnded: "1s"), warmUp: .even(rate: 100, count: 50)) { gateway in
            let rate = options.reloadRate
            print(
                "\nReloads: Poisson arrivals at \(format(rate))/s, first without, then with"
                    + " \(options.reloads) of them, one each \(format(options.reloadInterval)) s\n")
            print(Report.phaseHeading)
            // Until as many transactions end as begin: memory stands still then.
            let settling = try measure("without", gateway) {
                try driver.run(.poisson(rate: rate, seconds: options.reloadSettleSeconds))
            }
            print(Report.line(settling))
            let before = descriptorsAndMemory(gateway)
            let reloads = Reloads(gateway, count: options.reloads, interval: .seconds(options.reloadInterval))
            let seconds = Double(options.reloads) * options.reloadInterval + 1
            let phase = try measure("with", gateway) {
                try driver.run(.poisson(rate: rate, seconds: seconds), meanwhile: reloads.advance)
            }
            print(Report.line(phase))
            try reloads.finish()
            let result = ReloadResult(
                settling: settling, phase: phase, reloads: options.reloads, taken: reloads.taken,
                times: reloads.times, refusal: reloads.refusal, before: before, after: descriptorsAndMemory(gateway))
            print("\n" + Report.text(result))
            results.reload = result
        }
    }

    /// The driver's own connections are left out.
    private func descriptorsAndMemory(_ gateway: GatewayProcess) -> ReloadResult.Look {
        .init(
            descriptors: gateway.meter.openDescriptors() - driver.openConnections,
            resident: gateway.meter.memory().resident)
    }
}

/// Reloads in turn, each begun when it is due and the one before has been answered.
final class Reloads {
    private let gateway: GatewayProcess
    private let count: Int
    private let interval: Nanoseconds
    private var begun = 0
    private var due: Nanoseconds = 0
    private var running: (child: ChildProcess, since: Nanoseconds)?
    private(set) var taken = 0
    /// How long each took, from the command's start to its end.
    private(set) var times: [Nanoseconds] = []
    /// What the first that failed has said.
    private(set) var refusal: String?

    init(_ gateway: GatewayProcess, count: Int, interval: Nanoseconds) {
        self.gateway = gateway
        self.count = count
        self.interval = interval
    }

    /// Does what is due.
    func advance(_ now: Nanoseconds) throws {
        if let (child, since) = running {
            guard let status = child.exitStatus() else { return }
            running = nil
            times.append(now - since)
            if status == 0, child.output.hasPrefix("reloaded; changed: trunks") {
                taken += 1
            } else {
                refusal = refusal ?? child.output
            }
        }
        guard begun < count, now >= due else { return }
        due = now + interval
        begun += 1
        running = (try gateway.reload(trunkLimit: 100_000 + begun % 2), now)
    }

    /// Waits for the last one.
    func finish() throws {
        let deadline = Nanoseconds.now + .seconds(10)
        while begun < count || running != nil, Nanoseconds.now < deadline {
            try advance(.now)
            usleep(1_000)
        }
    }
}
