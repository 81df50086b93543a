import CallCore
import Foundation
import Testing

@testable import Services

/// The decisions, as tables: what is subscribed and what happens, and who is told what.
@Suite struct WatchListTests {
    private let now = Sample.time
    private var list = WatchList()

    /// A line for each action, short enough to be compared: `s1 Ringing m1 #1`, `count s1`, `s1 ended MAX_EVENTS_REACHED`.
    private func lines(_ actions: [WatchList.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .count(let id): return "count \(id)"
            case .cancel(let id): return "cancel \(id)"
            case .remove(let id): return "remove \(id)"
            case .tell(let telling):
                let id = telling.subscription.id
                switch telling.body {
                case .sessionStatus(let data):
                    return "\(id) \(data.status.rawValue) \(data.mediaSessionID) #\(data.sequenceNumber)"
                case .sessionInvitation(let data):
                    let offer = data.offerRequired == true ? " without offer" : ""
                    return "\(id) invited \(data.mediaSessionID) #\(data.sequenceNumber)\(offer)"
                case .registrationEnds(let data):
                    return "\(id) \(data.registrationID) \(data.terminationReason.rawValue)"
                case .subscriptionEnded(let data): return "\(id) ended \(data.terminationReason.rawValue)"
                }
            }
        }
    }

    private mutating func add(_ subscription: Subscription, sessions: [Session] = []) -> [String] {
        lines(
            list.add(subscription, correlator: "c1", now: now) { id in sessions.first { $0.id == id } })
    }

    private mutating func change(_ session: Session, at seconds: TimeInterval = 0) -> [String] {
        lines(list.sessionChanged(session, now: now + seconds))
    }

    // MARK: - After a crash

    /// One that begins with the session's state may have been told the state before the first event, as number 1.
    @Test func numbersAreNotRepeatedAfterACrash() throws {
        var before = self
        #expect(
            try before.add(Sample.subscription("s1", session: "m1"), sessions: [Sample.session(.initial, version: 0)])
                == ["s1 Initial m1 #1"])
        #expect(before.change(Sample.session(.ringing, version: 1)) == ["s1 Ringing m1 #2"])

        for last in [0, 1] {
            var after = WatchListTests()
            for (id, session) in [("s1", "m1"), ("s2", nil)] {
                _ = after.list.load(
                    try Sample.subscription(id, device: "d1", session: session), eventsTold: 0, now: now)
            }
            after.list.resume(Sample.session(last == 0 ? .initial : .ringing, version: last))
            #expect(
                after.change(Sample.session(.terminated, version: last + 1))
                    == ["s1 Terminated m1 #\(last + 2)", "s2 Terminated m1 #\(last + 1)"])
        }
    }

    // MARK: - Who is told

    struct Match: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var owner = Sample.owner
        var device: String?
        var registration: String?
        var session: String?
        /// Whether a session m1 of device d1, registered as r1, concerns it.
        let ofDevice: Bool
        /// Whether the same session made without a device does.
        let withoutDevice: Bool
    }

    @Test(arguments: [
        Match(testDescription: "its device", device: "d1", ofDevice: true, withoutDevice: true),
        Match(testDescription: "its registration", registration: "r1", ofDevice: true, withoutDevice: true),
        Match(testDescription: "both", device: "d1", registration: "r1", ofDevice: true, withoutDevice: true),
        Match(
            testDescription: "its device, registered anew", device: "d1", registration: "r0", ofDevice: true,
            withoutDevice: true),
        Match(testDescription: "another device", device: "d2", ofDevice: false, withoutDevice: true),
        Match(testDescription: "another registration", registration: "r2", ofDevice: false, withoutDevice: true),
        Match(testDescription: "the session", session: "m1", ofDevice: true, withoutDevice: true),
        Match(
            testDescription: "the session and its device", device: "d1", registration: "r1", session: "m1",
            ofDevice: true, withoutDevice: true),
        Match(
            testDescription: "another session of its device", device: "d1", registration: "r1", session: "m2",
            ofDevice: false, withoutDevice: false),
        Match(
            testDescription: "another owner's", owner: SessionOwner(client: "other"), device: "d1", registration: "r1",
            ofDevice: false, withoutDevice: false),
        Match(
            testDescription: "another owner's, naming it", owner: SessionOwner(client: "other"), session: "m1",
            ofDevice: false, withoutDevice: false),
        Match(
            testDescription: "another user's of the client",
            owner: SessionOwner(client: "app", user: PhoneNumber("+17085852753")), device: "d1", ofDevice: false,
            withoutDevice: false),
    ])
    mutating func matches(_ row: Match) throws {
        let subscription = try Sample.subscription(
            owner: row.owner, device: row.device, registration: row.registration, session: row.session)
        #expect(add(subscription) == [])
        #expect(change(Sample.session()) == (row.ofDevice ? ["s1 Ringing m1 #1"] : []))
        var other = WatchList()
        _ = other.add(subscription, correlator: nil, now: now) { _ in nil }
        let actions = other.sessionChanged(Sample.session(device: nil), now: now)
        #expect(lines(actions) == (row.withoutDevice ? ["s1 Ringing m1 #1"] : []))
    }

    @Test mutating func tellsEveryoneOnceTheOldestFirst() throws {
        _ = try add(Sample.subscription("s1", registration: "r1"))
        _ = try add(Sample.subscription("s2", session: "m1"))
        _ = try add(Sample.subscription("s3", device: "d1", registration: "r1"))
        #expect(change(Sample.session()) == ["s1 Ringing m1 #1", "s2 Ringing m1 #1", "s3 Ringing m1 #1"])
    }

    @Test mutating func tellsTypesThatAreSubscribedAlone() throws {
        let both = [EventType(.sessionInvitation), EventType(.sessionStatus, in: .webrtcEventsSubscriptions)]
        _ = try add(Sample.subscription("s1", types: [EventType(.sessionInvitation)], device: "d1"))
        _ = try add(Sample.subscription("s2", types: both, device: "d1", dialect: .v03))
        _ = try add(Sample.subscription("s3", types: [EventType(.registrationEnds)], device: "d1"))
        let invited = Sample.session(.initial, version: 0)
        let actions = list.sessionInvited(invited, offerRequired: true, now: now)
        // v0.3 has no offerRequired.
        #expect(lines(actions) == ["s1 invited m1 #1 without offer", "s2 invited m1 #1"])
        #expect(change(Sample.session(.ringing)) == ["s2 Ringing m1 #2"])
        let told = list.sessionChanged(Sample.session(.connected, version: 2), now: now)
        guard case .tell(let telling)? = told.first else {
            Issue.record("nothing told")
            return
        }
        #expect(telling.namespace == .webrtcEventsSubscriptions)
    }

    @Test mutating func tellsTheEndOfARegistration() throws {
        let ends = [EventType(.registrationEnds)]
        _ = try add(Sample.subscription("s1", types: ends, registration: "r1", maximum: 1))
        _ = try add(Sample.subscription("s2", types: ends, device: "d1", registration: "r0"))
        _ = try add(Sample.subscription("s3", types: ends, registration: "r1", session: "m1"))
        _ = try add(Sample.subscription("s4", types: ends, device: "d2"))
        _ = try add(Sample.subscription("s5", owner: SessionOwner(client: "other"), types: ends, device: "d1"))
        _ = try add(Sample.subscription("s6", registration: "r1"))
        _ = try add(Sample.subscription("s7", types: ends, registration: "r1", expires: now))
        let registration = try Sample.registration()
        #expect(
            lines(list.registrationEnded(registration, .networkTerminated, now: now)) == [
                "s1 r1 NETWORK_TERMINATED", "count s1", "s1 ended MAX_EVENTS_REACHED", "remove s1",
                "s2 r1 NETWORK_TERMINATED", "s3 r1 NETWORK_TERMINATED",
            ])
        #expect(
            lines(list.registrationEnded(registration, .registrationExpired, now: now)) == [
                "s2 r1 REGISTRATION_EXPIRED", "s3 r1 REGISTRATION_EXPIRED",
            ])
    }

    // MARK: - Numbers

    @Test mutating func countsPerSubscriptionAndSession() throws {
        _ = try add(Sample.subscription("s1", device: "d1"))
        #expect(change(Sample.session("m1", .initial, version: 0)) == [])
        #expect(change(Sample.session("m1", .ringing, version: 1)) == ["s1 Ringing m1 #1"])
        #expect(change(Sample.session("m2", .ringing, version: 4)) == ["s1 Ringing m2 #1"])
        _ = try add(Sample.subscription("s2", device: "d1"))
        #expect(
            change(Sample.session("m1", .connected, version: 2)) == ["s1 Connected m1 #2", "s2 Connected m1 #1"])
        // The same state again is no event.
        #expect(change(Sample.session("m1", .connected, version: 2)) == [])
        #expect(
            change(Sample.session("m1", .terminated, version: 3)) == ["s1 Terminated m1 #3", "s2 Terminated m1 #2"])
        #expect(list[SubscriptionID(rawValue: "s2")]?.sessionsTold == 0)
        #expect(list[SubscriptionID(rawValue: "s1")]?.sessionsTold == 1)
        #expect(change(Sample.session("m2", .busy, version: 5)) == ["s1 Busy m2 #2", "s2 Busy m2 #1"])
        #expect(list[SubscriptionID(rawValue: "s1")]?.sessionsTold == 0)
        #expect(list.live.isEmpty)
    }

    // MARK: - Beginning

    @Test mutating func beginsWithTheStateOfTheSessionItNames() throws {
        let ringing = Sample.session(.ringing, version: 3)
        #expect(change(ringing) == [])
        #expect(
            try add(Sample.subscription("s1", registration: "r1", session: "m1"), sessions: [ringing])
                == ["s1 Ringing m1 #1"])
        // The change that the look-up has seen already arrives late.
        #expect(change(ringing) == [])
        #expect(change(Sample.session(.connected, version: 4)) == ["s1 Connected m1 #2"])
        let others = Sample.session(owner: SessionOwner(client: "other"))
        #expect(try add(Sample.subscription("s2", session: "m1"), sessions: [others]) == [])
        let invitations = try Sample.subscription("s3", types: [EventType(.sessionInvitation)], session: "m1")
        #expect(add(invitations, sessions: [ringing]) == [])
        // Before its first event, too.
        let initial = Sample.session("m9", .initial, version: 0)
        #expect(change(initial) == [])
        #expect(try add(Sample.subscription("s4", session: "m9"), sessions: [initial]) == ["s4 Initial m9 #1"])
        #expect(change(Sample.session("m9", .inProgress, version: 1)) == ["s4 InProgress m9 #2"])
    }

    @Test mutating func beginsWithTheEndOfASessionThatIsOver() throws {
        _ = change(Sample.session(.ringing, version: 1))
        let ended = Sample.session(.terminated, version: 2)
        // Between its being shown and its being told.
        #expect(try add(Sample.subscription("s1", session: "m1"), sessions: [ended]) == ["s1 Terminated m1 #1"])
        #expect(change(ended) == [])
        #expect(try add(Sample.subscription("s2", session: "m1"), sessions: [ended]) == ["s2 Terminated m1 #1"])
        for id in ["s1", "s2"] { #expect(list[SubscriptionID(rawValue: id)]?.sessionsTold == 0) }
        #expect(list.live.isEmpty)
    }

    @Test mutating func beginsWithTheSessionsOfItsDeviceIfItAsks() throws {
        let sessions = [
            Sample.session("m1", version: 1), Sample.session("m2", device: nil, version: 1),
            Sample.session("m3", device: .init(registrationID: RegistrationID(rawValue: "r1"), deviceID: "d9")),
            Sample.session("m4", device: .init(registrationID: RegistrationID(rawValue: "r8"), deviceID: "d8")),
            Sample.session("m5", owner: SessionOwner(client: "other")),
        ]
        for session in sessions { _ = change(session) }
        #expect(list.live.count == 5)
        let wanted = try Sample.subscription("s1", device: "d1", registration: "r1", initial: true)
        #expect(
            add(wanted, sessions: sessions).sorted()
                == ["s1 Ringing m1 #1", "s1 Ringing m2 #1", "s1 Ringing m3 #1"])
        #expect(try add(Sample.subscription("s2", registration: "r1"), sessions: sessions) == [])
        // The later release accepts it and does not use it.
        let later = try Sample.subscription("s3", device: "d1", initial: true, dialect: .v03)
        #expect(add(later, sessions: sessions) == [])
        for session in sessions {
            _ = change(Sample.session(session.id.rawValue, .failed, owner: session.owner, device: session.device))
        }
        #expect(list.live.isEmpty)
    }

    @Test mutating func endsAfterTheMaximumThoughMoreSessionsAreAlive() throws {
        let sessions = (1...3).map { Sample.session("m\($0)") }
        for session in sessions { _ = change(session) }
        let lines = try add(Sample.subscription("s1", device: "d1", maximum: 2, initial: true), sessions: sessions)
        #expect(lines.count == 6)
        #expect(lines.filter { $0 == "count s1" }.count == 2)
        #expect(lines.suffix(2) == ["s1 ended MAX_EVENTS_REACHED", "remove s1"])
        #expect(list.count == 0)
    }

    // MARK: - Ending

    @Test mutating func endsAfterItsMaximum() throws {
        _ = try add(Sample.subscription("s1", device: "d1", maximum: 2))
        // The later release does not use it.
        _ = try add(Sample.subscription("s2", device: "d1", maximum: 1, dialect: .v03))
        #expect(change(Sample.session(version: 1)) == ["s1 Ringing m1 #1", "count s1", "s2 Ringing m1 #1"])
        #expect(
            change(Sample.session(.connected, version: 2)) == [
                "s1 Connected m1 #2", "count s1", "s1 ended MAX_EVENTS_REACHED", "remove s1", "s2 Connected m1 #2",
            ])
        #expect(change(Sample.session(.terminated, version: 3)) == ["s2 Terminated m1 #3"])
        #expect(list[SubscriptionID(rawValue: "s1")] == nil)
    }

    @Test mutating func goesOnCountingAfterARestart() throws {
        let counted = try Sample.subscription("s1", device: "d1", maximum: 3)
        #expect(lines(list.load(counted, eventsTold: 2, now: now)) == [])
        #expect(
            change(Sample.session())
                == ["s1 Ringing m1 #1", "count s1", "s1 ended MAX_EVENTS_REACHED", "remove s1"])
        let full = try Sample.subscription("s2", device: "d1", maximum: 3)
        #expect(
            lines(list.load(full, eventsTold: 3, now: now)) == ["s2 ended MAX_EVENTS_REACHED", "remove s2"])
    }

    @Test mutating func endsOnceWhateverComesFirst() throws {
        let id = SubscriptionID(rawValue: "s1")
        let subscription = try Sample.subscription("s1", device: "d1", token: now + 60)
        let endings: [(String, (inout WatchList) -> [WatchList.Action], [String])] = [
            (
                "deleted", { [now] in $0.end(id, .subscriptionDeleted, now: now) },
                ["s1 ended SUBSCRIPTION_DELETED", "remove s1"]
            ),
            (
                "operator", { [now] in $0.end(id, .networkTerminated, now: now) },
                ["s1 ended NETWORK_TERMINATED", "remove s1"]
            ),
            ("410", { $0.sinkGone(id) }, ["cancel s1", "remove s1"]),
            (
                "401", { [now] in $0.credentialRefused(id, now: now) },
                ["cancel s1", "s1 ended ACCESS_TOKEN_EXPIRED", "remove s1"]
            ),
        ]
        for (name, end, expected) in endings {
            var list = WatchList()
            _ = list.add(subscription, correlator: nil, now: now) { _ in nil }
            #expect(lines(end(&list)) == expected, "\(name)")
            for (_, again, _) in endings { #expect(lines(again(&list)) == [], "\(name)") }
            #expect(lines(list.sessionChanged(Sample.session(), now: now)) == [], "\(name)")
            #expect(list.count == 0, "\(name)")
        }
        // What the store has taken out is told even if it never came in.
        #expect(lines(list.expired(subscription, .subscriptionExpired, now: now)) == ["s1 ended SUBSCRIPTION_EXPIRED"])
    }

    @Test mutating func tellsNothingOnceItsTimeIsOver() throws {
        _ = try add(Sample.subscription("s1", device: "d1", expires: now + 10))
        #expect(change(Sample.session(version: 1), at: 9.9) == ["s1 Ringing m1 #1"])
        #expect(change(Sample.session(.connected, version: 2), at: 10) == [])
        list.replace(try Sample.subscription("s1", device: "d1", expires: now + 20))
        #expect(change(Sample.session(.hold, version: 3), at: 10) == ["s1 Hold m1 #2"])
    }

    // MARK: - Bounds

    @Test mutating func tellsTheOldestSubscriptionsAlone() throws {
        list = WatchList(limits: .init(fanOut: 3))
        for number in 1...3 { _ = try add(Sample.subscription("s\(number)", device: "d1")) }
        #expect(change(Sample.session(version: 1)).count == 3)
        #expect(list.crowded == 0)
        // One that names the session is among all others.
        let late = try Sample.subscription("s4", session: "m1")
        #expect(add(late, sessions: [Sample.session(version: 1)]) == [])
        #expect(list.crowded == 1)
        #expect(
            change(Sample.session(.connected, version: 2))
                == ["s1 Connected m1 #2", "s2 Connected m1 #2", "s3 Connected m1 #2"])
        #expect(list.crowded == 2)
        _ = list.end(SubscriptionID(rawValue: "s2"), .subscriptionDeleted, now: now)
        #expect(
            change(Sample.session(.terminated, version: 3))
                == ["s1 Terminated m1 #3", "s3 Terminated m1 #3", "s4 Terminated m1 #1"])
        for id in ["s1", "s3", "s4"] { #expect(list[SubscriptionID(rawValue: id)]?.sessionsTold == 0) }
    }

    @Test mutating func beginsWithSoManySessionsAlone() throws {
        list = WatchList(limits: .init(initialSessions: 5))
        let sessions = (1...9).map { Sample.session("m\($0)") }
        for session in sessions { _ = change(session) }
        #expect(try add(Sample.subscription("s1", device: "d1", initial: true), sessions: sessions).count == 5)
        #expect(list.crowded == 1)
    }

    @Test mutating func boundsRetriesByTheLifeOfTheSession() throws {
        _ = try add(Sample.subscription("s1", types: [EventType(.sessionStatus)], device: "d1"))
        _ = try add(Sample.subscription("s2", types: [EventType(.sessionInvitation)], device: "d1"))
        func bounds(_ actions: [WatchList.Action]) -> [TimeInterval] {
            actions.compactMap { if case .tell(let told) = $0 { told.bound.timeIntervalSince(now) } else { nil } }
        }
        let invited = Sample.session(.initial, version: 0)
        #expect(bounds(list.sessionInvited(invited, offerRequired: false, now: now)) == [240])
        #expect(bounds(list.sessionChanged(Sample.session(.connected), now: now)) == [14_460])
        #expect(bounds(list.sessionChanged(Sample.session(.terminated, version: 2), now: now)) == [60])
        #expect(bounds(list.end(SubscriptionID(rawValue: "s1"), .subscriptionDeleted, now: now)) == [60])
    }

    @Test mutating func correlatesWithTheRequestThatCausedIt() throws {
        func correlators(_ actions: [WatchList.Action]) -> [String?] {
            actions.compactMap { if case .tell(let told) = $0 { told.correlator } else { nil } }
        }
        let session = Sample.session(correlator: "c-post", version: 1)
        let first = list.add(
            try Sample.subscription("s1", session: "m1"), correlator: "c-subscribe", now: now
        ) { _ in session }
        #expect(correlators(first) == ["c-subscribe"])
        let next = Sample.session(.connected, correlator: "c-post", version: 2)
        #expect(correlators(list.sessionChanged(next, now: now)) == ["c-post"])
        #expect(
            correlators(list.end(SubscriptionID(rawValue: "s1"), .subscriptionDeleted, now: now)) == ["c-subscribe"])
    }

    // MARK: - All of it at random

    /// Whatever happens in whatever order, numbers have no gap, the maximum is kept, and nothing is left of what has ended.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) mutating func keepsItsBooks(_ seed: UInt64) throws {
        var random = Draws(state: seed)
        list = WatchList(limits: .init(fanOut: 4, initialSessions: 3))
        var sessions: [SessionID: Session] = [:]
        var live: [String: Subscription] = [:]
        var numbers: [String: Int] = [:]
        var counts: [String: Int] = [:]
        func check(_ actions: [WatchList.Action]) {
            for action in actions {
                guard case .tell(let telling) = action else { continue }
                let id = telling.subscription.id.rawValue
                switch telling.body {
                case .sessionStatus(let data):
                    let key = "\(id) \(data.mediaSessionID)"
                    #expect(data.sequenceNumber == (numbers[key] ?? 0) + 1)
                    numbers[key] = data.sequenceNumber
                    counts[id, default: 0] += 1
                    #expect(counts[id, default: 0] <= telling.subscription.maximumEvents ?? .max)
                case .subscriptionEnded: #expect(live.removeValue(forKey: id) != nil)
                case .sessionInvitation, .registrationEnds: Issue.record("not subscribed")
                }
            }
        }
        for step in 0..<2_000 {
            switch random.draw(10) {
            case 0...1:
                let id = "s\(step)"
                let named = random.draw(3) == 0 ? "m\(random.draw(40))" : nil
                let subscription = try Sample.subscription(
                    id, device: random.draw(2) == 0 ? "d\(random.draw(3))" : nil,
                    registration: "r\(random.draw(3))", session: named,
                    maximum: random.draw(2) == 0 ? 1 + random.draw(6) : nil, initial: random.draw(2) == 0)
                live[id] = subscription
                check(list.add(subscription, correlator: nil, now: now) { sessions[$0] })
            case 2:
                guard let id = live.keys.sorted().first else { break }
                check(list.end(SubscriptionID(rawValue: id), .subscriptionDeleted, now: now))
            default:
                let id = "m\(step % 40)"
                let before = sessions[SessionID(rawValue: id)]
                let number = random.draw(4)
                let device =
                    before.map(\.device)
                    ?? (number == 3
                        ? nil
                        : SessionDevice(
                            registrationID: RegistrationID(rawValue: "r\(number)"), deviceID: "d\(random.draw(3))"))
                let ends = before != nil && random.draw(3) == 0
                let session = Sample.session(
                    id, ends ? .terminated : .connected, device: device, version: (before?.sequenceNumber ?? 0) + 1)
                sessions[session.id] = ends ? nil : session
                check(list.sessionChanged(session, now: now))
                if ends {
                    // The next one of that name is another session.
                    for key in numbers.keys where key.hasSuffix(" \(id)") { numbers[key] = nil }
                }
            }
            #expect(list.count == live.count)
        }
        for session in sessions.values {
            check(
                list.sessionChanged(
                    Sample.session(
                        session.id.rawValue, .failed, device: session.device, version: session.sequenceNumber + 1),
                    now: now))
        }
        #expect(list.live.isEmpty)
        for id in live.keys { #expect(list[SubscriptionID(rawValue: id)]?.sessionsTold == 0) }
    }
}

/// A generator whose draws repeat: SplitMix64.
struct Draws: Sendable {
    var state: UInt64

    mutating func draw(_ below: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(below))
    }
}
