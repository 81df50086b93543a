/// What is written about the keys, made from the table that reads them: `gateway help config` and
/// `docs/configuration.md` say what the program does.
public enum ConfigurationReference {
    /// For a terminal.
    public static var text: String {
        var lines = [
            "The configuration is one YAML file. Durations are written 250ms, 4s, 5m, 2h; sizes 64KiB, 1MiB.",
            "A path is relative to the file's folder. Only true and false are booleans.",
            "",
            "The smallest file:",
            "",
        ]
        lines += smallestFile.map { "    " + $0 } + [""]
        for row in Schema.rows {
            switch row.support {
            case .supported:
                lines.append(row.path)
                if row.absence != .section { lines.append("    \(row.allowed)") }
                switch row.absence {
                case .required: lines.append("    required")
                case .requiredWith(let condition): lines.append("    required with \(condition)")
                case .value(let value): lines.append("    default: \(value)")
                case .rule(let rule): lines.append("    default: \(plain(rule))")
                case .section: break
                }
                lines.append("    \(plain(row.meaning))")
            case .notYet(let remedy):
                lines.append("\(row.path) (not supported yet: \(remedy))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The page `docs/configuration.md`.
    public static var markdown: String {
        var lines = [
            "# The configuration file", "",
            "<!-- Made by `gateway help config --markdown`; a test compares. Do not edit by hand. -->", "",
            "`gateway serve --config PATH` reads one YAML file of at most 1 MiB, by YAML 1.2's core schema: only `true` and",
            "`false` are booleans, so `off` is a word; a number where a string belongs needs quotes. Durations are a whole",
            "number with `ms`, `s`, `m` or `h`, sizes one with `KiB`, `MiB` or `GiB`. A relative path starts at the file's own",
            "folder. Anchors, aliases, tags and further documents are refused.", "",
            "`gateway check --config PATH` prints every problem as `PATH:LINE:COLUMN: what is wrong and what is allowed` and",
            "exits 1; `serve` refuses to start with the same text. An unknown key is a problem, and so is a key of a part that",
            "does not exist yet: nothing is accepted and then ignored.", "",
            "The smallest file:", "", "```yaml",
        ]
        lines += smallestFile + ["```", ""]
        lines += [
            "Below, `[]` in a key stands for every element of a list: `trunks[].name` is the `name` of each trunk.", "",
        ]
        var written: [String] = []
        for row in Schema.rows where row.support == .supported && !written.contains(group(row)) {
            written.append(group(row))
            lines += table(of: group(row))
        }
        lines += ["## Not supported yet", "", "These keys are known and refused:", ""]
        lines += Schema.rows.compactMap { row in
            guard case .notYet(let remedy) = row.support else { return nil }
            return "- `\(row.path)`: \(row.meaning) For now: \(remedy)."
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A test loads it.
    static let smallestFile = [
        "api:",
        "  auth: {mode: insecure} # on loopback only; see api.auth for tokens",
        "trunks:",
        "  - name: core",
        "    peers:",
        "      - uri: \"sip:127.0.0.1:5070\"",
    ]

    /// The first component of a path: rows that share it share a heading.
    private static func group(_ row: Row) -> String {
        String(row.path.prefix { $0 != "." && $0 != "[" })
    }

    private static func table(of name: String) -> [String] {
        let rows = Schema.rows.filter { group($0) == name && $0.support == .supported }
        var lines = ["## `\(name)`", ""]
        if let head = rows.first(where: { $0.path == name }), head.absence == .section {
            lines += [head.meaning, ""]
        }
        lines += ["| Key | Value | Default | Meaning |", "|---|---|---|---|"]
        for row in rows where row.path != name || row.absence != .section {
            let absence =
                switch row.absence {
                case .required: "required"
                case .requiredWith(let condition): "required with \(condition)"
                case .value(let value): "`\(value)`"
                case .rule(let rule): rule
                case .section: ""
                }
            lines.append("| `\(row.path)` | \(cell(row.allowed)) | \(cell(absence)) | \(cell(row.meaning)) |")
        }
        return lines + [""]
    }

    /// GitHub's tables end a cell at a bar, in code spans too.
    private static func cell(_ text: String) -> String {
        String(text.flatMap { $0 == "|" ? ["\\", $0] : [$0] })
    }

    private static func plain(_ markdown: String) -> String {
        markdown.filter { $0 != "`" }
    }
}
