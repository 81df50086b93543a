import CallCore
import Foundation
import Testing

@testable import Store

/// A process that dies at any moment leaves a file with all that it had acknowledged.
@Suite(.serialized) struct CrashTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Kills a writing process many times over, always on the same file.
    @Test(.timeLimit(.minutes(1))) func everythingAcknowledgedSurvivesKill() async throws {
        var random = SeededRandom(seed: UInt64(ProcessInfo.processInfo.processIdentifier))
        var expected = Acknowledged()
        for round in 0..<25 {
            let writer = try WriterProcess("write", folder.database, "\(round)")
            for _ in 0..<Int.random(in: 1...400, using: &random) {
                let line = try #require(await writer.line(), "the writer ended by itself: \(expected.errors)")
                expected.note(line)
            }
            writer.kill()
            // What it said before it died counts as well.
            while let line = await writer.line() { expected.note(line) }

            let store = try NodeStore(sqlite: folder.database)
            let stored = store.shared.read { $0.registrations.all }
            expected.check(stored, round: round)
            try await store.close()
        }
        #expect(expected.errors == [])
        #expect(expected.last.count > 200)
    }

    /// What is known of each entry from the writer's lines.
    private struct Acknowledged {
        var last: [String: Character] = [:]
        var errors: [String] = []

        mutating func note(_ line: String) {
            guard let kind = line.first, kind != "E" else { return errors.append(line) }
            last[String(line.dropFirst(2))] = kind
        }

        func check(_ stored: [RegistrationID: Registration], round: Int) {
            for (id, kind) in last {
                let found = stored[RegistrationID(rawValue: id)]
                // Removed next, so it may be gone without having been told so.
                let isRemovedNext = Int(id.split(separator: "-")[2]).map { $0.isMultiple(of: 3) } ?? false
                switch kind {
                case "A": #expect(found != nil || isRemovedNext, "\(id) was added, round \(round)")
                case "R":
                    #expect(found != nil || isRemovedNext, "\(id) was refreshed, round \(round)")
                    if let found {
                        let life = found.expiresAt.timeIntervalSince(found.createdAt)
                        #expect(abs(life - 3_660) < 0.001, "\(id) was refreshed, round \(round)")
                    }
                default: #expect(found == nil, "\(id) was removed, round \(round)")
                }
            }
            // Each task of each round may have had one change under way that nobody heard of.
            let unheardOf = stored.keys.count { last[$0.rawValue] == nil }
            #expect(unheardOf <= (round + 1) * 8)
        }
    }

    /// A log that ends anywhere, as after a power failure: the store opens with what was committed up to there.
    @Test func aLogCutAnywhereIsReadable() async throws {
        let store = try NodeStore(sqlite: folder.database)
        let start = Date(timeIntervalSince1970: 1_782_820_800)
        for index in 0..<30 {
            try await store.add(
                .test("r\(index)", device: "d\(index)", number: index, created: start), ifPresent: .refuse)
        }
        let database = try Data(contentsOf: URL(filePath: folder.database))
        let log = try Data(contentsOf: URL(filePath: folder.database + "-wal"))
        try await store.close()
        #expect(log.count > 30 * 4_096)

        var known = 0
        for cut in stride(from: 0, through: log.count, by: 1_511).map({ $0 }) + [log.count] {
            let path = folder.path + "/cut-\(cut).db"
            try database.write(to: URL(filePath: path))
            // What follows the cut is what a disk might have there instead.
            let rest = Data(repeating: 0xA5, count: cut % 2 == 0 ? 0 : 4_096)
            try (log.prefix(cut) + rest).write(to: URL(filePath: path + "-wal"))
            let reopened = try NodeStore(sqlite: path)
            let found = reopened.shared.read { Set($0.registrations.all.keys.map(\.rawValue)) }
            #expect(found == Set((0..<found.count).map { "r\($0)" }))
            #expect(found.count >= known)
            known = found.count
            try await reopened.close()
        }
        #expect(known == 30)
    }
}
