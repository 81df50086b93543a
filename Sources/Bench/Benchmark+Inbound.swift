/// Calls from the network beside calls to it, in turns on one gateway.
extension Benchmark {
    func runInbound() throws {
        let sink = try SinkProcess(directory: directory)
        let setting = GatewaySetting(sinkAuthority: sink.authority)
        try withGateway(setting) { gateway in
            let tokens = try originators.map { try issuer.enrolmentToken(number: $0.number) }
            let called = Enrolment(tokens: tokens, port: gateway.apiPort)
            try called.register()
            try called.subscribe(sink.url, type: EventText.invitationType)
            driver.attach(
                port: gateway.apiPort, path: options.path, originators: originators,
                registrations: called.registrations)
            let caller = try InboundDriver(
                .init(
                    apiPort: gateway.apiPort, sipPort: gateway.sipPort, path: options.path, callees: originators,
                    channel: sink.descriptor), sip: driver.sip, media: driver.media)
            // What is set up once, such as the connections to the sink, is not a call's cost.
            _ = try caller.run(.closed(concurrency: 4, seconds: 1))
            // Either direction leaves other transactions behind.
            let seconds = (options.runInSeconds.first + options.runInSeconds.rest) / 2
            let ways: [InboundResult.Turn] = [.outbound, .inbound]
            try runIn(gateway, ways.map { ($0.rawValue, seconds) }) { way, seconds in
                let load = Arrivals.poisson(rate: options.inboundRate, seconds: seconds)
                return way == InboundResult.Turn.inbound.rawValue ? try caller.run(load) : try driver.run(load)
            }
            print(
                "\nCalls from the network and calls to it: Poisson arrivals at \(format(options.inboundRate))/s,"
                    + " \(format(options.inboundSeconds)) s each; for those that come in, INVITE→invitation and"
                    + " INVITE→200\n")
            print(Report.phaseHeading)
            var result = InboundResult()
            defer { results.inbound = result }
            for round in 0..<options.inboundRounds {
                let turns: [InboundResult.Turn] = [.outbound, .inbound, .told]
                // The other way round every second time: what one turn leaves behind then falls on all alike.
                for turn in round.isMultiple(of: 2) ? turns : turns.reversed() {
                    let phase = try take(turn, gateway, caller, called, sink)
                    result.phases[turn, default: []].append(phase)
                    print(Report.line(phase))
                }
            }
            result.counts = try sink.counts()
            print("\n" + Report.text(result))
        }
    }

    private func take(
        _ turn: InboundResult.Turn, _ gateway: GatewayProcess, _ caller: InboundDriver, _ called: Enrolment,
        _ sink: SinkProcess
    ) throws -> PhaseResult {
        let load = Arrivals.poisson(rate: options.inboundRate, seconds: options.inboundSeconds)
        guard turn == .told else {
            return try measure(turn.rawValue, gateway) {
                turn == .inbound ? try caller.run(load) : try driver.run(load)
            }
        }
        // Its subscriptions are beside those to invitations, and only for this turn.
        let told = Enrolment(sharing: called)
        let ended = try sink.counts().subscriptionsEnded
        try told.subscribe(sink.url)
        let phase = try measure(turn.rawValue, gateway) { try driver.run(load) }
        try told.unsubscribe()
        try sink.ask(whenEnded: 0, subscriptions: ended + originators.count)
        var isOver = false
        try driver.serve(until: .now + .seconds(options.arrivalSeconds)) {
            isOver = try sink.answer() != nil
            return isOver
        }
        guard isOver else { throw BenchError.sink("has not been told of the ends of subscriptions") }
        return phase
    }
}
