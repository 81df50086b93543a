import Foundation
import TestPeer
import Testing

@testable import Resolver

/// Look-ups at a name server of our own.
@Suite struct ResolverTests {
    private func resolver(
        _ server: NameServer, _ change: (inout Resolver.Options) -> Void = { _ in }
    ) throws -> Resolver {
        var options = Resolver.Options()
        options.servers = server.servers
        options.timeout = .seconds(30)
        // Nothing is asked twice because the machine is busy.
        options.attemptTimeout = .seconds(20)
        change(&options)
        return try Resolver(options)
    }

    private func look(
        _ resolver: Resolver, _ name: String, _ type: RecordType
    ) async -> Result<[DNSRecord], ResolverError> {
        await withCheckedContinuation { continuation in
            resolver.lookUp(name, type: type) { continuation.resume(returning: $0) }
        }
    }

    @Test func readsAddressesWithTheirTimes() async throws {
        let server = try NameServer { query in
            query.type == 1
                ? .records([(1, 300, [192, 0, 2, 1]), (1, 60, [192, 0, 2, 2])])
                : .records([(28, 120, [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])])
        }
        let resolver = try resolver(server)
        let four = try await look(resolver, "sink.example", .a).get()
        #expect(Set(four.map(\.content)) == [.a([192, 0, 2, 1]), .a([192, 0, 2, 2])])
        #expect(four.allSatisfy { (1...300).contains($0.timeToLive) })
        let six = try await look(resolver, "SINK.example.", .aaaa).get()
        #expect(six.map(\.content) == [.aaaa([0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])])
        // The second time nobody is asked.
        #expect(try await look(resolver, "sink.example", .a).get() == four)
        #expect(server.queries.values.map(\.type) == [1, 28])
    }

    @Test func readsServersAndRulesWithTheirTimes() async throws {
        let server = try NameServer { query in
            if query.type == 33 {
                let content = [UInt16(10), 60, 5060].flatMap(NameServer.bytes) + NameServer.name("p1.ims.example")
                return .records([(33, 77, content)])
            }
            let content =
                [UInt16(20), 30].flatMap(NameServer.bytes)
                + ["s", "SIP+D2T", ""].flatMap(NameServer.text) + NameServer.name("_sip._tcp.ims.example")
            return .records([(35, 78, content)])
        }
        let resolver = try resolver(server)
        #expect(
            await look(resolver, "_sip._udp.ims.example", .srv)
                == .success([
                    DNSRecord(
                        content: .srv(DNSRecord.SRV(priority: 10, weight: 60, port: 5060, target: "p1.ims.example")),
                        timeToLive: 77)
                ]))
        let rule = DNSRecord.NAPTR(
            order: 20, preference: 30, flags: "s", service: "SIP+D2T", expression: "",
            replacement: "_sip._tcp.ims.example")
        #expect(
            await look(resolver, "ims.example", .naptr)
                == .success([DNSRecord(content: .naptr(rule), timeToLive: 78)]))
    }

    @Test(arguments: RecordType.allCases)
    func tellsWhyThereIsNothing(type: RecordType) async throws {
        let server = try NameServer { query in
            if query.name.hasPrefix("none") { return .failure(3) }
            if query.name.hasPrefix("broken") { return .failure(2) }
            return query.name.hasPrefix("empty") ? .records([]) : .silence
        }
        let resolver = try resolver(server) {
            $0.timeout = .seconds(60)
            $0.attemptTimeout = .milliseconds(200)
        }
        #expect(await look(resolver, "none.example", type) == .failure(.noSuchName))
        #expect(await look(resolver, "empty.example", type) == .failure(.noSuchRecord))
        #expect(await look(resolver, "broken.example", type) == .failure(.serverFailure))
        #expect(await look(resolver, "silent.example", type) == .failure(.timeout))
        #expect(await look(resolver, "not a name", type) == .failure(.badName))
    }

    @Test func endsInTimeWhateverTheServersDo() async throws {
        let server = try NameServer { _ in .silence }
        let resolver = try resolver(server) {
            $0.timeout = .milliseconds(50)
            $0.attemptTimeout = .seconds(3_600)
        }
        #expect(await look(resolver, "silent.example", .a) == .failure(.timeout))
    }

    @Test func asksOverTCPForWhatUDPCannotHold() async throws {
        let server = try NameServer { query in
            guard query.isTCP else { return .truncated }
            return .records((0..<200).map { (33, 60, [0, 1, 0, 1, 19, 196] + NameServer.name("p\($0).example")) })
        }
        let resolver = try resolver(server)
        #expect(try await look(resolver, "_sip._udp.example", .srv).get().count == 200)
        #expect(server.queries.values.map(\.isTCP) == [false, true])
    }

    @Test func isNotDelayedByADomainThatHangs() async throws {
        let server = try NameServer { query in
            query.name.hasSuffix("dead.example") ? .silence : .records([(1, 60, [192, 0, 2, 1])])
        }
        let resolver = try resolver(server) {
            $0.timeout = .seconds(60)
            $0.attemptTimeout = .seconds(60)
            $0.maximumInFlightPerGroup = 4
        }
        let dead = Mailbox<Result<[DNSRecord], ResolverError>>()
        for number in 0..<500 { resolver.lookUp("n\(number).dead.example", type: .a) { dead.put($0) } }
        #expect(try await look(resolver, "sink.good.example", .a).get().count == 1)
        #expect(server.queries.values.count { $0.name.hasSuffix("dead.example") } <= 4)
        resolver.stop()
        for _ in 0..<500 { #expect(await dead.next() == .failure(.cancelled)) }
        #expect(await look(resolver, "late.example", .a) == .failure(.cancelled))
    }

    @Test func givesUpALookUpAndTakesItsAnswerForTheNext() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try NameServer { _ in .after(gate, .records([(1, 60, [192, 0, 2, 1])])) }
        let resolver = try resolver(server)
        let given = Mailbox<Result<[DNSRecord], ResolverError>>()
        let lookUp = resolver.lookUp("slow.example", type: .a) { given.put($0) }
        #expect(await server.queries.next() != nil)
        resolver.cancel(lookUp)
        #expect(await given.next() == .failure(.cancelled))
        resolver.lookUp("slow.example", type: .a) { given.put($0) }
        gate.signal()
        #expect(try await given.next()?.get().count == 1)
        #expect(server.queries.values.isEmpty)
    }

    @Test func takesTheHostsFilesWord() async throws {
        let server = try NameServer { _ in .failure(3) }
        let resolver = try resolver(server)
        #expect(try await look(resolver, "localhost", .a).get().map(\.content) == [.a([127, 0, 0, 1])])
        #expect(server.queries.values.isEmpty)
    }

    @Test("What the old servers leave unanswered is asked of the new ones")
    func takesTheSystemsNewServers() async throws {
        let old = try NameServer { _ in .silence }
        let new = try NameServer(host: "127.0.0.2", port: old.port) { _ in .records([(1, 60, [192, 0, 2, 1])]) }
        let file = FileManager.default.temporaryDirectory.appending(path: "resolver-test-\(old.port).conf")
        defer { try? FileManager.default.removeItem(at: file) }
        try "nameserver 127.0.0.1\n".write(to: file, atomically: true, encoding: .utf8)
        var options = Resolver.Options()
        options.settingsFile = file.path
        options.settingsInterval = .zero
        options.port = old.port
        options.timeout = .seconds(60)
        options.attemptTimeout = .seconds(60)
        let resolver = try Resolver(options)
        let answers = Mailbox<Result<[DNSRecord], ResolverError>>()
        resolver.lookUp("first.example", type: .a) { answers.put($0) }
        #expect(await old.queries.next() != nil)
        try "nameserver 127.0.0.2\n".write(to: file, atomically: true, encoding: .utf8)
        resolver.lookUp("second.example", type: .a) { answers.put($0) }
        for _ in 0..<2 { #expect(try await answers.next()?.get().count == 1) }
        #expect(Set(new.queries.values.map(\.name)) == ["first.example", "second.example"])
        #expect(old.queries.values.isEmpty)
    }

    @Test func refusesServersThatAreNone() {
        var options = Resolver.Options()
        options.servers = "no address"
        #expect(throws: ResolverError.self) { try Resolver(options) }
    }
}

/// Answers as bytes.
@Suite struct DNSMessageTests {
    private static let header: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
    private static let answer: [UInt8] =
        header + NameServer.name("a.example") + [0, 33, 0, 1] + [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 17]
        + [0, 1, 0, 2, 19, 196] + NameServer.name("b.example")

    @Test func readsItsOwnSample() throws {
        let content = DNSRecord.Content.srv(DNSRecord.SRV(priority: 1, weight: 2, port: 5060, target: "b.example"))
        #expect(try DNSMessage.records(Self.answer, type: .srv) == [DNSRecord(content: content, timeToLive: 9)])
        #expect(try DNSMessage.records(Self.answer, type: .naptr).isEmpty)
    }

    @Test("Every piece of an answer is refused, and no byte of it brings the reader down")
    func survivesPiecesAndNoise() {
        for length in 0..<Self.answer.count {
            #expect(throws: ResolverError.badAnswer) {
                try DNSMessage.records(Array(Self.answer.prefix(length)), type: .srv)
            }
        }
        for place in Self.answer.indices {
            for byte: UInt8 in [0, 1, 0x3F, 0x7F, 0xC0, 0xFF] {
                var noise = Self.answer
                noise[place] = byte
                for type in RecordType.allCases { _ = try? DNSMessage.records(noise, type: type) }
            }
        }
    }
}
