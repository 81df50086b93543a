/// Calls from the network beside calls to it, in turns on one gateway.
extension Benchmark {
    func runInbound() throws {
        let sink = try SinkProcess(directory: directory)
        let setting = GatewaySetting(sinkAuthority: sink.authority)
        try withGateway(setting) { gateway in
            let tokens = try originators.map { try issuer.enrolmentToken(number: $0.number) }
            let enrolment = Enrolment(tokens: tokens, port: gateway.apiPort)
            try enrolment.register()
            try enrolment.subscribe(sink.url, type: EventText.invitationType)
            let caller = try InboundDriver(
                .init(
                    apiPort: gateway.apiPort, sipPort: gateway.sipPort, path: options.path, callees: originators,
                    channel: sink.descriptor), sip: driver.sip, media: driver.media)
            // What is set up once, such as the connections to the sink, is not a call's cost.
            _ = try caller.run(.closed(concurrency: 4, seconds: 1))
            let load = Arrivals.poisson(rate: options.inboundRate, seconds: options.inboundSeconds)
            print(
                "\nCalls from the network and calls to it: Poisson arrivals at \(format(options.inboundRate))/s,"
                    + " \(format(options.inboundSeconds)) s each; for those that come in, INVITE→invitation and"
                    + " INVITE→200\n")
            print(Report.phaseHeading)
            var result = InboundResult()
            for round in 0..<options.inboundRounds {
                for isInbound in round.isMultiple(of: 2) ? [false, true] : [true, false] {
                    let phase = try measure(isInbound ? "from the network" : "to the network", gateway) {
                        isInbound ? try caller.run(load) : try driver.run(load)
                    }
                    if isInbound { result.inbound.append(phase) } else { result.outbound.append(phase) }
                    print(Report.line(phase))
                }
            }
            result.counts = try sink.counts()
            results.inbound = result
            print("\n" + Report.text(result))
        }
    }
}
