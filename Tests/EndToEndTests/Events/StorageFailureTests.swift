import Foundation
import SQLite3
import TestPeer
import TestSink
import Testing

/// A disk that refuses: additions are answered 503, calls and events go on, and nobody has to do anything but mend the
/// disk (docs/storage.md, "When something is wrong").
@Suite(.sharing, .serialized) struct StorageFailureTests {
    /// What works and what does not while nothing can be written.
    private func expectDegraded(_ stored: StoredScene, _ device: Device, _ registration: String) async throws {
        let other = try Device(stored.scene, .r3)
        let refused = try await other.send("POST", Release.r3.registrations, json: ["deviceId": .string(other.id)])
        #expect(refused.outcome == "503 UNAVAILABLE", "\(refused.text)")
        #expect(refused["Retry-After"] != nil)
        #expect(!refused.text.contains("gateway.db"), "\(refused.text)")
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let subscription = try await device.send(
            "POST", Release.r3.subscriptions, json: device.subscriptionBody(to: inbox.url, Device.Wish()))
        #expect(subscription.outcome == "503 UNAVAILABLE", "\(subscription.text)")
    }

    /// Makes a call, and waits for its events.
    private func call(_ device: Device, _ registration: String, _ inbox: EventInbox) async throws {
        try await device.callSomebodyBusy(registration: registration)
        _ = try await inbox.status("Ringing")
        _ = try await inbox.status("Busy")
    }

    /// Runs a gateway whose disk `breaks` and `heals`.
    private func check(
        _ stored: StoredScene, breaks: () throws -> Void, heals: () throws -> Void
    ) async throws {
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let device = try Device(stored.scene, .r3)
        let registration = try await device.register()
        _ = try await device.subscribe(to: inbox.url, Device.Wish())
        let degraded = stored.scene.gateway.nextLine { $0.contains("\"store cannot write\"") }
        let recovered = stored.scene.gateway.nextLine { $0.contains("\"store writes again\"") }
        try breaks()
        try await expectDegraded(stored, device, registration)
        #expect(await degraded.next() != nil, "\(stored.scene.gateway.logTail)")
        try await call(device, registration, inbox)
        try heals()
        #expect(await recovered.next() != nil, "\(stored.scene.gateway.logTail)")
        _ = try await Device(stored.scene, .r3).register()
        try await call(device, registration, inbox)
        try await stored.end()
    }

    @Test("Another program keeps the database locked")
    func locked() async throws {
        try await StoredScene.run { stored in
            var database: OpaquePointer?
            try #require(sqlite3_open_v2(stored.database, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
            defer { sqlite3_close(database) }
            try await check(stored) {
                try #require(sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
            } heals: {
                try #require(sqlite3_exec(database, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
            }
        }
    }

    @Test("The disk is full", .enabled(if: SmallDisk.isPossible, "needs root and unshare(1)"))
    func full() async throws {
        let disk = SmallDisk()
        try await StoredScene.run(launcher: disk.launcher, folder: disk.folder) { stored in
            try await check(stored) {
                try disk.fill(seenBy: stored.scene.gateway.identifier)
            } heals: {
                try disk.empty(seenBy: stored.scene.gateway.identifier)
            }
        }
    }
}

/// A file system of 1 MiB in memory that one process alone sees.
struct SmallDisk {
    let folder = FileManager.default.temporaryDirectory.appending(path: "small-disk-\(UUID().uuidString)")

    static var isPossible: Bool {
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")
    }

    /// Mounts it and becomes the command that follows.
    var launcher: [String] {
        let script = "mount -t tmpfs -o size=1m,mode=700 none '\(folder.path)' && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }

    private func filler(_ process: Int32) -> String { "/proc/\(process)/root\(folder.path)/filler" }

    /// Writes until there is no room left, through the process's own view of the file system.
    func fill(seenBy process: Int32) throws {
        let file = open(filler(process), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(file >= 0, "\(errno)")
        defer { close(file) }
        for size in [4_096, 1] {
            let block = [UInt8](repeating: 0, count: size)
            while write(file, block, size) > 0 {}
            try #require(errno == ENOSPC)
        }
    }

    func empty(seenBy process: Int32) throws {
        try #require(unlink(filler(process)) == 0)
    }
}
