/// More calls than a gateway can carry.
extension Benchmark {
    func runOverload() throws {
        let setting = GatewaySetting(takesEmergencyCalls: true, drainDeadline: "5m")
        try withGateway(setting) { gateway in
            try runIn(gateway)
            print("\nThe capacity: closed loops, \(format(options.capacitySeconds)) s each\n")
            print(Report.phaseHeading)
            var closed: [PhaseResult] = []
            for concurrency in options.quick ? [Results.headline] : [8, Results.headline, 128] {
                let phase = try measure("\(concurrency) in flight", gateway) {
                    try driver.run(.closed(concurrency: concurrency, seconds: options.capacitySeconds))
                }
                print(Report.line(phase))
                closed.append(phase)
            }
            // The middle one: the best may have had a machine for itself that it shares a second later.
            let usual = closed.map(\.tally.callsPerSecond).sorted()[closed.count / 2]
            print("\nPoisson arrivals, until all are carried as ever\n\n" + Report.phaseHeading)
            guard let capacity = try capacity(of: gateway, below: usual) else {
                throw BenchError.gateway("carries not even half of what a closed loop does", log: "")
            }
            let offered = (capacity * OverloadResult.factor).rounded()
            let rest = (capacity * OverloadResult.share).rounded()
            print("\nOverload: Poisson arrivals at three times the capacity, then at half of it\n")
            print(Report.phaseHeading)
            var clocks = [processorTimes(gateway)]
            let tallies = try driver.runRefusing(
                [
                    .poisson(rate: offered, seconds: options.overloadSeconds),
                    .poisson(rate: rest, seconds: options.recoverySeconds),
                ], emergencies: emergencies(within: options.overloadSeconds),
                atChange: { clocks.append(processorTimes(gateway)) })
            clocks.append(processorTimes(gateway))
            try gateway.checkAlive()
            // A gateway that lets most calls fail has no recovery to look at.
            let given = tallies + Array(repeating: Tally(), count: 2 - tallies.count)
            while clocks.count <= given.count { clocks.append(clocks[clocks.count - 1]) }
            let names = ["\(format(offered))/s offered", "\(format(rest))/s offered"]
            let phases = given.indices.map { index in
                PhaseResult(
                    name: names[index], tally: given[index],
                    gatewayCPU: clocks[index + 1].gateway - clocks[index].gateway,
                    driverCPU: clocks[index + 1].driver - clocks[index].driver)
            }
            for phase in phases { print(Report.line(phase)) }
            let draining = try runDraining(gateway, offered: offered)
            let result = OverloadResult(
                closed: closed, capacity: capacity, overload: phases[0], recovery: phases[1],
                recoveryStart: clocks[1].time, draining: draining, emergencies: 2 * options.emergencyCalls)
            print("\n" + Report.text(result))
            results.overload = result
        }
    }

    /// As many calls as before, with the trunk full and draining begun: none of them is taken, but each emergency call is.
    private func runDraining(_ gateway: GatewayProcess, offered: Double) throws -> PhaseResult {
        // One call fills the trunk, and keeps the drain from its end.
        let held = try measure("held", gateway) { try driver.run(.even(rate: 10, count: 1), holding: true) }
        let reload = try gateway.reload(trunkLimit: 1)
        try driver.serve(until: .now + .seconds(10)) { reload.exitStatus() != nil }
        guard held.tally.completed == 1, reload.exitStatus() == 0 else {
            throw BenchError.gateway("did not take the trunk's new limit", log: reload.lastWords)
        }
        gateway.drain()
        print("\nThe same with the trunk full and draining begun\n\n" + Report.phaseHeading)
        let phase = try measure("\(format(offered))/s offered", gateway) {
            try driver.runRefusing(
                [.poisson(rate: offered, seconds: options.drainingSeconds)],
                emergencies: emergencies(within: options.drainingSeconds))[0]
        }
        print(Report.line(phase))
        _ = try driver.hangUp(rate: options.hangUpRate)
        return phase
    }

    private func emergencies(within seconds: Double) -> Arrivals {
        .even(rate: Double(options.emergencyCalls) / seconds, count: options.emergencyCalls)
    }

    /// The highest rate at which no call fails, none is refused, and the 201 of all but one in a hundred takes no longer than
    /// with time to spare.
    private func capacity(of gateway: GatewayProcess, below usual: Double) throws -> Double? {
        for share in OverloadResult.steps {
            let rate = (usual * share).rounded()
            let phase = try measure("\(format(rate))/s offered", gateway) {
                try driver.runRefusing([.poisson(rate: rate, seconds: options.capacitySeconds)])[0]
            }
            print(Report.line(phase))
            let latency = phase.tally.postToCreated.percentile(0.99) ?? .infinity
            if phase.tally.failureCount == 0, phase.tally.postToRefusal.isEmpty,
                latency <= Double(LoadDriver.normalLatency) / 1e6
            {
                return rate
            }
        }
        return nil
    }

    private func processorTimes(
        _ gateway: GatewayProcess
    ) -> (time: Nanoseconds, gateway: Nanoseconds, driver: Nanoseconds) {
        (.now, gateway.meter.cpu(), .ownCPU)
    }
}
