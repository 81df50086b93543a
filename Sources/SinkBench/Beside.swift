import CallCore
import EventSinks
import Foundation
import Synchronization
import TestSink
import TestTLS

/// What a dead sink costs a good one: events to a good sink, one after the other, for as long as events to another host are
/// tried and given up. Prints the longest time that a good one took. A test runs it with name servers that are silent.
enum Beside {
    static func run(_ host: String) async throws {
        let dead = try SinkURL("https://\(host)/")
        let authority = try TestAuthority()
        let sink = try TestSink(authority, keepsRequests: false)
        var options = EventSinks.Options()
        options.allowList = try SinkAllowList(["127.0.0.0/8"])
        options.certificates = authority.ca
        // Several attempts run into it before the dead sink's events are given up.
        options.timeout = .milliseconds(500)
        let (outcomes, continuation) = AsyncStream.makeStream(of: DeliveryOutcome.self)
        options.onOutcome = { continuation.yield($0) }
        let engine = EventSinks(options)
        try await engine.start()

        let deadEvents = 20
        for number in 0..<deadEvents {
            engine.deliver(BenchEvent.delivery(number, session: number, to: dead, bound: 3))
        }
        let good = try SinkURL(sink.url(host: "127.0.0.1"))
        var (given, taken, longest) = (0, 0, Duration.zero)
        engine.deliver(BenchEvent.delivery(deadEvents, session: 0, to: good, bound: 60))
        for await outcome in outcomes {
            if outcome.delivery.sink == dead {
                given += 1
                if given == deadEvents { break }
            } else {
                taken += outcome.result == .delivered ? 1 : 0
                longest = max(longest, outcome.latency)
                engine.deliver(BenchEvent.delivery(deadEvents + taken, session: 0, to: good, bound: 60))
            }
        }
        print("delivered \(taken) beside \(given) given up; longest \(Int(longest / .milliseconds(1))) ms")
        await engine.stop(within: .seconds(5))
        sink.stop()
    }
}
