import Foundation
import Testing

@testable import Gateway

/// What a script that calls the program sees: its exit status.
@Suite struct ProgramTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: ["config/demo.yaml", "config/gateway.yaml"])
    func aRightFileIsSuccess(_ file: String) {
        let path = Self.repository.appending(path: file).path(percentEncoded: false)
        #expect(Program.run(["check", "--config", path]) == ExitStatus.success)
    }

    @Test(arguments: ["check", "serve", "drain"])
    func aWrongFileIsAConfigurationError(_ command: String) {
        #expect(Program.run([command, "--config", "/nowhere/gateway.yaml"]) == ExitStatus.configuration)
    }

    @Test(arguments: [[], ["serve"], ["reload"], ["drain"], ["nonsense"]])
    func aWrongCommandLineIsAUsageError(_ arguments: [String]) {
        #expect(Program.run(arguments) == ExitStatus.usage)
    }

    @Test(arguments: [["--version"], ["help"], ["help", "config"], ["help", "config", "--markdown"]])
    func helpIsSuccess(_ arguments: [String]) {
        #expect(Program.run(arguments) == ExitStatus.success)
    }
}
