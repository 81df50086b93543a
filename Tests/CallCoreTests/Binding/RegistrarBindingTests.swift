import Testing

@testable import CallCore

/// The trunk's own binding: asked for, refreshed, asked for again, taken back.
@Suite struct RegistrarBindingTests {
    private var book = BindingBook(isStanding: true)

    @Test mutating func isAskedForAndRefreshed() {
        #expect(book.want() == [.send(expires: 3_600)])
        #expect(book.condition == .trying)
        #expect(book.answer(200, granted: 3_600).isEmpty)
        #expect(book.condition == .registered)
        // TS 24.229 §5.1.1.4.1: 600 s before the end, or half of what is no longer than 1200 s.
        #expect(book.wakes == 3_000)
        #expect(book.due() == [.send(expires: 3_600)])
        #expect(book.answer(200, granted: 1_200).isEmpty)
        #expect(book.wakes == 3_600)
    }

    @Test(
        "What the registrar grants counts",
        arguments: [(nil, 3_000), (600, 300), (1, 1), (UInt32.max, 604_200)] as [(UInt32?, Double)])
    func granted(granted: UInt32?, refresh: Double) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        _ = book.answer(200, granted: granted)
        #expect(book.wakes == refresh)
    }

    @Test mutating func aChallengeIsAnsweredAndHasAnEnd() {
        _ = book.want()
        var sent = 0
        while book.answer(401, isAnswerable: true) == [.send(expires: 3_600)] { sent += 1 }
        #expect(sent == RegistrarBinding.maximumRepeats)
        #expect(book.condition == .refused)
    }

    @Test mutating func aWrongPasswordIsAlarmedAndTriedHoursLater() {
        _ = book.want()
        let told = book.answer(401)
        #expect(told == [.alarm("the registrar refuses the credentials (SIP 401); check auth")])
        #expect(book.condition == .refused)
        #expect(book.wakes.map { (3_600...7_200).contains($0) } == true)
        _ = book.due()
        #expect(book.answer(407).count == 1, "told again: it is rare enough")
    }

    @Test mutating func whatHadNowhereToGoIsSentOnceItHas() {
        _ = book.want()
        _ = book.answer(503, isInternal: true)
        #expect(book.tell(.reachable) == [.send(expires: 3_600)])
        #expect(book.tell(.reachable).isEmpty, "it is under way")
        _ = book.answer(200, granted: 3_600)
        #expect(book.tell(.reachable).isEmpty)
    }

    @Test mutating func whatAnotherRegistrarSaysCountsAnew() {
        let policy = RegistrationPolicy(expires: 900)
        #expect(book.tell(.renew).isEmpty, "nobody wants it")
        _ = book.want()
        #expect(book.tell(.renew).isEmpty, "it is under way")
        #expect(book.tell(.moved(policy)) == [.send(expires: 900)], "what is under way gets no answer")
        _ = book.answer(401)
        #expect(book.condition == .refused)
        #expect(book.tell(.moved(policy)).isEmpty)
        #expect(book.condition == .trying)
        #expect(book.tell(.renew) == [.send(expires: 900)])
        #expect(book.answer(423, minExpires: 1_000) == [.send(expires: 1_000)])
        _ = book.answer(503)
        #expect(book.tell(.renew) == [.send(expires: 1_000)])
        _ = book.answer(503)
        _ = book.tell(.moved(policy))
        #expect(book.tell(.renew) == [.send(expires: 900)], "the longer time was the other registrar's wish")
        #expect(book.answer(503).contains { if case .alarm = $0 { true } else { false } }, "told anew")
        _ = book.tell(.renew)
        #expect(book.answer(200, granted: 900).isEmpty)
        #expect(book.tell(.renew) == [.send(expires: 900)])
        #expect(book.condition == .registered, "what the network has bound stays bound meanwhile")
        _ = book.answer(200, granted: 900)
        _ = book.tell(.release)
        #expect(book.tell(.moved(policy)) == [.send(expires: 0)], "what is taken back is taken back")
        #expect(book.answer(200) == [.finish])
    }

    @Test mutating func aLongerTimeIsAskedForWhereTheRegistrarWantsIt() {
        _ = book.want()
        #expect(book.answer(423, minExpires: 7_200) == [.send(expires: 7_200)])
        _ = book.answer(200, granted: 7_200)
        #expect(book.due() == [.send(expires: 7_200)], "it is remembered")
    }

    @Test(
        "423 that asks for nothing sensible is a failure",
        arguments: [nil, 0, 3_600, UInt32.max] as [UInt32?])
    func senselessMinExpires(minExpires: UInt32?) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        let told = book.answer(423, minExpires: minExpires)
        #expect(!told.contains { if case .send = $0 { true } else { false } })
        #expect(book.condition == .trying)
    }

    @Test(
        "Failures that pass are tried again after a time that doubles and is drawn from its upper half",
        arguments: [408, 480, 500, 503, 504, 600])
    func backoff(status: Int) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        var bound = 30.0
        for attempt in 0..<12 {
            let told = book.answer(status, draw: UInt64(attempt) &* 0x9E37_79B9_7F4A_7C15)
            #expect(told.count == (attempt == 0 ? 1 : 0), "one alarm until it works")
            let wait = (book.wakes ?? 0) - book.now
            #expect((bound / 2...bound).contains(wait), "\(wait) after failure \(attempt + 1)")
            #expect(book.due() == [.send(expires: 3_600)])
            bound = min(1_800, bound * 2)
        }
        _ = book.answer(200, granted: 3_600)
        _ = book.due()
        #expect(book.answer(status).count == 1, "and an alarm when it fails again")
        #expect((15...30).contains((book.wakes ?? 0) - book.now))
    }

    @Test(arguments: [(60, 60.0), (100_000, 3_600), (1, 15)] as [(UInt32, Double)])
    func retryAfterIsKept(seconds: UInt32, wait: Double) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        _ = book.answer(503, retryAfter: seconds)
        #expect(book.wakes == wait)
    }

    @Test(
        "What is refused for good",
        arguments: [(403, "account"), (404, "account"), (604, "account"), (400, "registration"), (501, "registration")])
    func refusals(status: Int, word: String) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        let told = book.answer(status)
        guard case .alarm(let text) = told.first else {
            Issue.record("\(told)")
            return
        }
        #expect(text.contains(word) && text.contains("\(status)"))
        #expect(book.condition == .refused)
    }

    @Test mutating func aBindingThatCannotBeRefreshedRunsOutAndIsAskedForAgain() {
        _ = book.want()
        _ = book.answer(200, granted: 60)
        _ = book.due()
        #expect(book.answer(408, isInternal: true).count == 1)
        #expect(book.condition == .registered)
        book.pass(31)
        #expect(book.condition == .trying)
        #expect(book.due() == [.send(expires: 3_600)])
        _ = book.answer(200, granted: 60)
        #expect(book.condition == .registered)
    }

    @Test(arguments: [(408, true), (503, true), (503, false)])
    func aRegistrarThatCannotAnswerMakesWayForTheNext(status: Int, isInternal: Bool) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        for _ in 0...RegistrarBinding.maximumRepeats {
            #expect(book.answer(status, isInternal: isInternal, hasNext: true) == [.send(expires: 3_600)])
        }
        #expect(book.answer(401, isAnswerable: true) == [.send(expires: 3_600)], "it is asked for credentials yet")
        #expect(book.answer(status, isInternal: isInternal).count == 1, "the last one's failure is told")
        #expect(book.due() == [.send(expires: 3_600)])
    }

    @Test mutating func itsEndIsNotedWhateverIsUnderWay() {
        _ = book.want()
        _ = book.answer(200, granted: 60)
        _ = book.due()
        #expect(book.wakes == 60, "the refresh has no answer yet")
        #expect(book.condition == .registered)
        #expect(book.due().isEmpty)
        #expect(book.condition == .trying && book.wakes == nil)
        _ = book.answer(200, granted: 60)
        _ = book.due()
        _ = book.answer(403)
        #expect(book.condition == .registered)
        #expect(book.due().isEmpty)
        #expect(book.condition == .refused)
        #expect(book.due() == [.send(expires: 3_600)])
    }

    @Test mutating func noTimeIsNoBinding() {
        _ = book.want()
        #expect(book.answer(200, granted: 0).count == 1)
        #expect(book.condition == .trying)
    }

    // MARK: - The end

    @Test mutating func isTakenBack() {
        _ = book.want()
        _ = book.answer(200, granted: 3_600)
        #expect(book.tell(.release) == [.send(expires: 0)])
        #expect(book.answer(401, isAnswerable: true) == [.send(expires: 0)])
        #expect(book.answer(200) == [.finish])
    }

    @Test(arguments: [200, 403, 408, 503]) func whateverIsAnswered(status: Int) {
        var book = BindingBook(isStanding: true)
        _ = book.want()
        _ = book.answer(200, granted: 3_600)
        _ = book.tell(.release)
        #expect(book.answer(status) == [.finish])
    }

    @Test mutating func isTakenBackOnceItsFirstRequestIsAnswered() {
        _ = book.want()
        #expect(book.tell(.release).isEmpty)
        #expect(book.answer(200, granted: 3_600) == [.send(expires: 0)])
    }

    @Test mutating func isTakenBackByTheNextServer() {
        _ = book.want()
        _ = book.answer(200, granted: 3_600)
        _ = book.tell(.release)
        #expect(book.answer(503, hasNext: true) == [.send(expires: 0)])
        #expect(book.answer(200) == [.finish])
    }

    @Test mutating func theFailureOfWhatIsWantedNoMoreIsNobodysTrouble() {
        _ = book.want()
        _ = book.tell(.release)
        #expect(book.answer(503, isInternal: true) == [.finish])
    }

    @Test mutating func whatIsNotBoundIsNotTakenBack() {
        _ = book.want()
        _ = book.answer(503)
        #expect(book.tell(.release) == [.finish])
    }
}
