/// One thing that is wrong with the configuration: where, what, and what is allowed instead.
public struct Problem: Error, Hashable, Sendable {
    /// The place in the file.
    public var position: Position
    /// One line without control characters; never a secret's value.
    public var message: String

    init(_ position: Position, _ message: String) {
        self.position = position
        self.message = message
    }

    /// `PATH:LINE:COLUMN: warning: …`, for one that does not stand in the way.
    public func description(in path: String) -> String {
        "\(path):\(position.line):\(position.column): warning: \(message)"
    }
}

/// Every problem of one configuration file, in reading order.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More problems than this are counted, not listed.
    static let maximumProblems = 1000

    /// The file as the operator named it.
    public let path: String
    /// Sorted by position; never empty.
    public let problems: [Problem]

    init(path: String, problems: [Problem]) {
        self.path = path
        self.problems = Array(Set(problems)).sorted {
            $0.position == $1.position ? $0.message < $1.message : $0.position < $1.position
        }
    }

    /// `PATH:LINE:COLUMN: what is wrong and what is allowed`, one line per problem, each ended by a newline.
    public var description: String {
        var lines = problems.prefix(Self.maximumProblems).map {
            "\(path):\($0.position.line):\($0.position.column): \($0.message)\n"
        }
        if problems.count > Self.maximumProblems {
            lines.append("\(path): and \(problems.count - Self.maximumProblems) more\n")
        }
        return lines.joined()
    }
}

/// Text of the file put into a message: in double quotes, shortened, with nothing a terminal would act on.
struct Quoted: CustomStringConvertible {
    static let maximumLength = 64
    let description: String

    init(_ text: String) {
        var result = "\""
        for scalar in text.unicodeScalars.prefix(Self.maximumLength) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                if scalar == "\"" || scalar == "\\" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        if text.unicodeScalars.count > Self.maximumLength { result += "…" }
        description = result + "\""
    }
}
