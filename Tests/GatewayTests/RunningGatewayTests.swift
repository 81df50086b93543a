import Foundation
import Synchronization
import Testing

@testable import Gateway

/// How `gateway drain` finds the process.
@Suite struct RunningGatewayTests {
    private func path() -> String { "/nowhere/\(UUID().uuidString).yaml" }

    @Test func isFoundWhileItLivesAndNotAfter() throws {
        let path = path()
        #expect(throws: RunningGateway.Missing.notRunning) { try RunningGateway.find(configurationPath: path) }
        var presence = RunningGateway.announce(configurationPath: path)
        #expect(presence != nil)
        let found = try RunningGateway.find(configurationPath: path)
        #expect(found.process == getpid())
        // The second with the same file is refused, and does not take the first one's place.
        #expect(RunningGateway.announce(configurationPath: path) == nil)
        presence = nil
        // Returns: a connection that nobody accepts ends with the socket.
        found.waitForEnd()
        #expect(throws: RunningGateway.Missing.notRunning) { try RunningGateway.find(configurationPath: path) }
    }

    @Test func itIsAskedAndAnswers() async throws {
        let path = path()
        var presence = RunningGateway.announce(configurationPath: path)
        let early = try RunningGateway.find(configurationPath: path)
        // Who connects and says nothing, or something else, keeps nobody from asking.
        let mute = try RunningGateway.find(configurationPath: path)
        let reactions = Mutex<[Drain.Reaction]>([.drain, .hurry])
        presence?.answer(
            drain: { reactions.withLock { $0.removeFirst() } }, reload: { Reload(refused: "not asked for") })
        #expect(try early.drain() == Drain.Reaction.drain.rawValue)
        let later = try RunningGateway.find(configurationPath: path)
        #expect(try later.drain() == Drain.Reaction.hurry.rawValue)
        presence = nil
        early.waitForEnd()
        later.waitForEnd()
        mute.waitForEnd()
        #expect(throws: RunningGateway.Missing.notRunning) { try RunningGateway.find(configurationPath: path) }
    }

    @Test func itIsAskedToReload() throws {
        let path = path()
        let presence = RunningGateway.announce(configurationPath: path)
        let wrong = String(repeating: "gateway.yaml:1:1: wrong\n", count: 5_000)
        let answers = Mutex([
            Reload(refused: wrong),
            Reload(changed: ["trunks"], restartOnly: ["storage"], warnings: ["a.yaml: warning: old"]),
        ])
        presence?.answer(drain: { .drain }, reload: { answers.withLock { $0.removeFirst() } })
        let refused = try #require(try RunningGateway.find(configurationPath: path).reload())
        #expect(!refused.isTaken)
        #expect(refused.text == wrong)
        let taken = try #require(try RunningGateway.find(configurationPath: path).reload())
        #expect(taken.isTaken)
        #expect(
            taken.text == """
                a.yaml: warning: old
                reloaded; changed: trunks
                takes effect at the next start only: storage

                """)
        withExtendedLifetime(presence) {}
    }

    /// It ended between being found and being asked.
    @Test func oneThatEndsIsToldNothing() throws {
        let path = path()
        var presence = RunningGateway.announce(configurationPath: path)
        let found = try RunningGateway.find(configurationPath: path)
        withExtendedLifetime(presence) {}
        presence = nil
        #expect(try found.drain() == nil)
        found.waitForEnd()
    }

    /// Somebody has the name and does not know what it is for.
    @Test func whoDoesNotAnswerIsNotWaitedForLong() throws {
        let path = path()
        let presence = RunningGateway.announce(configurationPath: path)
        let found = try RunningGateway.find(configurationPath: path)
        #expect(throws: RunningGateway.Missing.silent) { try found.drain(within: 1) }
        withExtendedLifetime(presence) {}
    }

    @Test func onlyItsUserAndRootMayAsk() {
        #expect(RunningGateway.Peer.mayAsk(1_000, of: 1_000))
        #expect(RunningGateway.Peer.mayAsk(0, of: 1_000))
        #expect(!RunningGateway.Peer.mayAsk(1_001, of: 1_000))
        #expect(!RunningGateway.Peer.mayAsk(1_000, of: 0))
        #expect(!RunningGateway.Peer.mayAsk(65_534, of: 1_000))
    }

    @Test func twoWaysToOneFileAreOneName() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "gateway.yaml").path
        let link = folder.appending(path: "link.yaml").path
        try Data().write(to: URL(filePath: file))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(RunningGateway.name(configurationPath: link) == RunningGateway.name(configurationPath: file))
        let other = RunningGateway.name(configurationPath: folder.path + "/other.yaml")
        #expect(other != RunningGateway.name(configurationPath: file))
        // As long as a path may be, the name fits.
        let long = "/" + String(repeating: "x", count: 4_000)
        #expect(RunningGateway.name(configurationPath: long).utf8.count < 100)
    }
}
