import CallCore
import EventSinks
import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// Sinks whose names a name server of our own answers for.
@Suite struct SinkNameTests {
    private static let loopback: [UInt8] = [127, 0, 0, 1]
    /// ::ffff:127.0.0.2
    private static let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 127, 0, 0, 2]

    private func rig(
        _ server: NameServer, _ change: (inout EventSinks.Options) throws -> Void = { _ in }
    ) async throws -> Rig {
        try await Rig.make {
            $0.nameServers = server.servers
            try change(&$0)
        }
    }

    private func sink(_ script: @escaping TestSink.Script = { _ in .status(204) }) throws -> TestSink {
        try TestSink(
            Rig.authority.get(), names: "DNS:good.example,DNS:*.good.example,DNS:localhost,IP:127.0.0.1", script: script
        )
    }

    /// Answers for IPv4 alone.
    private static func v4(_ query: NameServer.Query, _ addresses: [[UInt8]], life: UInt32 = 60) -> NameServer.Reply {
        .records(query.type == 1 ? addresses.map { (1, life, $0) } : [])
    }

    @Test("Many names on dead servers take no place from a sink, nor any from each other")
    func manyDeadNamesDelayNoOtherSink() async throws {
        let server = try NameServer { query in
            query.name.hasSuffix("dead.example") ? .silence : SinkNameTests.v4(query, [SinkNameTests.loopback])
        }
        let sink = try sink()
        let rig = try await rig(server) {
            // Were these held by look-ups, which end after seconds, the good ones would wait for minutes.
            $0.maximumInFlight = 4
            $0.timeout = .seconds(60)
        }
        for number in 0..<300 {
            try rig.deliver("d\(number)", to: "https://n\(number).dead.example/", subscription: "d\(number)")
        }
        #expect(await server.queries.next { $0.name.hasSuffix("dead.example") } != nil)
        for number in 0..<10 {
            try rig.deliver(
                "g\(number)", to: sink.url(host: "s\(number).good.example"), subscription: "g\(number)")
        }
        for number in 0..<10 {
            let outcome = try await rig.outcome("g\(number)")
            #expect(outcome.result == .delivered)
            #expect(outcome.attempts == 1)
        }
        #expect(rig.outcomes.values.isEmpty, "a dead name's event has ended")
        await rig.sinks.stop(within: .zero)
        sink.stop()
    }

    @Test func asksOnceForManyEventsAtOneName() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try NameServer { query in
            query.type == 1 ? .after(gate, .records([(1, 60, SinkNameTests.loopback)])) : .records([])
        }
        let sink = try sink()
        let rig = try await rig(server)
        for number in 0..<100 {
            try rig.deliver("e\(number)", to: sink.url(host: "good.example"), session: "m\(number)")
        }
        // Nothing is awaited before this: the resolver gives a query up that is not answered within seconds.
        gate.signal()
        for number in 0..<100 { #expect(try await rig.outcome("e\(number)").result == .delivered) }
        #expect(Set(server.queries.values.filter { $0.type == 1 }.map(\.id)).count == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func waitsForNoIPv6WhereThereIsIPv4() async throws {
        let server = try NameServer { query in
            query.type == 28 ? .silence : SinkNameTests.v4(query, [SinkNameTests.loopback])
        }
        let sink = try sink()
        let rig = try await rig(server) { $0.timeout = .seconds(60) }
        try rig.deliver("e1", to: sink.url(host: "good.example"))
        #expect(try await rig.outcome("e1").result == .delivered)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func connectsToThePermittedAddressesOfANameOnly() async throws {
        let server = try NameServer { query in
            switch query.name {
            case "mixed.good.example": SinkNameTests.v4(query, [[127, 0, 0, 2], SinkNameTests.loopback])
            case "mapped.good.example":
                .records(query.type == 28 ? [(28, 60, SinkNameTests.mapped)] : [])
            default: SinkNameTests.v4(query, [[127, 0, 0, 2]])
            }
        }
        let sink = try sink()
        let rig = try await rig(server) { $0.allowList = try SinkAllowList(["127.0.0.1/32"]) }
        try rig.deliver("mixed", to: sink.url(host: "mixed.good.example"), subscription: "s1")
        #expect(try await rig.outcome("mixed").result == .delivered)
        for name in ["private", "mapped"] {
            try rig.deliver(name, to: sink.url(host: "\(name).good.example"), subscription: name)
            #expect(try await rig.outcome(name).result == .dropped(.refusedAddress), "\(name)")
        }
        #expect(sink.connections == 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test(arguments: [NameServer.Reply.failure(2), .failure(5)])
    func triesAgainWhereTheServersFail(reply: NameServer.Reply) async throws {
        let isMended = Atomic(false)
        let server = try NameServer { query in
            isMended.load(ordering: .relaxed) ? SinkNameTests.v4(query, [SinkNameTests.loopback]) : reply
        }
        let sink = try sink()
        let rig = try await rig(server)
        try rig.deliver("e1", to: sink.url(host: "good.example"))
        // A retry is a look-up of its own.
        for _ in 0..<4 { #expect(await server.queries.next() != nil) }
        isMended.store(true, ordering: .relaxed)
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .delivered)
        #expect(outcome.attempts > 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func saysThatANameWasNotResolved() async throws {
        let server = try NameServer { _ in .failure(3) }
        let rig = try await rig(server)
        try rig.deliver("e1", to: "https://none.example/", bound: 1)
        let outcome = try await rig.outcome("e1")
        #expect(outcome.result == .dropped(.expired))
        #expect(outcome.lastFailure == .nameNotResolved)
        await rig.sinks.stop(within: .seconds(5))
    }

    @Test func endsALookUpInTheTimeOfAnAttempt() async throws {
        let server = try NameServer { _ in .silence }
        let rig = try await rig(server) { $0.timeout = .milliseconds(200) }
        try rig.deliver("e1", to: "https://silent.example/", bound: 2)
        let outcome = try await rig.outcome("e1")
        #expect(outcome.lastFailure == .nameNotResolved)
        #expect(outcome.attempts >= 1)
        await rig.sinks.stop(within: .seconds(5))
    }

    @Test func goesOnWithAKnownAddressWhileTheServersAreSilent() async throws {
        let isSilent = Atomic(false)
        let server = try NameServer { query in
            isSilent.load(ordering: .relaxed)
                ? .silence : SinkNameTests.v4(query, [SinkNameTests.loopback], life: 0)
        }
        let sink = try sink { _ in .status(204, headers: ["Connection": "close"]) }
        let time = Mutex(UInt64(0))
        let rig = try await rig(server) {
            $0.timeout = .seconds(60)
            $0.clock.monotonic = { DeliveryClock.system.monotonic() + time.withLock { $0 } }
        }
        try rig.deliver("e0", to: sink.url(host: "good.example"), sequenceNumber: 1)
        #expect(try await rig.outcome("e0").result == .delivered)
        isSilent.store(true, ordering: .relaxed)
        while server.queries.values.isEmpty == false { _ = await server.queries.next() }
        var (number, left) = (1, 10)
        while left > 0 {
            // Past the address' life. The resolver keeps it for a second: from then on the servers are asked.
            time.withLock { $0 += 6_000_000_000 }
            try rig.deliver(
                "e\(number)", to: sink.url(host: "good.example"), sequenceNumber: number + 1, bound: 1_000_000)
            let outcome = try await rig.outcome("e\(number)")
            #expect(outcome.result == .delivered)
            #expect(outcome.attempts == 1)
            if !server.queries.values.isEmpty { left -= 1 }
            number += 1
            try #require(number < 20_000)
        }
        #expect(sink.connections == number)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    /// The address was looked up again; libcurl must be told, and the new one checked as the first was.
    @Test func followsANameToItsNewAddressOnlyIfThatMayBeConnectedTo() async throws {
        let isMoved = Atomic(false)
        let server = try NameServer { query in
            let address = isMoved.load(ordering: .relaxed) ? [127, 0, 0, 2] : SinkNameTests.loopback
            return SinkNameTests.v4(query, [address], life: 0)
        }
        // Each event has a connection of its own.
        let sink = try sink { _ in .status(204, headers: ["Connection": "close"]) }
        let time = Mutex(UInt64(0))
        let rig = try await rig(server) {
            $0.allowList = try SinkAllowList(["127.0.0.1/32"])
            $0.clock.monotonic = { DeliveryClock.system.monotonic() + time.withLock { $0 } }
        }
        try rig.deliver("e1", to: sink.url(host: "good.example"), sequenceNumber: 1)
        #expect(try await rig.outcome("e1").result == .delivered)
        isMoved.store(true, ordering: .relaxed)
        var number = 2
        while true {
            // Past the address' life: it is used once more while it is looked up. The resolver keeps it for a second.
            time.withLock { $0 += 6_000_000_000 }
            try rig.deliver("e\(number)", to: sink.url(host: "good.example"), sequenceNumber: number)
            let result = try await rig.outcome("e\(number)").result
            if result == .dropped(.refusedAddress) { break }
            #expect(result == .delivered)
            try #require(number < 20_000)
            number += 1
        }
        #expect(sink.connections == number - 1)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }
}
