import Configuration
import Endpoint
import Foundation

/// The entry point. Nothing but the order of the first steps is decided here.
@main
struct Program {
    static func main() {
        // Before anything can start a thread: threads inherit the mask, and a signal must find no other taker.
        Signals.prepare()
        exit(run(Array(ProcessInfo.processInfo.arguments.dropFirst())))
    }

    /// Carries out one command line, without the program's name; blocks until it is done. Returns the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        do throws(UsageError) {
            switch try CommandParser.parse(arguments) {
            case .serve(let path): return serve(configurationPath: path)
            case .check(let path): return check(configurationPath: path)
            case .drain(let path): return drain(configurationPath: path)
            case .reload(let path): return reload(configurationPath: path)
            case .endpoint(let listen, let isQuiet): return endpoint(listen: listen, isQuiet: isQuiet)
            case .call(let plan, let listen, let isQuiet): return call(plan, listen: listen, isQuiet: isQuiet)
            case .version: Console.output("\(Product.name) \(Product.version)\n")
            case .help(.usage): Console.output(Usage.text)
            case .help(.endpoint): Console.output(EndpointCommand.help)
            case .help(.configuration): Console.output(ConfigurationReference.text)
            case .help(.configurationMarkdown): Console.output(ConfigurationReference.markdown)
            }
            return ExitStatus.success
        } catch {
            Console.error("\(Product.name): \(error.message)\n\(error.hint)\n")
            return ExitStatus.usage
        }
    }
}

/// What the program's exit says (README, `gateway help`).
enum ExitStatus {
    static let success: Int32 = 0
    /// The configuration is wrong, or what it asks for cannot be had.
    static let configuration: Int32 = 1
    /// The command line is wrong, or asks for something that is not supported yet.
    static let usage: Int32 = 2
}
