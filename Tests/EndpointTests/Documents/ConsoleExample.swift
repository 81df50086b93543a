/// A command of a document, and what the document says it prints.
struct ConsoleExample: Sendable, CustomStringConvertible {
    /// As typed after `$ `.
    let command: String
    /// The lines below it: each is the beginning of a line of the output, in this order.
    let output: [String]

    var description: String { command }

    /// The commands of the ```` ```console ```` blocks of a Markdown text, in order.
    static func all(in markdown: String) -> [ConsoleExample] {
        var examples: [ConsoleExample] = []
        var isInside = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                examples.append(ConsoleExample(command: String(line.dropFirst(2)), output: []))
            } else if isInside, !line.isEmpty, let last = examples.popLast() {
                examples.append(ConsoleExample(command: last.command, output: last.output + [String(line)]))
            }
        }
        return examples
    }

    /// Whether it can be run as it stands: it asks the gateway. The others are scripts, which have tests of their own,
    /// and `id=`, which the reader fills in.
    var isRequest: Bool { command.contains("curl ") }

    /// `device=7d44…`: a value the reader may take as it stands.
    var assignment: (name: String, value: String)? {
        guard !isRequest, let match = command.wholeMatch(of: #/([a-z]+)=(\S+)(\s+#.*)?/#) else { return nil }
        return (String(match.1), String(match.2))
    }

    /// What the reader takes out of an answer for the commands below: `id` of a session, `registration`, `subscription`.
    static func values(in answer: String) -> [String: String] {
        let places = [
            ("id", #/"mediaSessionId":"([0-9A-Za-z]+)"/#), ("registration", #/"registrationId":"([0-9A-Za-z]+)"/#),
            ("subscription", #/"id":"([0-9A-Za-z]+)"/#),
        ]
        return places.reduce(into: [:]) { values, place in
            if let match = answer.firstMatch(of: place.1) { values[place.0] = String(match.1) }
        }
    }

    /// The first line of the document's output that `actual` does not have, or has too early.
    func missing(in actual: String) -> String? {
        var lines = actual.split(whereSeparator: \.isNewline)[...]
        for expected in output {
            guard let index = lines.firstIndex(where: { $0.hasPrefix(expected) }) else { return expected }
            lines = lines[(index + 1)...]
        }
        return nil
    }
}
