import Foundation
import TestPeer

/// A run of one of the `examples`, or of the gateway's own endpoint.
struct Application {
    let status: Int32
    let output: String
    let errors: String

    private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../examples").standardizedFileURL

    /// Runs an example to its end.
    /// - Throws: ``PatienceLost`` if it does not end; then it is ended.
    static func run(_ arguments: [String], of script: String = "call.py") async throws -> Application {
        try await run(
            URL(filePath: "/usr/bin/env"), ["python3", examples.appending(path: script).path] + arguments)
    }

    /// Has the endpoint call `number` at the gateway that listens at `port`.
    static func place(_ number: String, to port: UInt16, _ arguments: [String]) async throws -> Application {
        try await run(
            try GatewayProcess.products.appending(path: "gateway"),
            ["endpoint", "--call", number, "--to", "udp:127.0.0.1:\(port)"] + arguments)
    }

    private static func run(_ program: URL, _ arguments: [String]) async throws -> Application {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        let (outputText, errorText, status) = (Mailbox<String>(), Mailbox<String>(), Mailbox<Int32>())
        process.executableURL = program
        process.arguments = arguments
        // The gateway is asked directly, whatever proxy this machine has; and the application has no token by chance.
        var environment = ProcessInfo.processInfo.environment
        environment["no_proxy"] = "*"
        environment["GATEWAY_TOKEN"] = nil
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        process.terminationHandler = { ended in
            status.put(ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus)
        }
        try process.runChild()
        for (pipe, text) in [(output, outputText), (errors, errorText)] {
            Thread {
                text.put(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }.start()
        }
        // It gives up by itself after 20 s without an event.
        let code = await status.next(within: Patience.standard + .seconds(20))
        if code == nil { process.terminate() }
        let (said, complained) = (await outputText.next() ?? "", await errorText.next() ?? "")
        guard let code else { throw PatienceLost("end of \(program.lastPathComponent)", ladder: said + complained) }
        return Application(status: code, output: said, errors: complained)
    }
}

/// `gateway endpoint` on a port of its own: the network of the example.
final class NetworkEndpoint: Sendable {
    let port: UInt16
    private let process: Process

    /// Starts it and waits until it listens.
    init() async throws {
        port = try FreePort.next()
        process = Process()
        let pipe = Pipe()
        process.executableURL = try GatewayProcess.products.appending(path: "gateway")
        process.arguments = ["endpoint", "--listen", "udp:127.0.0.1:\(port)", "--quiet"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        try process.runChild()
        // All it prints fits into the pipe.
        let first = Mailbox<String>()
        Thread { first.put(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)) }.start()
        guard let line = await first.next(), line.contains("The endpoint listens") else {
            process.terminate()
            throw PatienceLost("endpoint on \(port)", ladder: "")
        }
    }

    func stop() { process.terminate() }
}
