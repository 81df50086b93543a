import CallCore
import Foundation
import SQLite3
import Testing

@testable import Store

/// The file of a SQLite store: what it survives, and what is said when it cannot be used.
@Suite struct FileTests {
    private let folder: TestFolder
    private let start = Date(timeIntervalSince1970: 1_782_820_800)

    init() throws { folder = try TestFolder() }

    private func open(_ path: String? = nil, busyTimeout: Duration = .milliseconds(20)) throws -> NodeStore {
        var options = StoreOptions()
        options.clock = { [start] in start }
        options.busyTimeout = busyTimeout
        options.retry = .milliseconds(5)
        return try NodeStore(sqlite: path ?? folder.database, options: options)
    }

    private func expectRefusal(_ cause: StorageFailure.Cause, at path: String? = nil) {
        let path = path ?? folder.database
        #expect(throws: StorageFailure(cause, path: path)) { try open(path) }
    }

    private func permissions(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func keepsEveryFieldOverARestart() async throws {
        let registrations = try [
            Registration.test("r1", device: "", number: 1, client: "", user: true, created: start),
            Registration.test("r2", device: "dé\u{0}'\"💥", number: 2, client: "a\nb", created: start + 0.123_456),
        ]
        let store = try open()
        for registration in registrations { try await store.add(registration, ifPresent: .refuse) }
        try await store.close()
        let reopened = try open()
        for registration in registrations { #expect(reopened.registration(registration.id) == registration) }
        try await reopened.close()
    }

    @Test func extremeTimesAreKept() async throws {
        var registration = try Registration.test("r1", created: .distantPast)
        registration.expiresAt = .distantFuture
        let store = try open()
        try await store.add(registration, ifPresent: .refuse)
        try await store.close()
        let reopened = try open()
        #expect(reopened.registration(registration.id) == registration)
        try await reopened.close()
        #expect(SQLValue(Date(timeIntervalSince1970: .infinity)).number == 9_000_000_000_000_000_000)
        #expect(SQLValue(Date(timeIntervalSince1970: .nan)).number == 0)
    }

    @Test func isReadableByItsOwnerAlone() async throws {
        try Data().write(to: URL(filePath: folder.database))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.database)
        let store = try open()
        try await store.add(.test("r1", created: start), ifPresent: .refuse)
        for suffix in ["", "-wal", "-shm", "-lock"] { #expect(try permissions(folder.database + suffix) == 0o600) }
        try await store.close()
        #expect(try permissions(folder.database) == 0o600)
    }

    @Test func leavesOneFileAndItsLockWhenClosed() async throws {
        let store = try open()
        try await store.add(.test("r1", created: start), ifPresent: .refuse)
        try await store.close()
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == ["gateway.db", "gateway.db-lock"])
    }

    @Test func belongsToOneProcess() async throws {
        let other = try WriterProcess("hold", folder.database)
        #expect(await other.line() == "open")
        expectRefusal(.inUse(process: other.identifier))
        // By another name as well.
        let link = folder.path + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.database)
        expectRefusal(.inUse(process: other.identifier), at: link)
        other.end()
        let store = try open()
        expectRefusal(.inUse(process: getpid()))
        try await store.close()
        try await open().close()
    }

    /// A killed process holds nothing.
    @Test func aDeadProcessHoldsNoLock() async throws {
        let other = try WriterProcess("hold", folder.database)
        #expect(await other.line() == "open")
        other.kill()
        try await open().close()
    }

    @Test func canBeReadAndCopiedWhileInUse() async throws {
        let store = try open()
        try await store.add(.test("r1", created: start), ifPresent: .refuse)
        let copy = folder.path + "/copy.db"
        do {
            let reader = try Connection(path: folder.database, busyTimeout: 0)
            #expect(try reader.integer("SELECT count(*) FROM registrations") == 1)
            try reader.execute("VACUUM INTO '\(copy)'")
        }
        try await store.add(.test("r2", device: "d2", created: start), ifPresent: .refuse)
        try await store.close()
        let backup = try open(copy)
        #expect(backup.statistics().registrations == 1)
        try await backup.close()
    }

    @Test func anotherProgramsLockIsWaitedForAndThenTold() async throws {
        let store = try open()
        let other = try Connection(path: folder.database, busyTimeout: 0)
        try other.execute("BEGIN IMMEDIATE")
        await #expect(throws: StoreError.unavailable(StorageFailure(.locked, path: folder.database))) {
            try await store.add(.test("r1", created: start), ifPresent: .refuse)
        }
        try other.execute("ROLLBACK")
        try await eventually { store.statistics().failure == nil }
        try await store.add(.test("r1", created: start), ifPresent: .refuse)
        try await store.close()
    }

    @Test func saysWhatItCannotUse() throws {
        expectRefusal(.folderMissing, at: folder.path + "/none/gateway.db")
        expectRefusal(.foreignFile, at: folder.path)
        expectRefusal(.foreignFile, at: "/dev/null")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "-lock"))
        let file = URL(filePath: folder.database)
        try Data("these are other people's notes, and more than a header of them is needed".utf8).write(to: file)
        expectRefusal(.foreignFile)
        #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("these are"))
    }

    /// What the system says decides only where SQLite has just asked it.
    @Test(arguments: [
        (SQLITE_IOERR, ENOSPC, StorageFailure.Cause.diskFull), (SQLITE_IOERR, EIO, .inputOutput),
        (SQLITE_CANTOPEN, EROFS, .notPermitted), (SQLITE_CANTOPEN, EMFILE, .tooManyFiles),
        (SQLITE_CANTOPEN, 0, .notPermitted), (SQLITE_BUSY, ENOSPC, .locked), (SQLITE_FULL, 0, .diskFull),
        (SQLITE_READONLY | 4 << 8, 0, .notPermitted), (SQLITE_NOMEM, 0, .other(code: SQLITE_NOMEM)),
    ])
    func readsSQLitesResults(_ code: Int32, _ systemError: Int32, _ cause: StorageFailure.Cause) {
        #expect(SQLiteError(code, systemError: systemError, message: "").cause == cause)
    }

    @Test func leavesOtherProgramsDatabasesAlone() throws {
        try Data().write(to: URL(filePath: folder.database))
        do {
            let other = try Connection(path: folder.database, busyTimeout: 0)
            try other.execute("CREATE TABLE registrations (id)")
        }
        let before = try Data(contentsOf: URL(filePath: folder.database))
        expectRefusal(.foreignFile)
        do {
            let other = try Connection(path: folder.database, busyTimeout: 0)
            try other.execute("PRAGMA application_id = 7; PRAGMA user_version = 1")
        }
        expectRefusal(.foreignFile)
        #expect(before.count == (try Data(contentsOf: URL(filePath: folder.database))).count)
    }

    @Test func leavesANewerVersionAlone() async throws {
        try await open().close()
        try Connection(path: folder.database, busyTimeout: 0).execute("PRAGMA user_version = 99")
        expectRefusal(.newerVersion(found: 99, known: Schema.version))
        let message = StorageFailure(.newerVersion(found: 99, known: 2), path: "gateway.db").description
        #expect(
            message == "gateway.db: its format is version 99, this release knows up to 2; "
                + "run the newer release again, or restore a backup made before the upgrade")
    }

    /// Damage at many places: the store opens with what it had, or says that the file is damaged; it never crashes.
    @Test func saysThatItIsDamaged() async throws {
        let store = try open()
        for index in 0..<200 {
            try await store.add(
                .test("r\(index)", device: "d\(index)", number: index, created: start), ifPresent: .refuse)
        }
        try await store.close()
        let whole = try Data(contentsOf: URL(filePath: folder.database))
        var refused = 0
        for place in stride(from: 0, to: whole.count - 64, by: 1_013) {
            var damaged = whole
            for offset in 0..<64 { damaged[place + offset] = ~damaged[place + offset] }
            let path = folder.path + "/damaged-\(place).db"
            try damaged.write(to: URL(filePath: path))
            do {
                try await open(path).close()
            } catch {
                switch error as? StorageFailure {
                case .some(let failure) where failure.path == path:
                    switch failure.cause {
                    case .corrupt, .foreignFile, .newerVersion: refused += 1
                    default: Issue.record("\(failure)")
                    }
                default: Issue.record("\(error)")
                }
            }
        }
        #expect(refused > 5)
        // Cut in the middle.
        try whole.prefix(whole.count / 2).write(to: URL(filePath: folder.database))
        #expect { try open() } throws: {
            if case .corrupt = ($0 as? StorageFailure)?.cause { true } else { false }
        }
    }

    @Test func aRowThatCannotBeIsDamageToo() async throws {
        try await open().close()
        try Connection(path: folder.database, busyTimeout: 0).execute(
            "INSERT INTO registrations VALUES ('r', 'c', NULL, 'no number', 'd', 0, 0)")
        expectRefusal(.corrupt("registrations: a number that is none"))
    }

    @Test func aFullDatabaseRefusesAndRecovers() async throws {
        var options = StoreOptions()
        options.clock = { [start] in start }
        options.retry = .milliseconds(5)
        let (journal, loaded) = try SQLiteJournal.open(folder.database, busyTimeout: .zero, maximumPages: 26)
        let store = NodeStore(journal: journal, loaded: loaded, options: options)
        try await fillUp(store)
        #expect(store.registration(RegistrationID(rawValue: "r0")) != nil)
        // Removals free pages.
        for index in 0..<100 { store.removeRegistration(RegistrationID(rawValue: "r\(index)")) }
        try await eventually { store.statistics().failure == nil }
        try await store.add(.test("again", device: "again", number: 1, created: start), ifPresent: .refuse)
        let held = store.shared.read { $0.registrations.all }
        try await store.close()
        let reopened = try open()
        #expect(reopened.shared.read { $0.registrations.all } == held)
        try await reopened.close()
    }

    @Test(.enabled(if: SmallDisk.isAvailable)) func aFullDiskRefusesAndRecovers() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let path = disk.path + "/gateway.db"
        let store = try open(path)
        try await store.add(.test("first", device: "first", created: start), ifPresent: .refuse)
        try disk.fill()
        try await fillUp(store)
        #expect(store.registration(RegistrationID(rawValue: "first")) != nil)
        try disk.empty()
        try await eventually { store.statistics().failure == nil }
        try await store.add(.test("again", device: "again", number: 1, created: start), ifPresent: .refuse)
        let held = store.shared.read { $0.registrations.all }
        try await store.close()
        let reopened = try open(path)
        #expect(reopened.shared.read { $0.registrations.all } == held)
        try await reopened.close()
    }

    /// Adds until the disk refuses, which must be for want of room and must leave no trace.
    private func fillUp(_ store: NodeStore) async throws {
        for index in 0..<5_000 {
            do throws(StoreError) {
                let device = "d\(index)" + String(repeating: "x", count: 200)
                let registration = try? Registration.test("r\(index)", device: device, number: index, created: start)
                guard let registration else { continue }
                try await store.add(registration, ifPresent: .refuse)
            } catch {
                guard case .unavailable(let failure) = error else { throw error }
                #expect(failure.cause == .diskFull)
                #expect(store.registration(RegistrationID(rawValue: "r\(index)")) == nil)
                return
            }
        }
        Issue.record("never full")
    }

    @Test(.enabled(if: SmallDisk.isAvailable)) func saysThatItsDiskIsReadOnlyOrFull() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let path = disk.path + "/gateway.db"
        try await open(path).close()
        try disk.makeReadOnly()
        expectRefusal(.notPermitted, at: path)
        let full = try SmallDisk(bytes: 16_384)
        try full.fill()
        expectRefusal(.diskFull, at: full.path + "/gateway.db")
    }

    @Test(.enabled(if: geteuid() != 0)) func saysThatItMayNotWrite() async throws {
        try await open().close()
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder.database)
        expectRefusal(.notPermitted)
    }
}

extension SQLValue {
    fileprivate var number: Int64? { if case .integer(let number) = self { number } else { nil } }
}
