import Foundation

/// The program `StoreCrashWriter`, built beside these tests.
final class WriterProcess {
    private let process = Process()
    private let input = Pipe()
    private var lines: AsyncStream<String>.Iterator

    init(_ arguments: String...) throws {
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(filePath: test).deletingLastPathComponent().appending(path: "StoreCrashWriter")
        let output = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        lines = WriterProcess.lines(output.fileHandleForReading).makeAsyncIterator()
    }

    var identifier: Int32 { process.processIdentifier }

    /// The next line; nil when the process has ended and all is read.
    func line() async -> String? { await lines.next() }

    /// Reads on a thread of its own: a read that waits must not hold one that other tests need.
    private static func lines(_ output: FileHandle) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            var unread: [UInt8] = []
            while case let more = output.availableData, !more.isEmpty {
                unread += more
                while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: unread[..<end], as: UTF8.self))
                    unread.removeFirst(end + 1)
                }
            }
            continuation.finish()
        }
        return stream
    }

    /// SIGKILL: it has no chance to do anything about it.
    func kill() {
        Foundation.kill(identifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Ends its standard input and waits for it.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
