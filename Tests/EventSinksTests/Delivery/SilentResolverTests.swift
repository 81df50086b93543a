import Foundation
import TestPeer
import Testing

/// The program as it is, with the system's own list of name servers: one sink whose name servers are silent must stop no
/// other delivery.
@Suite(.enabled(if: SilentResolver.isPossible, "needs root and unshare(1)")) struct SilentResolverTests {
    @Test func costsOtherSinksNothing() async throws {
        let line = try await SilentResolver.run(["beside", "sink.nowhere.example"])
        let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 3, "\(line)")
        #expect(numbers[0] > 100 && numbers[1] == 20, "\(line)")
        // The resolver is told to wait 10 s; a good sink answers within milliseconds, a busy machine allowed for.
        #expect(numbers[2] < 2_000, "\(line)")
    }
}

/// A program of the benchmark in a mount namespace whose only name server swallows every query.
private enum SilentResolver {
    private static let address = "127.0.0.98"
    private static let socket = Result { try UDPSocket(host: address, port: 53) }

    static var isPossible: Bool {
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") && (try? socket.get()) != nil
    }

    /// What the program printed.
    static func run(_ arguments: [String]) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "sink-test-resolv.conf")
        try "nameserver \(address)\noptions timeout:5 attempts:2\n".write(to: file, atomically: true, encoding: .utf8)
        let program = try GatewayProcess.products.appending(path: "SinkBench").path
        let script = "mount --bind '\(file.path)' /etc/resolv.conf && exec \"$@\""
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["--mount", "/bin/sh", "-c", script, "sh", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.runChild()
        let text = Task.detached { output.fileHandleForReading.readDataToEndOfFile() }
        defer { process.waitUntilExit() }
        return String(decoding: await text.value, as: UTF8.self)
    }
}
