import Foundation
import Synchronization

/// The built `gateway` program, running with a configuration of its own.
package final class GatewayProcess: Sendable {
    /// Why the program could not be used.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let configuration: GatewayConfiguration
    /// The command it was started by, if not directly.
    package let launcher: [String]
    /// Variables it was started with beside the tests' own.
    package let environment: [String: String]
    package let identifier: Int32
    private let process: Process
    private let folder: URL
    private let exit: Mailbox<Int32>
    private let log: ProcessLog

    /// Where SIP is heard.
    package var sip: SocketAddress { SocketAddress(port: configuration.sipPort) }

    /// What the program has logged, the last lines of it.
    package var logTail: String { log.tail }

    /// Its configuration file.
    package var file: URL { folder.appending(path: "gateway.yaml") }

    /// The folder of the programs built beside these tests.
    package static var products: URL {
        get throws {
            let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: test).deletingLastPathComponent()
        }
    }

    /// Starts the program and returns when its API accepts connections.
    ///
    /// - Parameter launcher: a command the program's own command line is appended to, such as `unshare`'s.
    /// - Throws: ``Failure`` with the program's output if it ends or does not listen in time.
    package static func start(
        _ configuration: GatewayConfiguration, launcher: [String] = [], environment: [String: String] = [:]
    ) async throws -> GatewayProcess {
        let gateway = try GatewayProcess(configuration, launcher: launcher, environment: environment)
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            if gateway.exit.values.isEmpty == false {
                throw Failure(description: "gateway ended at once:\n\(gateway.logTail)\n\(configuration.yaml)")
            }
            if let probe = try? HTTPConnection(port: configuration.httpPort) {
                probe.close()
                return gateway
            }
            // Nothing tells from outside that the program has begun to listen: try again soon.
            try await Task.sleep(for: .milliseconds(5))
        }
        _ = try? await gateway.stop()
        throw Failure(description: "gateway did not listen on \(configuration.httpPort) in time:\n\(gateway.logTail)")
    }

    private init(_ configuration: GatewayConfiguration, launcher: [String], environment: [String: String]) throws {
        self.configuration = configuration
        self.launcher = launcher
        self.environment = environment
        folder = FileManager.default.temporaryDirectory.appending(path: "gateway-test-\(configuration.sipPort)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "gateway.yaml")
        try configuration.yaml.write(to: file, atomically: true, encoding: .utf8)

        let program = try GatewayProcess.products.appending(path: "gateway").path
        let command = launcher + [program, "serve", "--config", file.path]
        let process = Process()
        let exit = Mailbox<Int32>()
        log = try ProcessLog()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log.handle
        process.standardError = log.handle
        process.terminationHandler = { ended in
            // A process killed by a signal is told like the shell does.
            exit.put(ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus)
        }
        self.exit = exit
        do {
            try process.runChild()
        } catch {
            throw Failure(description: "cannot start \(command[0]): \(error)")
        }
        log.started()
        self.process = process
        identifier = process.processIdentifier
    }

    /// Has it read `configuration` in place of its own, by `gateway reload`.
    /// - Returns: the command's exit status and all that it has said.
    package func reload(_ configuration: GatewayConfiguration) async throws -> (status: Int32, text: String) {
        try await reload(configuration.yaml)
    }

    /// The same with the file's text.
    package func reload(_ yaml: String) async throws -> (status: Int32, text: String) {
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        let command = Process()
        command.executableURL = try GatewayProcess.products.appending(path: "gateway")
        command.arguments = ["reload", "--config", file.path]
        let output = Pipe()
        command.standardInput = FileHandle.nullDevice
        command.standardOutput = output
        command.standardError = output
        let ended = Mailbox<Int32>()
        command.terminationHandler = { ended.put($0.terminationStatus) }
        try command.runChild()
        guard let status = await ended.next() else { throw PatienceLost("end of gateway reload", ladder: logTail) }
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        return (status, String(decoding: text, as: UTF8.self))
    }

    /// Whether it still runs.
    package var isRunning: Bool { process.isRunning }

    /// What the kernel says of it.
    /// - Throws: ``Failure`` if it is gone.
    package var figures: ProcessFigures {
        get throws {
            guard let figures = ProcessFigures(of: identifier) else {
                throw Failure(description: "gateway is gone:\n\(logTail)")
            }
            return figures
        }
    }

    /// Sends a signal.
    package func signal(_ number: Int32) { kill(identifier, number) }

    /// Ends the program with SIGTERM and returns its exit code; SIGKILL, told as 137, if it does not obey.
    package func stop(within patience: Duration = Patience.standard) async throws -> Int32 {
        signal(SIGTERM)
        var code = await exit.next(within: patience)
        if code == nil {
            signal(SIGKILL)
            code = await exit.next(within: patience)
        }
        try? FileManager.default.removeItem(at: folder)
        guard let code else { throw Failure(description: "gateway survived SIGKILL") }
        return code
    }

    /// The exit code of a program that ends by itself or by a signal sent before.
    package func ended(within patience: Duration = Patience.standard) async throws -> Int32 {
        guard let code = await exit.next(within: patience) else {
            throw PatienceLost("end of gateway", ladder: logTail)
        }
        try? FileManager.default.removeItem(at: folder)
        return code
    }

    /// Kills the program as a crash would, and returns when it is gone. What it has stored stays.
    package func crash() async throws {
        signal(SIGKILL)
        guard await exit.next() != nil else { throw Failure(description: "gateway survived SIGKILL") }
    }

    /// A mailbox for the first line of the log from now on that `wants` accepts.
    package func nextLine(where wants: @escaping @Sendable (String) -> Bool) -> Mailbox<String> {
        log.next(where: wants)
    }

    /// What the program says on SIGUSR1, all that is a number: `liveCalls`, `dialogs`, `clientTransactions`,
    /// `serverTransactions`, `endedKept`, `timers`, `registrations`, `subscriptions`, `eventsPending` and more.
    package func statistics() async throws -> [String: Int] {
        let line = log.next { $0.contains("\"statistics\"") }
        signal(SIGUSR1)
        guard let text = await line.next() else {
            throw PatienceLost("statistics line on SIGUSR1", ladder: logTail)
        }
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else {
            throw Failure(description: "not a JSON object: \(text)")
        }
        return members.compactMapValues(\.int)
    }
}
