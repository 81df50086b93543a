import Configuration

/// The command line's grammar, pure: arguments in, a command or what is wrong with them out.
enum CommandParser {
    /// Reads the arguments after the program's name.
    static func parse(_ arguments: [String]) throws(UsageError) -> Command {
        guard let word = arguments.first else { throw UsageError("no command given") }
        let rest = Array(arguments.dropFirst())
        switch word {
        case "serve", "check", "drain", "reload", "endpoint":
            if rest.contains(where: isHelp) { return .help(word == "endpoint" ? .endpoint : .usage) }
            return try parse(word, rest)
        case "help", "--help", "-h": return .help(try topic(rest))
        case "--version":
            guard rest.isEmpty else { throw UsageError("--version takes no arguments") }
            return .version
        default:
            throw UsageError(
                word.hasPrefix("-") ? "unknown option \(shown(word))" : "unknown command \(shown(word))")
        }
    }

    private static func parse(_ word: String, _ rest: [String]) throws(UsageError) -> Command {
        switch word {
        case "endpoint": return try endpoint(rest)
        default:
            let paths = try values(of: ["--config"], in: rest, for: word)["--config"] ?? []
            guard let path = paths.first, !path.isEmpty else { throw UsageError("\(word) needs --config PATH") }
            guard paths.count == 1 else { throw UsageError("--config is given twice") }
            return switch word {
            case "serve": .serve(configurationPath: path)
            case "drain": .drain(configurationPath: path)
            case "reload": .reload(configurationPath: path)
            default: .check(configurationPath: path)
            }
        }
    }

    /// Where the endpoint listens if it is not told: where `config/demo.yaml` expects it.
    static let defaultEndpoint = [SIPListener("udp:127.0.0.1:5070")].compactMap(\.self)

    private static func topic(_ rest: [String]) throws(UsageError) -> Command.HelpTopic {
        switch rest {
        case []: return .usage
        case ["endpoint"]: return .endpoint
        case ["config"]: return .configuration
        case ["config", "--markdown"]: return .configurationMarkdown
        default:
            throw UsageError(
                "no help on \(shown(rest.joined(separator: " ")))",
                hint:
                    "Allowed: '\(Product.name) help', '\(Product.name) help endpoint' and '\(Product.name) help config [--markdown]'."
            )
        }
    }

    /// The values of the options a command has, as `--option VALUE` or `--option=VALUE`; anything else is refused.
    static func values(
        of options: [String], in rest: [String], for word: String
    ) throws(UsageError) -> [String: [String]] {
        var values: [String: [String]] = [:]
        var waiting: String?
        for argument in rest {
            if let option = waiting {
                values[option, default: []].append(argument)
                waiting = nil
            } else if options.contains(argument) {
                waiting = argument
            } else if let option = options.first(where: { argument.hasPrefix($0 + "=") }) {
                values[option, default: []].append(String(argument.dropFirst(option.count + 1)))
            } else {
                throw UsageError("\(word) does not take \(shown(argument))")
            }
        }
        if let waiting { throw UsageError("\(waiting) needs a value") }
        return values
    }

    private static func isHelp(_ argument: String) -> Bool { argument == "--help" || argument == "-h" }

    /// An argument for a message: shortened, with nothing a terminal would act on.
    static func shown(_ argument: String) -> String {
        "'" + LogEscaping.escaped(String(argument.prefix(64))) + "'"
    }
}
