import CallCore
import Foundation
import Testing

@testable import Store

/// Files of every earlier version, and new ones, end in the same form.
@Suite struct MigrationTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func make(version: Int, at path: String) throws {
        let fixture = try #require(Bundle.module.url(forResource: "Resources/version\(version)", withExtension: "sql"))
        try Data().write(to: URL(filePath: path))
        try Connection(path: path, busyTimeout: 0).execute(try String(contentsOf: fixture, encoding: .utf8))
    }

    private func form(_ path: String) throws -> [String] {
        var result: [String] = []
        let connection = try Connection(path: path, busyTimeout: 0)
        try connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").run { row in
            result.append("\(row.text(0)) \(row.text(1)) \(row.text(2))")
        }
        result.append("version \(try connection.integer("PRAGMA user_version") ?? -1)")
        return result
    }

    @Test(arguments: 1...Schema.version) func takesAnEarlierVersionOver(_ version: Int) async throws {
        try make(version: version, at: folder.database)
        var options = StoreOptions()
        options.clock = { Date(timeIntervalSince1970: 1_782_820_900) }
        let store = try NodeStore(sqlite: folder.database, options: options)
        let number = try #require(PhoneNumber("+17085854002"))
        #expect(
            store.registration(RegistrationID(rawValue: "r2"))
                == Registration(
                    id: RegistrationID(rawValue: "r2"), owner: SessionOwner(client: "app", user: number),
                    number: number, deviceID: "d2", createdAt: Date(timeIntervalSince1970: 1_782_820_800.123456),
                    expiresAt: Date(timeIntervalSince1970: 1_782_824_400.123456)))
        #expect(store.statistics().registrations == 2)
        if version >= 2 {
            let subscription = store.subscription(SubscriptionID(rawValue: "s1"))
            #expect(subscription?.types.map(\.kind) == [.sessionStatus, .sessionInvitation])
            #expect(subscription?.credential?.accessToken == "token")
            #expect(store.countEvent(of: SubscriptionID(rawValue: "s1")) == 4)
            #expect(await store.all().map(\.id) == ["e1", "e2"])
        }
        try await store.close()

        let new = folder.path + "/new.db"
        try await NodeStore(sqlite: new).close()
        #expect(try form(folder.database) == form(new))
    }

    /// All steps or none: a failing one leaves the version that was.
    @Test func aFailedStepLeavesTheFileAsItWas() throws {
        try make(version: 1, at: folder.database)
        let before = try form(folder.database)
        do {
            let connection = try Connection(path: folder.database, busyTimeout: 0)
            #expect(throws: SQLiteError.self) {
                try Schema.migrate(connection, from: 1, steps: ["", "CREATE TABLE new (id); SELECT nothing"])
            }
        }
        #expect(try form(folder.database) == before)
    }
}
