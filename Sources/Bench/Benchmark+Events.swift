/// Complete calls with a subscription for every caller and without, in turns on one gateway.
extension Benchmark {
    func runEvents() throws {
        let sink = try SinkProcess(directory: directory)
        let setting = GatewaySetting(storage: options.storage, sinkAuthority: sink.authority)
        try withGateway(setting) { gateway in
            let tokens = try originators.map { try issuer.enrolmentToken(number: $0.number) }
            let enrolment = Enrolment(tokens: tokens, port: gateway.apiPort)
            try enrolment.register()
            driver.attach(
                port: gateway.apiPort, path: options.path, originators: originators,
                registrations: enrolment.registrations)
            try runIn(gateway)
            print(
                "\nEvents: \(Results.headline) calls in flight, without subscriptions and with one for each of"
                    + " \(originators.count) callers, \(format(options.eventSeconds)) s each\n")
            print(Report.phaseHeading)
            var turns = Turns(sink: sink, enrolment: enrolment)
            defer { results.events = turns.result }
            for round in 0..<options.eventRounds where !turns.isGivenUp {
                // The other way round every second time: what one turn leaves behind then falls on both alike.
                for isSubscribed in round.isMultiple(of: 2) ? [false, true] : [true, false] where !turns.isGivenUp {
                    let phase = isSubscribed ? try takeSubscribed(&turns, gateway) : try takePlain(&turns, gateway)
                    print(Report.line(phase))
                }
            }
            print("\n" + Report.text(turns.result))
        }
    }

    private struct Turns {
        let sink: SinkProcess
        let enrolment: Enrolment
        var result = EventsResult()
        /// Complete calls whose events have been waited for.
        var calls = 0
        /// Events did not come in time. Further turns would be mixed up with them.
        var isGivenUp = false
    }

    private func takePlain(_ turns: inout Turns, _ gateway: GatewayProcess) throws -> PhaseResult {
        let phase = try measure("without subscriptions", gateway) { try driver.run(eventLoad) }
        turns.result.plain.append(phase)
        return phase
    }

    private func takeSubscribed(_ turns: inout Turns, _ gateway: GatewayProcess) throws -> PhaseResult {
        try turns.enrolment.subscribe(turns.sink.url)
        let before = try turns.sink.counts()
        let sinkStart = turns.sink.meter.cpu()
        // What delivery costs is part of it, so the turn lasts until the last event has come.
        let phase = try measure("with subscriptions", gateway) {
            let tally = try driver.run(eventLoad)
            turns.calls += tally.completed
            try awaitEvents(&turns)
            return tally
        }
        turns.result.subscribed.append(
            .init(
                phase: phase, events: turns.result.counts.events - before.events,
                sinkCPU: turns.sink.meter.cpu() - sinkStart))
        guard !turns.isGivenUp else { return phase }
        // Nothing of it may be left in the next turn.
        try turns.enrolment.unsubscribe()
        turns.result.subscriptions += originators.count
        try awaitEvents(&turns)
        return phase
    }

    private var eventLoad: Arrivals { .closed(concurrency: Results.headline, seconds: options.eventSeconds) }

    /// Waits until the last event of every call and ended subscription has come, or the time for it is over.
    private func awaitEvents(_ turns: inout Turns) throws {
        let sink = turns.sink
        try sink.ask(whenEnded: turns.calls, subscriptions: turns.result.subscriptions)
        var counts: EventLedger.Counts?
        try driver.serve(until: .now + .seconds(options.arrivalSeconds)) {
            counts = try sink.answer()
            return counts != nil
        }
        turns.isGivenUp = counts == nil
        turns.result.counts = try counts ?? sink.counts()
    }
}
