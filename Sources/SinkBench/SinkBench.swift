import CallCore
import EventSinks
import Foundation
import Synchronization
import TestSink
import TestTLS

/// Measures the delivery engine: events a second to TLS sinks on loopback, and what one costs the delivery thread.
///
/// `SinkBench [EVENTS] [SINKS]`; 100,000 events to 4 sinks by default, as events of 1,000 sessions at once.
/// `SinkBench beside HOST`: see ``Beside``.
@main enum SinkBench {
    static func main() async throws {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "beside" {
            return try await Beside.run(CommandLine.arguments[2])
        }
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let events = min(max(arguments.first ?? 100_000, 1), 2_000_000)
        let sinkCount = min(max(arguments.dropFirst().first ?? 4, 1), 64)

        encodeEvents()
        let run = try await deliver(events, to: sinkCount)
        print(
            """
            delivered      \(run.delivered) of \(events) events to \(sinkCount) sinks in \(format(run.seconds, 2)) s, \
            \(run.connections) connections
            rate           \(Int(Double(run.delivered) / run.seconds)) events/s
            delivery CPU   \(format(run.threadMicroseconds / Double(max(run.delivered, 1)), 1)) us an event, \
            \(format(run.threadMicroseconds / 10_000 / run.seconds, 0)) % of a core
            one core       \(Int(Double(run.delivered) / (run.threadMicroseconds / 1_000_000))) events/s
            handing over   \(format(run.handOverMicroseconds / Double(events), 2)) us an event
            """)
        if run.delivered < events { exit(1) }
    }

    private static func encodeEvents() {
        let event = BenchEvent.make(id: "e", subscription: "s", session: "m", number: 1)
        let clock = ContinuousClock()
        var bytes = 0
        let count = 20_000
        let time = clock.measure { for _ in 0..<count { bytes += event.json.count } }
        print(
            "encoding       \(format(time / .microseconds(1) / Double(count), 1)) us an event of \(bytes / count) bytes"
        )
    }

    private struct Run {
        var delivered: Int
        var connections: Int
        var seconds: Double
        var threadMicroseconds: Double
        var handOverMicroseconds: Double
    }

    private static func deliver(_ events: Int, to sinkCount: Int) async throws -> Run {
        let authority = try TestAuthority()
        let sinks = try (0..<sinkCount).map { _ in try TestSink(authority, keepsRequests: false) }
        var options = EventSinks.Options()
        options.allowList = try SinkAllowList(["127.0.0.0/8"])
        options.certificates = authority.ca
        options.maximumPending = 20_000
        options.maximumPendingPerSubscription = 20_000
        // As many connections as the 2 cores of a test machine keep busy; more only queue in the kernel.
        options.maximumInFlightPerSink = max(4, 32 / sinkCount)
        // At most so many are handed over and not settled.
        let window = DispatchSemaphore(value: 10_000)
        let settled = Atomic(0)
        let cpuTime = Atomic<UInt64>(0)
        // Told on the delivery thread: what that has spent so far. Looked at now and then, for it is a system call.
        options.onOutcome = { _ in
            let number = settled.add(1, ordering: .relaxed).newValue
            if number % 1_000 == 0 || number == events { cpuTime.store(threadCPUTime(), ordering: .relaxed) }
            window.signal()
        }
        let engine = EventSinks(options)
        try await engine.start()

        let urls = try sinks.map { try SinkURL($0.url(host: "127.0.0.1")) }
        let started = ContinuousClock.now
        let handOver = handOver(events, to: urls, engine, window)
        await engine.stop(within: .seconds(60))
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        let run = Run(
            delivered: engine.statistics.delivered, connections: sinks.reduce(0) { $0 + $1.connections },
            seconds: seconds, threadMicroseconds: Double(cpuTime.load(ordering: .relaxed)) / 1_000,
            handOverMicroseconds: handOver)
        for sink in sinks { sink.stop() }
        return run
    }

    /// Hands all events over, as fast as the window lets, and waits for the last. Not async: it blocks.
    private static func handOver(
        _ events: Int, to urls: [SinkURL], _ engine: EventSinks, _ window: DispatchSemaphore
    ) -> Double {
        var spent = Duration.zero
        for number in 0..<events {
            window.wait()
            let session = number % 1_000
            let delivery = BenchEvent.delivery(number, session: session, to: urls[session % urls.count], bound: 600)
            let before = ContinuousClock.now
            engine.deliver(delivery)
            spent += ContinuousClock.now - before
        }
        for _ in 0..<10_000 { window.wait() }
        // Given back, or the semaphore may not go.
        for _ in 0..<10_000 { window.signal() }
        return spent / .microseconds(1)
    }

    /// Of the calling thread, in nanoseconds.
    private static func threadCPUTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
