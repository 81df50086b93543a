import Foundation

extension Program {
    /// `gateway drain`: asks the gateway that runs with this configuration file to drain, as SIGTERM does, and returns when
    /// it has ended. Ending the command itself does not end the draining.
    static func drain(configurationPath path: String) -> Int32 {
        // This process acts on no signal of the gateway's: Ctrl-C ends the command.
        Signals.restore()
        do throws(RunningGateway.Missing) {
            let gateway = try RunningGateway.find(configurationPath: path)
            let answer = try gateway.drain()
            let name = gateway.process.map { "process \($0)" } ?? "the gateway"
            if let answer { Console.output("\(name): \(answer)\n") }
            gateway.waitForEnd()
            Console.output("ended\n")
            return ExitStatus.success
        } catch {
            return tell(error, path: path, signal: "SIGTERM", deed: "drain")
        }
    }

    /// `gateway reload`: asks the gateway that runs with this configuration file to read it again, as SIGHUP does, and says
    /// what has become of it.
    static func reload(configurationPath path: String) -> Int32 {
        Signals.restore()
        do throws(RunningGateway.Missing) {
            let gateway = try RunningGateway.find(configurationPath: path)
            guard let answer = try gateway.reload() else {
                Console.error("\(path): the gateway has ended\n")
                return ExitStatus.configuration
            }
            guard answer.isTaken else {
                Console.error(answer.text + "refused: the old configuration stays\n")
                return ExitStatus.configuration
            }
            Console.output(answer.text)
            return ExitStatus.success
        } catch {
            return tell(error, path: path, signal: "SIGHUP", deed: "reload")
        }
    }

    private static func tell(_ error: RunningGateway.Missing, path: String, signal: String, deed: String) -> Int32 {
        switch error {
        case .notRunning:
            Console.error("\(path): no gateway runs with this file here; name the file as 'serve' was given it\n")
        case .denied:
            Console.error("\(path): the gateway takes this only from the user it runs as, and from root\n")
        case .silent:
            Console.error("\(path): what holds the gateway's name does not answer; send \(signal) to the gateway\n")
        case .system(let code):
            Console.error("\(path): the gateway cannot be told to \(deed): \(String(cString: strerror(code)))\n")
        }
        return ExitStatus.configuration
    }
}
