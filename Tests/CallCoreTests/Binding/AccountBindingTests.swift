import Testing

@testable import CallCore

/// A number's binding: wanted by applications, which wait for each answer.
@Suite struct AccountBindingTests {
    private var book = BindingBook(isStanding: false)

    @Test mutating func aWishIsAskedForAndAnswered() {
        #expect(book.want(until: 600) == [.send(expires: 600)])
        #expect(book.answer(200, granted: 600) == [.granted(600)])
        #expect(book.condition == .registered)
        #expect(book.wakes == 600, "nothing to refresh: no application has it for longer")
        #expect(book.due() == [.finish], "and then it has run out, which is not the network's doing")
    }

    @Test mutating func nobodyIsPromisedMoreThanIsGranted() {
        _ = book.want(until: 3_600)
        #expect(book.answer(200, granted: 300) == [.granted(300)])
        #expect(book.due() == [.finish])
    }

    @Test mutating func whatWasPromisedBeforeIsKeptUp() {
        _ = book.want(until: 3_600)
        _ = book.answer(200, granted: 3_600)
        book.pass(60)
        // Another device's wish, and the registrar has become stricter.
        #expect(book.want(until: 1_000, kept: 3_600) == [.send(expires: 3_540)])
        #expect(book.answer(200, granted: 300) == [.granted(360)])
        #expect(book.wakes == 210)
        #expect(book.due() == [.send(expires: 3_390)])
        #expect(book.answer(200, granted: 3_390) == [.granted(3_600)])
    }

    @Test(
        "What the application is told, and that nothing is left",
        arguments: [
            (403, 403, "PERMISSION_DENIED"), (404, 403, "PERMISSION_DENIED"), (401, 502, "BAD_GATEWAY"),
            (400, 502, "BAD_GATEWAY"), (503, 503, "UNAVAILABLE"), (480, 503, "UNAVAILABLE"), (408, 504, "TIMEOUT"),
        ])
    func refused(status: Int, http: Int, code: String) {
        var book = BindingBook(isStanding: false)
        _ = book.want(until: 600)
        let told = book.answer(status, retryAfter: status == 503 ? 17 : nil)
        let failures = told.compactMap { action -> CAMARAError? in
            if case .answer(.failed(let failure)) = action { failure.error } else { nil }
        }
        #expect(failures.map(\.status) == [http])
        #expect(failures.first?.code.rawValue == code)
        if status == 503 { #expect(failures.first?.retryAfter == 17) }
        #expect(told.last == .finish)
        let hasAlarm = told.contains { if case .alarm = $0 { true } else { false } }
        #expect(hasAlarm == [400, 401].contains(status), "a number's own trouble is no operator's")
    }

    @Test mutating func itIsLostWhenARefusedRefreshHasRunOut() {
        _ = book.want(until: 600)
        _ = book.answer(200, granted: 600)
        _ = book.want(until: 1_200, kept: 600)
        #expect(book.answer(403).count == 1)
        #expect(book.condition == .registered, "the registrar has it until then")
        #expect(book.wakes == 600)
        #expect(book.due() == [.finish])

        _ = book.want(until: 2_000)
        _ = book.answer(200, granted: 1_400)
        _ = book.want(until: 1_900, kept: 2_000)
        _ = book.answer(200, granted: 100)
        _ = book.due()
        #expect(book.answer(403).isEmpty == false)
        #expect(book.due() == [.lost, .finish], "others rely on it for longer")
    }

    @Test mutating func aFailureThatPassesIsTriedUntilItHasRunOut() {
        _ = book.want(until: 3_600)
        _ = book.answer(200, granted: 3_600)
        _ = book.want(until: 3_600, kept: 3_600)
        _ = book.answer(200, granted: 100)
        #expect(book.due() == [.send(expires: 3_550)])
        #expect(book.answer(503) == [.answer(.failed(.unavailable(503, nil)))])
        #expect(book.wakes == 65)
        #expect(book.due() == [.send(expires: 3_535)])
        _ = book.answer(503)
        #expect(book.due() == [.send(expires: 3_505)])
        _ = book.answer(503)
        #expect(book.wakes == 100)
        #expect(book.due() == [.lost, .finish])
    }

    @Test mutating func whoeverWaitsTooLongIsTold() {
        _ = book.want(until: 600)
        #expect(book.wakes == 8)
        #expect(book.due() == [.answer(.failed(.noAnswer))])
        #expect(book.wakes == nil)
        // Too late: nobody wants it any more.
        #expect(book.answer(200, granted: 592) == [.send(expires: 0)])
        #expect(book.answer(200) == [.finish])
    }

    @Test mutating func aWishDuringARequestIsAskedForAfterIt() {
        _ = book.want(until: 600)
        #expect(book.want(until: 900).isEmpty)
        #expect(book.answer(200, granted: 600) == [.granted(600), .send(expires: 900)])
        #expect(book.answer(200, granted: 900) == [.granted(900)])
    }

    @Test mutating func aChallengedRequestAsksForTheNewerWish() {
        _ = book.want(until: 600)
        _ = book.want(until: 900)
        #expect(book.answer(401, isAnswerable: true) == [.send(expires: 900)])
        #expect(book.answer(200, granted: 900) == [.granted(900)])
    }

    @Test mutating func isTakenBackAndWantedAgainMeanwhile() {
        _ = book.want(until: 600)
        _ = book.answer(200, granted: 600)
        #expect(book.tell(.release) == [.send(expires: 0)])
        #expect(book.want(until: 700).isEmpty)
        #expect(book.answer(401, isAnswerable: true) == [.send(expires: 0)], "that is not for who waits now")
        #expect(book.answer(200) == [.send(expires: 700)])
        #expect(book.answer(200, granted: 700) == [.granted(700)])
    }

    @Test mutating func aShorterWishDuringALongerOneTakesNothingFromIt() {
        _ = book.want(until: 3_600)
        // Its device cannot know what another is about to have.
        #expect(book.want(until: 600).isEmpty)
        #expect(book.answer(200, granted: 3_600) == [.granted(3_600), .send(expires: 3_600)])
        #expect(book.answer(200, granted: 1_800) == [.granted(1_800)])
        #expect(book.wakes == 1_200, "the first was promised more")
        // The word that the first one is kept has not come when the third asks.
        #expect(book.want(until: 900, kept: 600) == [.send(expires: 3_600)])
    }

    @Test(arguments: [(503, false), (403, false), (408, true)])
    func whatComesToNothingIsNotAskedForInTheNextWishsName(status: Int, isInternal: Bool) {
        var book = BindingBook(isStanding: false)
        _ = book.want(until: 600)
        _ = book.answer(200, granted: 600)
        _ = book.want(until: 3_600, kept: 600)
        #expect(book.want(until: 900, kept: 600).isEmpty)
        let told = book.answer(status, isInternal: isInternal)
        #expect(told.count == 2 && told.last == .send(expires: 900))
        #expect(book.answer(200, granted: 900) == [.granted(900)])
        #expect(book.wakes == 900)
        #expect(book.due() == [.finish])
    }

    @Test mutating func whatWasTakenBackIsNotAskedForInTheNextWishsName() {
        _ = book.want(until: 3_600)
        _ = book.want(until: 7_200)
        #expect(book.tell(.release).isEmpty)
        #expect(book.want(until: 900).isEmpty)
        #expect(book.answer(503).last == .send(expires: 900))
        #expect(book.answer(200, granted: 900) == [.granted(900)])
        #expect(book.wakes == 900)
    }

    @Test mutating func whatNobodyWaitsForAnyMoreIsNotAskedForInTheNextWishsName() {
        _ = book.want(until: 3_600)
        _ = book.due()
        #expect(book.want(until: 608).isEmpty)
        #expect(book.answer(200, granted: 3_600) == [.send(expires: 600)])
        #expect(book.answer(200, granted: 600) == [.granted(608)])
        #expect(book.wakes == 608)
    }

    @Test mutating func whoeverJoinsARequestThatTakesTooLongIsAnswered() {
        _ = book.want(until: 600)
        _ = book.due()
        #expect(book.want(until: 608).isEmpty)
        #expect(book.answer(401, isAnswerable: true) == [.send(expires: 600)])
        #expect(book.wakes == 16)
        #expect(book.answer(200, granted: 600) == [.granted(608)])
    }

    @Test mutating func nobodyTriesTheNextAddressForWhatIsWantedNoMore() {
        _ = book.want(until: 600)
        _ = book.due()
        #expect(book.answer(408, isInternal: true, hasNext: true) == [.finish])
    }

    // MARK: - After a start

    @Test mutating func isResumed() {
        #expect(book.tell(.resume(until: 600_000_000_000)) == [.send(expires: 600)])
        #expect(book.condition == .trying)
        _ = book.answer(200, granted: 600)
        #expect(book.condition == .registered)
    }

    @Test mutating func isLostAtOnceWhereTheNetworkRefusesItAfterAStart() {
        _ = book.tell(.resume(until: 600_000_000_000))
        #expect(book.answer(403).suffix(2) == [.lost, .finish])
    }

    @Test mutating func isTriedUntilItsEndAfterAStart() {
        _ = book.tell(.resume(until: 60_000_000_000))
        _ = book.answer(408, isInternal: true)
        #expect(book.wakes == 15)
        #expect(book.due() == [.send(expires: 45)])
        _ = book.answer(408, isInternal: true)
        _ = book.due()
        _ = book.answer(408, isInternal: true)
        #expect(book.due() == [.finish])
    }
}
