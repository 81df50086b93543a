import Testing

@testable import Resolver

/// Who asks the servers, who waits, who is answered from what is known.
@Suite struct LookUpTableTests {
    private static let second: UInt64 = 1_000_000_000
    private static let record = DNSRecord(content: .a([192, 0, 2, 1]), timeToLive: 60)

    private func question(_ name: String) -> Question { Question(name, .a) }

    private func table(_ change: (inout LookUpTable.Limits) -> Void = { _ in }) -> LookUpTable {
        var limits = LookUpTable.Limits()
        change(&limits)
        return LookUpTable(limits: limits)
    }

    private func taken(_ table: inout LookUpTable) -> [LookUpTable.Action] {
        defer { table.actions = [] }
        return table.actions
    }

    @Test func asksOnceForAllWhoAskTheSame() {
        var table = table()
        table.ask(1, Question("A.Example.", .a), group: nil, now: 0)
        table.ask(2, question("a.example"), group: "other", now: 0)
        #expect(taken(&table) == [.query(question("a.example"))])
        table.answered(question("a.example"), .success([Self.record]), now: 5)
        #expect(
            taken(&table) == [.complete(1, .success([Self.record])), .complete(2, .success([Self.record]))])
        #expect(table.pending == 0 && table.inFlight == 0)
    }

    @Test func keepsAnAnswerForItsTimeAndAsksAgainAfterIt() {
        var table = table()
        table.ask(1, question("a.example"), group: nil, now: 0)
        table.answered(question("a.example"), .success([Self.record]), now: 0)
        _ = taken(&table)
        table.ask(2, question("a.example"), group: nil, now: 60 * Self.second - 1)
        #expect(taken(&table) == [.complete(2, .success([Self.record]))])
        table.ask(3, question("a.example"), group: nil, now: 60 * Self.second)
        #expect(taken(&table) == [.query(question("a.example"))])
        table.ask(4, Question("a.example", .aaaa), group: nil, now: 0)
        #expect(taken(&table) == [.query(Question("a.example", .aaaa))], "another type is another question")
    }

    @Test(arguments: [
        (ResolverError.noSuchName, true), (.noSuchRecord, true), (.serverFailure, false), (.timeout, false),
        (.badAnswer, false),
    ])
    func remembersOnlyWhatTheServersKnow(error: ResolverError, isKept: Bool) {
        var table = table()
        table.ask(1, question("a.example"), group: nil, now: 0)
        table.answered(question("a.example"), .failure(error), now: 0)
        _ = taken(&table)
        table.ask(2, question("a.example"), group: nil, now: 1)
        #expect(taken(&table) == [isKept ? .complete(2, .failure(error)) : .query(question("a.example"))])
    }

    @Test func leavesRoomBesideAGroupThatHangs() {
        var table = table {
            $0.inFlight = 4
            $0.inFlightPerGroup = 2
        }
        for number in 1...50 { table.ask(UInt64(number), question("h\(number).dead.example"), group: "t1", now: 0) }
        #expect(taken(&table).count == 2)
        table.ask(51, question("good.example"), group: "t2", now: 0)
        #expect(taken(&table) == [.query(question("good.example"))])
        // A place that comes free goes on to the next of the group.
        table.answered(question("h1.dead.example"), .failure(.timeout), now: 1)
        #expect(taken(&table) == [.complete(1, .failure(.timeout)), .query(question("h3.dead.example"))])
    }

    @Test func sharesTheRoomInTurns() {
        var table = table { $0.inFlight = 1 }
        table.ask(1, question("a1.a.example"), group: "a", now: 0)
        table.ask(2, question("a2.a.example"), group: "a", now: 0)
        table.ask(3, question("a3.a.example"), group: "a", now: 0)
        table.ask(4, question("b1.b.example"), group: "b", now: 0)
        #expect(taken(&table) == [.query(question("a1.a.example"))])
        var order: [LookUpTable.Action] = []
        for name in ["a1.a.example", "a2.a.example", "b1.b.example"] {
            table.answered(question(name), .failure(.timeout), now: 0)
            order += taken(&table).filter { if case .query = $0 { true } else { false } }
        }
        #expect(order == ["a2.a.example", "b1.b.example", "a3.a.example"].map { .query(question($0)) })
    }

    @Test func takesNamesOfOneDomainForOneGroup() {
        var table = table { $0.inFlightPerGroup = 1 }
        table.ask(1, question("a.dead.example"), group: nil, now: 0)
        table.ask(2, question("b.dead.example"), group: nil, now: 0)
        table.ask(3, question("a.good.example"), group: nil, now: 0)
        #expect(taken(&table) == [.query(question("a.dead.example")), .query(question("a.good.example"))])
    }

    @Test func endsWhatWaitsTooLongThoughItsQueryHangs() {
        var table = table {
            $0.timeout = 100
            $0.inFlight = 1
        }
        table.ask(1, question("a.example"), group: nil, now: 0)
        table.ask(2, question("b.example"), group: nil, now: 10)
        _ = taken(&table)
        #expect(table.nextDeadline == 100)
        table.advance(to: 99)
        #expect(taken(&table).isEmpty)
        table.advance(to: 110)
        #expect(taken(&table) == [.complete(1, .failure(.timeout)), .complete(2, .failure(.timeout))])
        #expect(table.pending == 0 && table.nextDeadline == nil)
        // What nobody waits for any more is not asked; what comes late is kept all the same.
        table.answered(question("a.example"), .success([Self.record]), now: 120)
        #expect(taken(&table).isEmpty)
        table.ask(3, question("a.example"), group: nil, now: 121)
        #expect(taken(&table) == [.complete(3, .success([Self.record]))])
    }

    @Test func givesUpOneOfThoseWhoAsk() {
        var table = table()
        table.ask(1, question("a.example"), group: nil, now: 0)
        table.ask(2, question("a.example"), group: nil, now: 0)
        _ = taken(&table)
        table.cancel(1)
        table.cancel(1)
        table.cancel(7)
        #expect(taken(&table) == [.complete(1, .failure(.cancelled))])
        table.answered(question("a.example"), .success([Self.record]), now: 1)
        #expect(taken(&table) == [.complete(2, .success([Self.record]))])
        table.ask(3, question("b.example"), group: nil, now: 2)
        _ = taken(&table)
        table.cancelAll()
        #expect(taken(&table) == [.complete(3, .failure(.cancelled))])
    }

    @Test func refusesMoreThanMayWait() {
        var table = table { $0.pending = 2 }
        for id: UInt64 in 1...3 { table.ask(id, question("n\(id).example"), group: nil, now: 0) }
        #expect(taken(&table).last == .complete(3, .failure(.busy)))
    }

    @Test(arguments: ["", ".", "a..b", "a b", "ä.example", String(repeating: "a", count: 64), "a/b", "a\0b"])
    func asksForNothingThatIsNoName(name: String) {
        var table = table()
        table.ask(1, question(name), group: nil, now: 0)
        #expect(taken(&table) == [.complete(1, .failure(.badName))])
    }

    @Test func keepsNoMoreAnswersThanItMay() {
        var cache = AnswerCache(maximum: 2)
        for name in ["a", "b", "a", "c"] { cache.keep(question(name), .success([Self.record]), until: 100) }
        #expect(cache.count == 2)
        #expect(cache.answer(question("b"), now: 0) == nil)
        #expect(cache.answer(question("a"), now: 0) != nil)
        #expect(cache.answer(question("a"), now: 100) == nil)
        #expect(cache.count == 1)
    }
}
