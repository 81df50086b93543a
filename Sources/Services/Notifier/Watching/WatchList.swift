import CallCore
import Foundation

/// Which subscription is told what, and when it ends: all decisions of the notifier, without a lock, a store, a clock or a
/// sink. Functions take the time and return what is to be done, in this order.
///
/// Every subscription has a number, later ones a higher one, so that a list of numbers is a list by age. A change
/// concerns the oldest ``Limits/fanOut`` of the subscriptions that match it: which ones those are never changes to the
/// disadvantage of one that is among them.
struct WatchList: Sendable {
    /// What is to be done.
    enum Action: Sendable, Equatable {
        /// Hand this event over.
        case tell(Telling)
        /// Store that the subscription has had one more event.
        case count(SubscriptionID)
        /// Drop the events of the subscription that wait.
        case cancel(SubscriptionID)
        /// Take the subscription out of the store.
        case remove(SubscriptionID)
    }

    /// Bounds of time and number.
    struct Limits: Sendable, Equatable {
        /// Subscriptions told of one change.
        var fanOut = 100
        /// Sessions whose state a new subscription is told.
        var initialSessions = 100
        /// The longest life of a session: `sessions.maxDuration`.
        var sessionLife: TimeInterval = 4 * 3_600
        /// How long an invitation means anything: `sip.timers.ring`.
        var invitationLife: TimeInterval = 180
        /// How long after the end of what they are about events are retried (camara-rules, "Events").
        var grace: TimeInterval = 60
    }

    let limits: Limits
    private(set) var live = LiveSessions()
    /// Changes that concerned more subscriptions than are told, and subscriptions that would have begun with more
    /// sessions.
    private(set) var crowded = 0

    private var watches: [Int: Watch] = [:]
    private var numbers: [SubscriptionID: Int] = [:]
    /// Numbers by what the subscriptions are about, each list rising.
    private var concerned: [Subject: [Int]] = [:]
    /// The same for the ends of registrations.
    private var registrationWatchers: [Subject: [Int]] = [:]
    private var lastNumber = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    /// How many subscriptions there are.
    var count: Int { watches.count }

    /// The subscription as events are told to it.
    subscript(id: SubscriptionID) -> Watch? { numbers[id].flatMap { watches[$0] } }

    // MARK: - Beginning

    /// A subscription that an earlier run has left. It is told nothing: the sessions of that run are gone.
    mutating func load(_ subscription: Subscription, eventsTold: Int, now: Date) -> [Action] {
        let number = enter(Watch(subscription, eventsTold: eventsTold, correlator: nil))
        var actions: [Action] = []
        // The process was killed between the last event and the end.
        if watches[number]?.hasReachedMaximum == true { end(number, .maximumEventsReached, now: now, &actions) }
        return actions
    }

    /// A new subscription. It begins with the current state of the session it names, or, if it asks for that, of the live
    /// sessions of its device.
    /// - Parameter session: the session as it is now, if it is alive or still kept.
    mutating func add(
        _ subscription: Subscription, correlator: String?, now: Date, session look: (SessionID) -> Session?
    ) -> [Action] {
        let watch = Watch(subscription, eventsTold: 0, correlator: correlator)
        let number = enter(watch)
        var actions: [Action] = []
        for id in beginnings(of: watch) {
            // The first events may have been all it wanted.
            guard watches[number] != nil else { break }
            guard let session = look(id), session.owner == subscription.owner else { continue }
            guard numbers(concernedBy: session).prefix(limits.fanOut).contains(number) else {
                crowded += 1
                continue
            }
            tell(session, as: .sessionStatus, to: number, correlator: correlator, now: now, &actions)
            // Its end is not to be heard of again, unless that is just on its way.
            if session.status.isFinal, !live.contains(session) { forget(session.id, of: number) }
        }
        return actions
    }

    private mutating func beginnings(of watch: Watch) -> [SessionID] {
        if let named = watch.subscription.detail.sessionID { return [named] }
        guard watch.wantsInitialEvent else { return [] }
        let found = live.sessions(under: watch.subscription.subjects, limit: limits.initialSessions + 1)
        if found.count > limits.initialSessions { crowded += 1 }
        return Array(found.prefix(limits.initialSessions))
    }

    /// The subscription has another credential or expiry.
    mutating func replace(_ subscription: Subscription) {
        guard let number = numbers[subscription.id] else { return }
        watches[number]?.subscription = subscription
    }

    private mutating func enter(_ watch: Watch) -> Int {
        lastNumber += 1
        let subscription = watch.subscription
        watches[lastNumber] = watch
        numbers[subscription.id] = lastNumber
        for subject in subscription.subjects { concerned[subject, default: []].append(lastNumber) }
        if subscription.types.contains(where: { $0.kind == .registrationEnds }) {
            for subject in subscription.devices { registrationWatchers[subject, default: []].append(lastNumber) }
        }
        return lastNumber
    }

    // MARK: - What happens

    /// A session has reached another state, in the order in which it does. One without status events yet is only noted.
    mutating func sessionChanged(_ session: Session, now: Date) -> [Action] {
        if session.status.isFinal { live.remove(session) } else { live.insert(session) }
        return told(session, as: .sessionStatus, isEvent: session.sequenceNumber > 0, now: now)
    }

    /// A session that an earlier run has left, as it was told last. Nothing is told; numbers go on from there.
    mutating func resume(_ session: Session) {
        for number in numbers(concernedBy: session).prefix(limits.fanOut) { watches[number]?.resume(session) }
    }

    /// A call has come in for the session's owner.
    mutating func sessionInvited(_ session: Session, offerRequired: Bool, now: Date) -> [Action] {
        if !session.status.isFinal { live.insert(session) }
        return told(session, as: .sessionInvitation, isEvent: true, offerRequired: offerRequired, now: now)
    }

    private mutating func told(
        _ session: Session, as kind: EventType.Kind, isEvent: Bool, offerRequired: Bool = false, now: Date
    ) -> [Action] {
        if watches.isEmpty { return [] }
        var numbers = numbers(concernedBy: session)
        if numbers.isEmpty { return [] }
        if numbers.count > limits.fanOut {
            crowded += 1
            numbers.removeLast()
        }
        var actions: [Action] = []
        for number in numbers {
            if isEvent {
                tell(
                    session, as: kind, to: number, offerRequired: offerRequired, correlator: session.correlator,
                    now: now, &actions)
            }
            if session.status.isFinal { forget(session.id, of: number) }
        }
        return actions
    }

    /// A registration is over: subscriptions of it and of its device are told.
    mutating func registrationEnded(
        _ registration: Registration, _ reason: RegistrationEndsData.Reason, now: Date
    ) -> [Action] {
        let numbers = merged(
            registrationWatchers[.registration(registration.owner, registration.id.rawValue)],
            registrationWatchers[.device(registration.owner, registration.deviceID)], nil
        ).prefix(limits.fanOut)
        var actions: [Action] = []
        for number in numbers {
            guard let subscription = watches[number]?.subscription,
                let type = watches[number]?.type(of: .registrationEnds, now: now)
            else { continue }
            let data = RegistrationEndsData(
                subscription: subscription.id, registration: registration.id.rawValue, reason: reason)
            actions.append(
                .tell(
                    Telling(
                        subscription: subscription, namespace: type.namespace, body: .registrationEnds(data),
                        session: nil, correlator: nil, bound: now + limits.grace)))
            count(number, now: now, &actions)
        }
        return actions
    }

    /// Tells one state of a session, once.
    private mutating func tell(
        _ session: Session, as kind: EventType.Kind, to number: Int, offerRequired: Bool = false, correlator: String?,
        now: Date, _ actions: inout [Action]
    ) {
        // By index, so that the numbers are changed where they are: a copy of them would be as long as the sessions are many.
        guard let index = watches.index(forKey: number),
            let type = watches.values[index].type(of: kind, now: now),
            let sequenceNumber = watches.values[index].number(for: session)
        else { return }
        let subscription = watches.values[index].subscription
        let data = SessionEventData(
            session, subscription: subscription.id, dialect: subscription.dialect, sequenceNumber: sequenceNumber,
            offerRequired: offerRequired)
        let life = kind == .sessionInvitation ? limits.invitationLife : limits.sessionLife
        actions.append(
            .tell(
                Telling(
                    subscription: subscription, namespace: type.namespace,
                    body: kind == .sessionInvitation ? .sessionInvitation(data) : .sessionStatus(data),
                    session: session.id, correlator: correlator,
                    bound: now + (session.status.isFinal ? 0 : life) + limits.grace)))
        count(number, now: now, &actions)
    }

    private mutating func count(_ number: Int, now: Date, _ actions: inout [Action]) {
        guard let index = watches.index(forKey: number), watches.values[index].count() else { return }
        actions.append(.count(watches.values[index].subscription.id))
        if watches.values[index].hasReachedMaximum { end(number, .maximumEventsReached, now: now, &actions) }
    }

    private mutating func forget(_ session: SessionID, of number: Int) {
        guard let index = watches.index(forKey: number) else { return }
        watches.values[index].forget(session)
    }

    // MARK: - Who is concerned

    /// The subscriptions that the session concerns, the oldest first, none twice; one more than are told, if there are more.
    private func numbers(concernedBy session: Session) -> [Int] {
        let named = concerned[.session(session.owner, session.id)]
        guard let device = session.device else {
            return merged(named, concerned[.anyDevice(session.owner)], nil)
        }
        return merged(
            named, concerned[.device(session.owner, device.deviceID)],
            concerned[.registration(session.owner, device.registrationID.rawValue)])
    }

    private func merged(_ first: [Int]?, _ second: [Int]?, _ third: [Int]?) -> [Int] {
        let limit = limits.fanOut + 1
        let lists = (first, second, third)
        switch lists {
        case (nil, nil, nil): return []
        case (let only?, nil, nil), (nil, let only?, nil), (nil, nil, let only?):
            return only.count <= limit ? only : Array(only.prefix(limit))
        default:
            var all = Set((first ?? []).prefix(limit))
            all.formUnion((second ?? []).prefix(limit))
            all.formUnion((third ?? []).prefix(limit))
            return Array(all.sorted().prefix(limit))
        }
    }

    // MARK: - Ending

    /// Takes a subscription out of every table.
    /// - Returns: it, with what it was told; nil if it is not in.
    mutating func leave(_ id: SubscriptionID) -> Watch? {
        guard let number = numbers.removeValue(forKey: id), let watch = watches.removeValue(forKey: number) else {
            return nil
        }
        for subject in watch.subscription.subjects { WatchList.remove(number, from: &concerned, under: subject) }
        for subject in watch.subscription.devices {
            WatchList.remove(number, from: &registrationWatchers, under: subject)
        }
        return watch
    }

    private static func remove(_ number: Int, from table: inout [Subject: [Int]], under subject: Subject) {
        guard let index = table.index(forKey: subject) else { return }
        // The lists rise: halving finds the place in one of 100,000 as fast as in one of ten.
        var range = 0..<table.values[index].count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let found = table.values[index][middle]
            if found == number {
                table.values[index].remove(at: middle)
                break
            }
            range = found < number ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        if table.values[index].isEmpty { table.remove(at: index) }
    }

    private mutating func end(
        _ number: Int, _ reason: SubscriptionEndedData.Reason, now: Date, _ actions: inout [Action]
    ) {
        guard let id = watches[number]?.subscription.id else { return }
        actions += end(id, reason, now: now)
    }
}
