@testable import Configuration
import Foundation
import Synchronization
import Testing

@testable import Gateway

@Suite struct NumberMaskTests {
    @Test(arguments: [
        ("call to +17085854000 failed", "call to +*********00 failed"),
        ("tel:+1-708-585-4000;x=1", "tel:+*-***-***-**00;x=1"),
        ("sip:+17085854000@ims.example", "sip:+*********00@ims.example"),
        ("SIPS:17085854000@ims.example", "SIPS:*********00@ims.example"),
        ("tel:0170 1", "tel:0170 1"),
        ("tel:01701", "tel:***01"),
        ("/sessions?to=%2B17085854000", "/sessions?to=%2B*********00"),
        ("++12345", "++***45"),
        ("+1234", "+1234"),
        ("sip:10.11.12.13:15060", "sip:10.11.12.13:15060"),
        ("200 OK at 17:00:00.123456", "200 OK at 17:00:00.123456"),
        ("a@b-1234567890", "a@b-1234567890"),
        ("%2", "%2"),
        ("+", "+"),
        ("", ""),
    ])
    func hidesWhatShowsItselfAsANumber(_ text: String, _ expected: String) {
        #expect(NumberMask.masked(text) == expected)
    }

    @Test(arguments: [
        ("+17085854000", "+*********00"), ("017012345", "*******45"), ("112", "112"), ("anonymous", "anonymous"),
        ("x+17085854000y12345", "x+*********00y***45"),
    ])
    func hidesEveryRunInANumber(_ text: String, _ expected: String) {
        #expect(NumberMask.maskedNumber(text) == expected)
    }
}

@Suite struct LogLineTests {
    private let time = 1_782_820_800_123  // 2026-06-30T12:00:00.123Z

    private func text(_ line: LogLine, _ message: String, _ fields: [LogField]) -> String {
        String(
            decoding: line.bytes(
                time: time, level: .info, message: message, context: [.trunk("ims")], fields: fields),
            as: UTF8.self)
    }

    @Test func writesJSON() {
        let line = LogLine(format: .json, masksNumbers: true)
        let fields = [
            LogField.reason("SIP 486 \"Busy\""), LogField("status", .integer(486)), LogField("isLast", .boolean(true)),
            LogField("took", .duration(.milliseconds(1250))), LogField("caller", .phone("0170123456")),
        ]
        #expect(
            text(line, "call to +17085854000 ended", fields)
                == #"{"time":"2026-06-30T12:00:00.123Z","level":"info","message":"call to +*********00 ended","#
                + #""trunk":"ims","reason":"SIP 486 \"Busy\"","status":486,"isLast":true,"took":1250,"#
                + #""caller":"********56"}"# + "\n")
    }

    @Test func writesText() {
        let line = LogLine(format: .text, masksNumbers: false)
        #expect(
            text(line, "call to +17085854000 ended", [.reason("SIP 486 Busy"), .callID("a@b"), .correlator("")])
                == #"2026-06-30T12:00:00.123Z info call to +17085854000 ended trunk=ims reason="SIP 486 Busy" "#
                + #"callId=a@b correlator="""# + "\n")
    }

    /// Log injection: whatever comes in, one call makes one line, and JSON stays the JSON that was meant.
    @Test(arguments: [
        "a\nb", "a\r\nlevel=error", "\u{1b}[31m", "\u{0}", "\u{7f}", "\u{9b}2J", "\u{202e}evil", "\u{2028}", "\"}{\\",
        "🙂 ü",
    ])
    func keepsTextText(_ text: String) throws {
        for format in Configuration.LogFormat.allCases {
            let bytes = LogLine(format: format, masksNumbers: true).bytes(
                time: time, level: .error, message: text, context: [], fields: [.reason(text)])
            #expect(bytes.count { $0 == 0x0a } == 1 && bytes.last == 0x0a)
            let line = String(decoding: bytes.dropLast(), as: UTF8.self)
            #expect(!line.unicodeScalars.contains(where: LogEscaping.isUnsafe))
            if format == .json {
                let parsed = try JSONDecoder().decode([String: String].self, from: Data(bytes))
                #expect(parsed["message"] == text && parsed["reason"] == text && parsed.count == 4)
            }
        }
    }

    @Test func cutsWhatIsTooLong() {
        let long = String(repeating: "ü", count: 10_000)
        let bytes = LogLine(format: .json, masksNumbers: true).bytes(
            time: time, level: .info, message: long, context: [], fields: [.reason(long)])
        #expect(bytes.count < LogLine.maximumMessage + LogLine.maximumValue + 200)
        #expect(String(validating: bytes, as: UTF8.self) != nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_234_567_890_120, "2009-02-13T23:31:30.120Z"),
    ])
    func tellsTheTime(milliseconds: Int, text: String) {
        var bytes: [UInt8] = []
        LogLine.append(time: milliseconds, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}

@Suite struct LogTests {
    private static func settings(_ level: Configuration.LogLevel) -> Configuration.Log {
        Configuration.Log(level: level, format: .text, maskNumbers: true)
    }

    @Test func writesFromItsLevelUpInOrder() throws {
        let pipe = Pipe()
        let log = Log(
            Self.settings(.warning), descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { 0 })
        let child = log.with(.trunk("a"), .callID("x"))
        log.debug(Self.mustNotBeMade())
        log.info(Self.mustNotBeMade(), [.reason(Self.mustNotBeMade())])
        log.warning("first")
        child.error("second", [LogField("status", .integer(503))])
        #expect(log.close())
        log.error("after the end")
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let time = "1970-01-01T00:00:00.000Z"
        #expect(text == "\(time) warning first\n\(time) error second trunk=a callId=x status=503\n")
    }

    private static func mustNotBeMade() -> String {
        Issue.record("a line below the level was made")
        return ""
    }

    /// Nobody reads, the pipe is full, and the callers go on; once somebody reads, the loss is told.
    @Test func aStalledReaderCostsLinesNotTime() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        Self.fill(descriptor)
        let log = Log(Self.settings(.info), descriptor: descriptor, limits: LogWriter.Limits(lines: 10), now: { 0 })
        for number in 0..<500 { log.info("line \(number)") }
        // The writer is stuck in its first batch: the queue's ten lines at most, and ten more wait.
        #expect(log.close(timeout: .milliseconds(1)) == false)

        let reader = PipeReader(pipe)
        #expect(log.close(timeout: .seconds(30)))
        try pipe.fileHandleForWriting.close()
        let lines = reader.wait().split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        let reports = lines.compactMap { $0.split(separator: " dropped=").dropFirst().first.flatMap { Int($0) } }
        let dropped = reports.reduce(0, +)
        #expect(dropped >= 480)
        #expect(lines.count - reports.count + dropped == 500)
        #expect(lines.first == "1970-01-01T00:00:00.000Z info line 0")
    }

    /// Writes empty lines until a pipe takes no more.
    private static func fill(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        let newlines = [UInt8](repeating: UInt8(ascii: "\n"), count: 4096)
        while write(descriptor, newlines, newlines.count) > 0 {}
        _ = fcntl(descriptor, F_SETFL, flags)
    }

    @Test func manyThreadsWriteWholeLines() throws {
        let pipe = Pipe()
        let log = Log(Self.settings(.info), descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { 0 })
        let reader = PipeReader(pipe)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<200 { log.info("line \(thread) \(number)") }
        }
        #expect(log.close(timeout: .seconds(30)))
        try pipe.fileHandleForWriting.close()
        let lines = reader.wait().split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        let expected = Set((0..<8).flatMap { t in (0..<200).map { "1970-01-01T00:00:00.000Z info line \(t) \($0)" } })
        #expect(lines.count == 1600)
        #expect(Set(lines) == expected)
    }
}

/// Reads a pipe to its end on a thread of its own.
private final class PipeReader: Sendable {
    private let content = Mutex(Data())
    private let ended = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
        let file = pipe.fileHandleForReading
        Thread.detachNewThread {
            let all = file.readDataToEndOfFile()
            self.content.withLock { $0 = all }
            self.ended.signal()
        }
    }

    /// Waits for the end: all writing ends must be closed.
    func wait() -> Data {
        ended.wait()
        return content.withLock { $0 }
    }
}
