import Configuration
import Foundation

/// The gateway's structured log: a level, a message and named fields, as JSON or text, to standard error.
///
/// Cheap to copy; from any thread. A line below the level costs a comparison: neither message nor fields are made.
struct Log: Sendable {
    typealias Level = Configuration.LogLevel

    private let line: LogLine
    private let writer: LogWriter
    private let context: [LogField]
    /// Milliseconds since 1970, UTC.
    private let now: @Sendable () -> Int

    /// Logs as the configuration says, to `descriptor`.
    init(
        _ configuration: Configuration.Log, descriptor: Int32 = STDERR_FILENO,
        limits: LogWriter.Limits = LogWriter.Limits(), now: @escaping @Sendable () -> Int = Log.wallClock
    ) {
        let line = LogLine(format: configuration.format, masksNumbers: configuration.maskNumbers)
        self.line = line
        self.now = now
        context = []
        writer = LogWriter(descriptor: descriptor, limits: limits, level: configuration.level.severity) { count in
            line.bytes(
                time: now(), level: .warning, message: "log lines were dropped: the log's reader is too slow",
                context: [], fields: [LogField("dropped", .integer(count))])
        }
    }

    private init(_ log: Log, context: [LogField]) {
        line = log.line
        writer = log.writer
        now = log.now
        self.context = context
    }

    /// The same log with `fields` in every line.
    func with(_ fields: LogField...) -> Log { Log(self, context: context + fields) }

    /// For finding a fault.
    func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        write(.debug, message, fields)
    }

    /// Calls, starts and stops.
    func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        write(.info, message, fields)
    }

    /// Something an operator should look at.
    func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        write(.warning, message, fields)
    }

    /// Something that did not work.
    func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        write(.error, message, fields)
    }

    /// What is written whatever the configuration's level is.
    func always(_ level: Level, _ message: String, _ fields: [LogField]) {
        writer.append(line.bytes(time: now(), level: level, message: message, context: context, fields: fields))
    }

    /// From now on another level holds, for every copy of this log. Any thread.
    func set(_ level: Level) { writer.level.store(level.severity, ordering: .relaxed) }

    /// Lines that found no room since the start. Any thread.
    var droppedLines: Int { writer.dropped }

    /// Writes what is queued before the program ends; false if the reader did not take it in time.
    @discardableResult
    func close(timeout: DispatchTimeInterval = .seconds(2)) -> Bool { writer.close(timeout: timeout) }

    private func write(_ level: Level, _ message: () -> String, _ fields: () -> [LogField]) {
        guard level.severity >= writer.level.load(ordering: .relaxed) else { return }
        writer.append(
            line.bytes(time: now(), level: level, message: message(), context: context, fields: fields()))
    }

    /// The system's clock, in milliseconds since 1970.
    static func wallClock() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
