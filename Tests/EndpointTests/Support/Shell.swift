import Foundation
import TestPeer

/// Commands of documents, as a reader's shell runs them.
enum Shell {
    /// Runs `command` in the project's folder and returns what it printed.
    static func run(_ command: String, environment: [String: String] = [:]) async throws -> String {
        let process = Process()
        let pipe = Pipe()
        let output = Mailbox<String>()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = Project.folder
        // Tests of delivery set proxies in this process, which must mean nothing; curl would ask them.
        let direct = ["no_proxy": "*"]
        process.environment = ProcessInfo.processInfo.environment.merging(direct) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.runChild()
        let reader = Thread {
            output.put(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
        }
        reader.start()
        guard let text = await output.next() else {
            process.terminate()
            throw PatienceLost("end of '\(command)'", ladder: "")
        }
        return text
    }
}
