import Foundation
import TestPeer
import Testing

/// The same calls with a SIP implementation that is not ours on the other side: sipp (Debian package sip-tester) plays
/// the callee by the scenarios in `Scenarios`. It ends with 0 only if every message was the one it expected.
@Suite(.serialized, .gateway(.standard)) struct SippTests {
    @Test(
        "answer, busy, ring-answer, reliable: the application ends what was answered",
        arguments: [
            ("answer", "201 Connected"), ("busy", "422 SERVICE_NOT_APPLICABLE"), ("ring-answer", "201 Ringing"),
            ("reliable", "201 InProgress"),
        ])
    func calls(scenario: String, outcome: String) async throws {
        guard let sipp = try await Sipp.start(scenario, port: scene().sippPort) else { return }
        let attempt = try scene().attempt("+7")
        let response = try await attempt.post()
        #expect(response.outcome == outcome, "\(sipp.errors)")
        if response.status == 201 {
            let id = try attempt.sessionID(of: response)
            try await attempt.reaches("Connected", id)
            #expect(try await attempt.delete(id).status == 204)
            try await attempt.reaches("Terminated", id)
        }
        #expect(await sipp.exitCode() == 0, "\(sipp.errors)")
    }

    @Test("ring-cancel: the application gives up")
    func cancelled() async throws {
        guard let sipp = try await Sipp.start("ring-cancel", port: scene().sippPort) else { return }
        let attempt = try scene().attempt("+7")
        let response = try await attempt.post()
        #expect(response.outcome == "201 Ringing", "\(sipp.errors)")
        let id = try attempt.sessionID(of: response)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.reaches("SessionCancelled", id)
        #expect(await sipp.exitCode() == 0, "\(sipp.errors)")
    }

    @Test("bye-by-peer: the callee hangs up")
    func endedByPeer() async throws {
        guard let sipp = try await Sipp.start("bye-by-peer", port: scene().sippPort) else { return }
        let attempt = try scene().attempt("+7")
        let response = try await attempt.post()
        #expect(response.outcome == "201 Connected", "\(sipp.errors)")
        let session = try await attempt.reaches("Terminated", try attempt.sessionID(of: response))
        #expect(session["reason"]?.string?.contains("Q.850;cause=16") ?? false)
        #expect(await sipp.exitCode() == 0, "\(sipp.errors)")
    }
}

/// One run of the sipp program, as a callee or as a caller.
final class Sipp: Sendable {
    private static let program = "/usr/bin/sipp"
    private let exit: Mailbox<Int32>
    private let errorFile: URL
    private let identifier: pid_t

    /// Starts sipp for one call and returns when it listens; nil, with an issue recorded, where it is not installed.
    static func start(_ scenario: String, port: UInt16) async throws -> Sipp? {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            Issue.record("sipp is not installed (Debian package sip-tester)")
            return nil
        }
        let sipp = try Sipp(scenario, port: port, target: [])
        let deadline = ContinuousClock.now + Patience.standard
        while !KernelFile.isBoundUDP(port) {
            guard ContinuousClock.now < deadline, sipp.exit.values.isEmpty else {
                kill(sipp.identifier, SIGKILL)
                throw PatienceLost("listening sipp on \(port)", ladder: sipp.errors)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return sipp
    }

    /// Has sipp make one call to `number` at `gateway`; nil, with an issue recorded, where it is not installed.
    static func place(
        _ scenario: String, from port: UInt16, to gateway: SocketAddress, number: String
    ) throws -> Sipp? {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            Issue.record("sipp is not installed (Debian package sip-tester)")
            return nil
        }
        return try Sipp(scenario, port: port, target: ["-s", number, "\(gateway)"])
    }

    private init(_ scenario: String, port: UInt16, target: [String]) throws {
        errorFile = FileManager.default.temporaryDirectory.appending(path: "sipp-\(port)-\(scenario).log")
        try? FileManager.default.removeItem(at: errorFile)
        let process = Process()
        process.executableURL = URL(filePath: Sipp.program)
        process.arguments =
            [
                "-sf", Resources.path("Scenarios/\(scenario).xml"), "-i", "127.0.0.1", "-p", "\(port)", "-m", "1",
                "-nostdin", "-timeout", "20s", "-timeout_error", "-trace_err", "-error_file", errorFile.path,
            ] + target
        process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "dumb"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let exit = Mailbox<Int32>()
        process.terminationHandler = { exit.put($0.terminationStatus) }
        self.exit = exit
        try process.run()
        identifier = process.processIdentifier
    }

    /// What sipp complains of.
    var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "sipp has no complaint" }

    /// Its exit code, when its one call is over; -1 if it never is.
    func exitCode() async -> Int32 { await exit.next(within: .seconds(30)) ?? -1 }
}
