import Foundation

/// Runs the measurements one after the other, each with a gateway process of its own.
final class Benchmark {
    let options: Options
    let directory: String
    let driver: LoadDriver
    private let keySet: Data
    let issuer: TokenIssuer
    let originators: [Originator]
    var results = Results()
    /// Takes the report's lines as they come.
    let print: (String) -> Void

    /// `directory`: an empty one for configuration, keys and logs.
    init(_ options: Options, directory: String, print: @escaping (String) -> Void) throws {
        self.options = options
        self.directory = directory
        self.print = print
        driver = try LoadDriver(media: MediaTexts(offerBytes: 2_048, answerBytes: 1_024))
        issuer = try TokenIssuer()
        keySet = try issuer.keySet()
        originators = try issuer.originators(options.originators)
    }

    func run() throws {
        if !options.modes.isDisjoint(with: [.closed, .half]) { try runClosedAndHalf() }
        if options.modes.contains(.rate) { try runRate() }
        if options.modes.contains(.held) { try runHeld() }
        if options.modes.contains(.events) { try runEvents() }
        if options.modes.contains(.inbound) { try runInbound() }
        if options.modes.contains(.overload) { try runOverload() }
        if options.modes.contains(.reload) { try runReload() }
        if options.modes.contains(.floor) { try runFloor() }
    }

    // MARK: - Complete calls

    private func runClosedAndHalf() throws {
        try withGateway { gateway in
            let wanted = options.modes.contains(.closed)
            try runIn(gateway)
            print("\nClosed loop: a fixed number of calls in flight, \(format(options.closedSeconds)) s each\n")
            print(Report.phaseHeading)
            for concurrency in wanted ? options.concurrencies : [Results.headline] {
                let phase = try measure("\(concurrency) in flight", gateway) {
                    try driver.run(.closed(concurrency: concurrency, seconds: options.closedSeconds))
                }
                print(Report.line(phase))
                results.closed.append(phase)
                if concurrency == Results.headline { results.headline = phase }
            }
            guard options.modes.contains(.half) else { return }
            let maximum = results.closed.map(\.tally.callsPerSecond).max() ?? 0
            guard maximum >= 2 else { return }
            let rate = (maximum / 2).rounded(.down)
            print("\nHalf load: Poisson arrivals, timed from when a POST was due\n")
            print(Report.phaseHeading)
            let phase = try measure("\(format(rate))/s for \(format(options.halfSeconds)) s", gateway) {
                try driver.run(.poisson(rate: rate, seconds: options.halfSeconds))
            }
            print(Report.line(phase))
            results.half = phase
        }
    }

    private func runRate() throws {
        try withGateway { gateway in
            print("\nFixed rate: Poisson arrivals, timed from when a POST was due\n")
            print(Report.phaseHeading)
            let phase = try measure("\(format(options.rate))/s for \(format(options.rateSeconds)) s", gateway) {
                try driver.run(.poisson(rate: options.rate, seconds: options.rateSeconds))
            }
            print(Report.line(phase))
            results.rate = phase
        }
    }

    // MARK: - Held calls

    private func runHeld() throws {
        // Few warm-up calls: what they leave would count as memory used before.
        try withGateway(GatewaySetting(keepEnded: "1s"), warmUp: .even(rate: 100, count: 50)) { gateway in
            print("\nHeld calls: \(options.heldCalls) established at \(format(options.holdRate))/s, then all ended\n")
            let before = look(gateway)
            let established = try measure("established", gateway) {
                try driver.run(.even(rate: options.holdRate, count: options.heldCalls), holding: true)
            }
            let start = Nanoseconds.now
            let isSettled = try settle(gateway, since: start)
            let seconds = (Nanoseconds.now - start).inSeconds
            let holding = look(gateway)
            let count = driver.held.count
            let ended = try measure("ended", gateway) { try driver.hangUp(rate: options.hangUpRate) }
            try driver.serve(until: .now + .seconds(options.clearSeconds))
            let held = HeldResult(
                established: established, ended: ended, heldCalls: count,
                sdpBytes: driver.media.offer.count + driver.media.answer.count, before: before, holding: holding,
                after: look(gateway), settledSeconds: seconds, isSettled: isSettled)
            print(Report.text(held))
            results.held = held
        }
    }

    /// Answers what the gateway asks until its transactions are over and its memory stands still: five looks, a second
    /// apart, within half a percent. Gives up after two minutes.
    private func settle(_ gateway: GatewayProcess, since start: Nanoseconds) throws -> Bool {
        try driver.serve(until: start + .seconds(options.settleSeconds))
        guard !options.quick else { return true }
        var looks: [Int] = []
        while Nanoseconds.now < start + .seconds(120) {
            try gateway.checkAlive()
            looks.append(gateway.meter.memory().resident)
            if looks.count >= 5, let low = looks.suffix(5).min(), let high = looks.suffix(5).max(),
                Double(high - low) <= Double(high) * 0.005
            {
                return true
            }
            try driver.serve(until: .now + .seconds(1))
        }
        return false
    }

    private func look(_ gateway: GatewayProcess) -> HeldResult.Look {
        let memory = gateway.meter.memory()
        return .init(
            resident: memory.resident, anonymous: memory.anonymous, descriptors: gateway.meter.openDescriptors())
    }

    // MARK: - The floor

    private func runFloor() throws {
        let offer = directory + "/offer.sdp"
        try Data(driver.media.offer).write(to: URL(fileURLWithPath: offer))
        print("\nFloor: the same SIP work on the bare library, without HTTP, JSON, token or session\n")
        let driverStart = Nanoseconds.ownCPU
        let answered = driver.othersCompleted
        let child = try ChildProcess(
            [
                absolute(options.floor), "--peer", "\(driver.sip.port)", "--offer", offer, "--concurrency",
                "\(Results.headline)", "--seconds", "\(Int(options.floorSeconds))",
            ], in: directory, log: directory + "/floor.log")
        driver.answerOthers = true
        defer { driver.answerOthers = false }
        try driver.serve(until: .now + .seconds(options.floorSeconds + 20)) { child.exitStatus() != nil }
        child.signal(SIGKILL)
        guard child.exitStatus() == 0, var floor = FloorOutput.read(child.output) else {
            throw BenchError.floor("failed: \(child.lastWords)")
        }
        floor.driverMicroseconds =
            Double(.ownCPU - driverStart) / 1e3 / Double(max(driver.othersCompleted - answered, 1))
        print(Report.text(floor))
        results.floor = floor
    }

    // MARK: - Common

    /// Runs `body` on a new gateway. The first calls pay for what is set up once: `warmUp` makes them beforehand.
    func withGateway(
        _ setting: GatewaySetting = GatewaySetting(), warmUp: Arrivals = .closed(concurrency: 4, seconds: 1),
        _ body: (GatewayProcess) throws -> Void
    ) throws {
        let gateway = try GatewayProcess(
            path: absolute(options.gateway), keySet: keySet, peerPort: driver.sip.port, setting: setting,
            directory: directory)
        driver.attach(port: gateway.apiPort, path: options.path, originators: originators)
        _ = try driver.run(warmUp)
        try body(gateway)
        try gateway.checkAlive()
        try gateway.stop()
    }

    /// Loads a new gateway until as many transactions end as begin, and prints what that cost.
    func runIn(_ gateway: GatewayProcess) throws {
        let loads = [("new", options.runInSeconds.first), ("settling", options.runInSeconds.rest)]
        try runIn(gateway, loads.map { ("\(Results.headline) in flight, \($0)", $1) }) { _, seconds in
            try driver.run(.closed(concurrency: Results.headline, seconds: seconds))
        }
    }

    /// The same under other loads, each with a name and its seconds.
    func runIn(_ gateway: GatewayProcess, _ loads: [(String, Double)], run: (String, Double) throws -> Tally) throws {
        print("\nRun-in of a new gateway: its cost is not judged\n\n" + Report.phaseHeading)
        for (name, seconds) in loads {
            let phase = try measure(name, gateway) { try run(name, seconds) }
            print(Report.line(phase))
            results.runIn.append(phase)
        }
    }

    func measure(_ name: String, _ gateway: GatewayProcess, _ load: () throws -> Tally) throws -> PhaseResult {
        let gatewayStart = gateway.meter.cpu()
        let driverStart = Nanoseconds.ownCPU
        let tally = try load()
        try gateway.checkAlive()
        return PhaseResult(
            name: name, tally: tally, gatewayCPU: gateway.meter.cpu() - gatewayStart,
            driverCPU: .ownCPU - driverStart)
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    func format(_ value: Double) -> String { String(format: "%g", value) }
}

/// What the floor program prints: `calls=N failed=N seconds=S cpu_us_per_call=C`.
enum FloorOutput {
    static func read(_ text: String) -> FloorResult? {
        var values: [Substring: Double] = [:]
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=")
            if parts.count == 2 { values[parts[0]] = Double(parts[1]) }
        }
        guard let calls = values["calls"], let failed = values["failed"], let seconds = values["seconds"],
            let cost = values["cpu_us_per_call"], seconds > 0
        else { return nil }
        return FloorResult(
            calls: Int(calls), failed: Int(failed), callsPerSecond: calls / seconds, microseconds: cost)
    }
}
