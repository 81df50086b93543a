import CallCore
import Foundation
import Store
import Testing

@testable import Services

/// What was replied outlives the process: a copy of the database made then has it.
@Suite struct RegistrarDurabilityTests {
    private final class Folder {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(path: "registrar-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        var database: String { path + "/gateway.db" }
    }

    /// The ids that a process started now would find, and when they end.
    private static func afterACrash(_ folder: Folder, at now: Date) async throws -> [String: Date] {
        let copy = try Folder()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.database + suffix) {
            try FileManager.default.copyItem(atPath: folder.database + suffix, toPath: copy.database + suffix)
        }
        var options = StoreOptions()
        options.clock = { now }
        let store = try StoreLocation.sqlite(path: copy.database).open(options: options)
        let live = (1...9).compactMap { store.registration(RegistrationID(rawValue: "R\($0)")) }
        try await store.close()
        return Dictionary(uniqueKeysWithValues: live.map { ($0.id.rawValue, $0.expiresAt) })
    }

    @Test func everyReplyIsKept() async throws {
        let folder = try Folder()
        let office = try Office(at: .sqlite(path: folder.database))
        let standard = office.now + 3_600
        try await office.register("a").success()
        #expect(try await Self.afterACrash(folder, at: office.now) == ["R1": standard])
        try await office.refresh("R1", until: office.now + 120).success()
        #expect(try await Self.afterACrash(folder, at: office.now) == ["R1": office.now + 120])
        try await office.register("a", replacing: true).success()
        #expect(try await Self.afterACrash(folder, at: office.now) == ["R2": standard])
        try await office.end("R2").success()
        #expect(try await Self.afterACrash(folder, at: office.now) == [:])
        try await office.store.close()
    }
}
