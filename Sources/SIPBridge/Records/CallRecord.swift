import CallCore

/// What is left of a call that has ended: one for each call, whichever side made it and however it went.
public struct CallRecord: Sendable {
    /// Its session as it ended. A call of the network has one for each device that was invited: this is the one that
    /// answered, or the first.
    public var session: Session
    /// The trunk it went or came by, the last one of several tried; nil if no INVITE was sent.
    public var trunk: String?
    /// The INVITE's Call-ID, the last one of several; nil if none was sent.
    public var callID: String?
    /// The charging id that the trunk's network knows the call by (`icid-value` of P-Charging-Vector, RFC 7315 §4.6); nil
    /// where none was told.
    public var chargingID: String?
    /// The service that an emergency call asked for, `sos` or below (RFC 5031); nil for any other call.
    public var service: String?
    /// How it went.
    public var outcome: CallEnding
    /// The final response to the INVITE; nil without one.
    public var sipStatus: Int?
    /// From the INVITE to the first sign of the callee: 18x, or the answer. Nil if there was none.
    public var postDialDelay: Duration?
    /// From the INVITE to the answer; nil if there was none.
    public var answerTime: Duration?
    /// From the answer to the end; nil if there was no answer.
    public var talkTime: Duration?
    /// From the POST, or the network's INVITE, to the end.
    public var total: Duration
}

/// How a call went. Its raw values are the words of records and metrics.
public enum CallEnding: String, Sendable, CaseIterable {
    /// It was answered, however it ended then.
    case answered
    /// Whoever made it gave it up.
    case cancelled
    /// The callee is busy.
    case busy
    /// The callee declined.
    case declined
    /// It rang, and nobody answered.
    case noAnswer = "no-answer"
    /// The callee cannot be reached.
    case notReachable = "not-reachable"
    /// Anything else: the network, the trunk or the gateway failed.
    case failed
    /// It was refused before it was a call: no route, no such number, no device, no room, draining. No record is made.
    case refused

    init(_ status: SessionStatus, wasAnswered: Bool) {
        guard !wasAnswered else {
            self = .answered
            return
        }
        self =
            switch status {
            case .sessionCancelled: .cancelled
            case .busy: .busy
            case .declined: .declined
            case .noAnswer: .noAnswer
            case .notReachable: .notReachable
            default: .failed
            }
    }
}

/// The moments of a call's life, in nanoseconds of the agent's clock, while it lives.
struct CallTimes {
    /// The POST, or the network's INVITE.
    let began: UInt64
    /// The first INVITE; nil while it waits for its offer.
    var invited: UInt64?
    /// The first sign of the callee.
    var rang: UInt64?
    var answered: UInt64?
    /// The final response to the INVITE.
    var sipStatus: Int?
    /// The end has been counted and told.
    var isRecorded = false

    init(began: UInt64) { self.began = began }

    /// The session has another status.
    mutating func reached(_ status: SessionStatus, at now: UInt64) {
        switch status {
        case .connected:
            if answered == nil { answered = now }
            if rang == nil { rang = now }
        case .inProgress, .ringing, .proceeding, .waiting: if rang == nil { rang = now }
        default: break
        }
    }

    private func duration(from start: UInt64?, to end: UInt64?) -> Duration? {
        guard let start, let end else { return nil }
        return .nanoseconds(Int64(clamping: end - min(start, end)))
    }

    /// The record of a call that ends now.
    func record(
        of session: Session, trunk: String?, callID: String?, chargingID: String? = nil, service: String? = nil,
        endedAt now: UInt64
    ) -> CallRecord {
        CallRecord(
            session: session, trunk: trunk, callID: callID, chargingID: chargingID, service: service,
            outcome: CallEnding(session.status, wasAnswered: answered != nil), sipStatus: sipStatus,
            postDialDelay: duration(from: invited, to: rang), answerTime: duration(from: invited, to: answered),
            talkTime: duration(from: answered, to: now), total: duration(from: began, to: now) ?? .zero)
    }
}
