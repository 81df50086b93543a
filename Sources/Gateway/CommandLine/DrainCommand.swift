import Foundation

extension Program {
    /// `gateway drain`: sends SIGTERM to the gateway that runs with this configuration file, and returns when it has ended.
    /// Ending the command itself does not end the draining.
    static func drain(configurationPath path: String) -> Int32 {
        // This process acts on no signal of the gateway's: Ctrl-C ends the command.
        Signals.restore()
        do throws(RunningGateway.Missing) {
            let gateway = try RunningGateway.find(configurationPath: path)
            guard kill(gateway.process, SIGTERM) == 0 else { throw .system(errno) }
            Console.output("process \(gateway.process) drains\n")
            gateway.waitForEnd()
            Console.output("ended\n")
            return ExitStatus.success
        } catch {
            switch error {
            case .notRunning:
                Console.error("\(path): no gateway runs with this file here; name the file as 'serve' was given it\n")
            case .system(let code):
                Console.error("\(path): the gateway cannot be told to drain: \(String(cString: strerror(code)))\n")
            }
            return ExitStatus.configuration
        }
    }
}
