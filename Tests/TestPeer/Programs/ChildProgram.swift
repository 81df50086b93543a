import Foundation

/// A program of somebody else that a test runs, in a process group of its own and a folder of its own. The group is killed
/// when the test has done with it, when the program ends, and also when the test's own process ends, however it does.
package final class ChildProgram: Sendable {
    /// Why the program could not be used.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs its arguments and, beside them, waits for the end of standard input: the test holds the other end of that pipe,
    /// and the kernel closes it even after a SIGKILL. Either way the whole group goes.
    private static let guarded = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        program=$!
        { cat <&3 >/dev/null; kill -KILL -$$; } &
        exec 3<&-
        wait "$program"
        echo "ended with $?"
        kill -KILL -$$
        """

    /// What it may write to; removed with it.
    package let folder: URL
    private let name: String
    private let group: pid_t
    private let lifeline: Pipe
    private let exit: Mailbox<Int32>
    private let log: ProcessLog

    /// Writes `files` into a new folder and starts `program` there. An argument `{folder}` is replaced.
    /// - Throws: ``Failure`` if it is not installed; it says which package has it.
    package init(
        _ program: String, of package: String, _ arguments: [String], files: [String: String]
    ) throws {
        name = URL(filePath: program).lastPathComponent
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(
                description: "\(program) is not there: install the Debian package \(package), or let scripts/test do it"
            )
        }
        folder = FileManager.default.temporaryDirectory.appending(
            path: "\(name)-test-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (file, text) in files {
            try text.write(to: folder.appending(path: file), atomically: true, encoding: .utf8)
        }
        let process = Process()
        let exit = Mailbox<Int32>()
        log = try ProcessLog()
        lifeline = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", ChildProgram.guarded, "sh", program]
            + arguments.map { [path = folder.path] in $0.replacingOccurrences(of: "{folder}", with: path) }
        process.currentDirectoryURL = folder
        process.standardInput = lifeline
        process.standardOutput = log.handle
        process.standardError = log.handle
        process.terminationHandler = { exit.put($0.terminationStatus) }
        self.exit = exit
        try process.runChild()
        log.started()
        group = process.processIdentifier
    }

    deinit { kill(-group, SIGKILL) }

    /// The last lines of what it has said.
    package var logTail: String { log.tail }

    /// Polls until `isReady`.
    /// - Throws: ``Failure`` with its output if it ends or is not ready in time.
    package func ready(when isReady: () -> Bool) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while !isReady() {
            guard exit.values.isEmpty else { throw Failure(description: "\(name) ended at once:\n\(logTail)") }
            guard ContinuousClock.now < deadline else {
                try await stop()
                throw PatienceLost("listening \(name)", ladder: logTail)
            }
            // Nothing tells from outside that the program has begun to listen: try again soon.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Stops it where it is, as if it hung: its sockets stay, nothing is read from them. Only ``stop()`` follows.
    package func freeze() { kill(-group, SIGSTOP) }

    /// Kills it and all its processes, and returns when it is gone.
    package func stop() async throws {
        kill(-group, SIGKILL)
        guard await exit.next() != nil else { throw Failure(description: "\(name) survived SIGKILL") }
        // Whoever asks once more is told the same.
        exit.put(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }
}
