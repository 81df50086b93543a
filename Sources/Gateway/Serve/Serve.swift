import CallCore
import Configuration
import Foundation
import RESTFront
import SIPBridge

extension Program {
    /// `gateway serve`: loads the configuration, starts the SIP and the HTTP side, and blocks until a signal ends it.
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
        do {
            let service = try Service(configuration, log: log)
            try service.start()
            return service.waitForEnd()
        } catch {
            log.error("cannot start", [.reason("\(error)")])
            return ExitStatus.configuration
        }
    }
}
