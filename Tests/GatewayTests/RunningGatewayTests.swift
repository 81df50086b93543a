import Foundation
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
