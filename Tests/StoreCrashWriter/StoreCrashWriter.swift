import CallCore
import Foundation
import Store

/// A program for the crash tests: writes to a store as fast as it can and says what it was told is durable, until it is
/// killed.
///
///     StoreCrashWriter write PATH ROUND     one line for each acknowledged change, from several tasks at once
///     StoreCrashWriter hold PATH            opens the store, says so, and keeps it until standard input ends
///
/// Each task works through entries of its own, `ROUND-task-number`: `A id` once it is added, `R id` once its expiry is
/// moved by a minute, `D id` once it is removed again, which every third one is.
@main struct StoreCrashWriter {
    static let tasks = 8

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else { throw Misuse() }
        let store = try StoreLocation.sqlite(path: arguments[2]).open()
        if arguments[1] == "hold" {
            say("open")
            while readLine() != nil {}
            return try await store.close()
        }
        guard arguments[1] == "write", arguments.count == 4, let round = Int(arguments[3]) else { throw Misuse() }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    do {
                        try await write(to: store, round: round, task: task)
                    } catch {
                        say("E \(error)")
                    }
                }
            }
        }
    }

    private static func write(to store: any Store, round: Int, task: Int) async throws {
        let prefix = "\(round)-\(task)"
        // The crash tests kill the process long before the end.
        for number in 0..<10_000 {
            let id = RegistrationID(rawValue: "\(prefix)-\(number)")
            guard let phone = PhoneNumber("+1\((round * tasks + task) * 10_000 + number + 10_000)") else {
                throw Misuse()
            }
            let now = Date()
            let registration = Registration(
                id: id, owner: SessionOwner(client: prefix), number: phone, deviceID: prefix, createdAt: now,
                expiresAt: now + 3_600)
            try await store.add(registration, ifPresent: .replace)
            say("A \(id)")
            try await store.refreshRegistration(id, until: now + 3_660)
            say("R \(id)")
            if number % 3 == 0 {
                store.removeRegistration(id)
                try await store.flush()
                say("D \(id)")
            }
        }
    }

    /// One line in one system call, so that none is torn when the process dies.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    struct Misuse: Error {}
}
