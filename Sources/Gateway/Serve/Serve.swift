import Configuration

extension Program {
    /// `gateway serve`: loads the configuration, starts the parts, and blocks until a signal ends them.
    static func serve(configurationPath path: String) -> Int32 {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: path)
        } catch {
            Console.error(error.description)
            return ExitStatus.configuration
        }
        let log = Log(configuration.log)
        defer { log.close() }
        for warning in configuration.warnings(in: path) { log.warning("configuration", [.reason(warning)]) }
        // Not fatal: the gateway can still be told by a signal.
        let presence = RunningGateway.announce(configurationPath: path)
        if presence == nil { log.warning("'gateway drain' will not find this process; send SIGTERM instead") }
        defer { withExtendedLifetime(presence) {} }
        do {
            let service = try Service(configuration, path: path, log: log)
            // The main thread has nothing else to do than to wait; starting waits for other threads on its way.
            Task {
                do {
                    try await service.start(findableBy: presence)
                } catch {
                    log.error("cannot start", [.reason("\(error)")])
                    service.ended.finish(ExitStatus.configuration)
                }
            }
            return service.ended.wait()
        } catch {
            log.error("cannot start", [.reason("\(error)")])
            return ExitStatus.configuration
        }
    }
}
