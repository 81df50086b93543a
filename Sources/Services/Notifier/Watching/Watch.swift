import CallCore
import Foundation

/// A live subscription and what it has been told.
struct Watch: Sendable {
    /// A subscription in a place of its own: tables of watches grow and are read without moving or copying it.
    private final class Shared: Sendable {
        let subscription: Subscription
        init(_ subscription: Subscription) { self.subscription = subscription }
    }

    /// How far a subscription is with a session.
    private struct Told: Sendable {
        /// The `sequenceNumber` of the last event, from 1.
        var number: Int
        /// The session's own count of status events then, which no later event may repeat.
        var version: Int
    }

    private var shared: Shared
    /// The x-correlator of the request that made it; nil after a restart.
    let correlator: String?
    /// Events counted towards the maximum, over all runs.
    private(set) var eventsTold: Int
    /// By live session.
    private var told: [SessionID: Told] = [:]

    init(_ subscription: Subscription, eventsTold: Int, correlator: String?) {
        shared = Shared(subscription)
        self.eventsTold = eventsTold
        self.correlator = correlator
    }

    /// The subscription; its id, owner, types and detail never change.
    var subscription: Subscription {
        get { shared.subscription }
        set { shared = Shared(newValue) }
    }

    /// After how many events it ends, where its dialect honours that.
    var maximum: Int? {
        shared.subscription.dialect.honoursMaximumAndInitialEvent ? shared.subscription.maximumEvents : nil
    }

    /// Whether it has been told all it asked for.
    var hasReachedMaximum: Bool { maximum.map { eventsTold >= $0 } ?? false }

    /// Whether the current state is told when it begins, where its dialect honours that.
    var wantsInitialEvent: Bool {
        shared.subscription.dialect.honoursMaximumAndInitialEvent && shared.subscription.initialEvent
    }

    /// The type under which it subscribed to events of that kind; nil if it did not, or if it is over.
    func type(of kind: EventType.Kind, now: Date) -> EventType? {
        guard shared.subscription.expiresAt.map({ now < $0 }) ?? true else { return nil }
        return shared.subscription.types.first { $0.kind == kind }
    }

    /// The number of the event that tells this state of the session; nil if that state, or a later one, has been told.
    mutating func number(for session: Session) -> Int? {
        guard let last = told[session.id] else {
            told[session.id] = Told(number: 1, version: session.sequenceNumber)
            return 1
        }
        guard session.sequenceNumber > last.version else { return nil }
        told[session.id] = Told(number: last.number + 1, version: session.sequenceNumber)
        return last.number + 1
    }

    /// An earlier run has told the session's events up to `session`'s number: what follows goes on from there. One that began
    /// to listen later had lower numbers; one that began with the session's state may have had that of before the first event
    /// too, and so numbers one higher. A gap is better than a number it has had.
    mutating func resume(_ session: Session) {
        let mayBeginBefore = wantsInitialEvent || subscription.detail.sessionID != nil
        let number = session.sequenceNumber + (mayBeginBefore ? 1 : 0)
        guard number > 0 else { return }
        told[session.id] = Told(number: number, version: session.sequenceNumber)
    }

    /// Nothing more will be told of the session.
    mutating func forget(_ session: SessionID) { told[session] = nil }

    /// One more event counts. True where that has to be stored.
    mutating func count() -> Bool {
        guard maximum != nil else { return false }
        eventsTold += 1
        return true
    }

    /// How many sessions it keeps numbers of.
    var sessionsTold: Int { told.count }
}
