import Foundation

/// `bench`: what a complete call through the gateway costs, and what a held one (docs/benchmark.md).
///
/// Exit status: 0 when all is kept, 1 when a bound is broken or a call failed, 2 when it could not measure.
@main
enum Bench {
    static func main() {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard !arguments.contains("--help") else { return say(Options.help) }
            if arguments.first == SinkProcess.argument { return try SinkServer.run(arguments.dropFirst()) }
            exit(try run(Options(arguments)) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(2)
        }
    }

    /// Measures and reports; whether all that is judged holds.
    private static func run(_ options: Options) throws -> Bool {
        let directory = try temporaryDirectory()
        let benchmark = try Benchmark(options, directory: directory, print: say)
        var isGood = false
        defer {
            if isGood {
                try? FileManager.default.removeItem(atPath: directory)
            } else {
                say("\nconfiguration and logs of the last part: \(directory)")
            }
        }
        try benchmark.run()
        isGood = conclude(benchmark.results, options)
        return isGood
    }

    /// Prints the comparisons and the verdict.
    private static func conclude(_ results: Results, _ options: Options) -> Bool {
        let comparison = Report.comparison(results)
        if !comparison.isEmpty { say("\nBeside others\n\n\(comparison)") }
        if options.quick {
            let events = results.events.map { "; events lost, doubled or wrong: \($0.faults)" } ?? ""
            say("\nfailed calls: \(results.failures)\(events); a quick run judges no other figure")
            return results.failures == 0 && (results.events?.faults ?? 0) == 0
        }
        let bounds = Bound.all(results, rate: options.rate)
        say("\nBounds\n\n" + bounds.map(Report.line).joined(separator: "\n"))
        return bounds.allSatisfy(\.holds)
    }

    private static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private static func temporaryDirectory() throws -> String {
        let directory = FileManager.default.temporaryDirectory.path + "/gateway-bench-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return directory
    }
}
