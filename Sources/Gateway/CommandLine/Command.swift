import Configuration
import Endpoint

/// What a command line asks for.
enum Command: Equatable, Sendable {
    /// Run the gateway.
    case serve(configurationPath: String)
    /// Check a configuration and say what is wrong with it.
    case check(configurationPath: String)
    /// Have the gateway that runs with this configuration drain, and wait for its end.
    case drain(configurationPath: String)
    /// Have the gateway that runs with this configuration read it again.
    case reload(configurationPath: String)
    /// Run the local SIP endpoint; at least one listener.
    case endpoint(listen: [SIPListener], isQuiet: Bool = false)
    /// Have a local SIP endpoint place a call; no listener: any free port.
    case call(CallPlan, listen: [SIPListener], isQuiet: Bool = false)
    case version
    case help(HelpTopic)

    enum HelpTopic: Equatable, Sendable {
        case usage
        /// The endpoint's options and the numbers it knows.
        case endpoint
        /// The keys of the configuration, for a terminal.
        case configuration
        /// The same as the page `docs/configuration.md`.
        case configurationMarkdown
    }
}

/// Why a command line cannot be carried out: exit status 2.
struct UsageError: Error, Equatable, Sendable {
    /// What is wrong, without the program's name.
    var message: String
    /// What to do instead.
    var hint: String

    init(_ message: String, hint: String = "Run '\(Product.name) help' for the commands.") {
        self.message = message
        self.hint = hint
    }
}
