import CallCore

/// Counting calls, telling how they ended, and showing those that live.
extension SIPAgent {
    /// The session of an application's call has another status.
    func progressed(_ call: ActiveCall) {
        let session = call.state.session
        let now = options.clock()
        call.times.reached(session.status, at: now)
        guard session.status.isFinal, !call.times.isRecorded else { return }
        call.times.isRecorded = true
        let attempt = call.attempts.last
        let record = call.times.record(
            of: session, trunk: attempt.map { options.trunks[$0.trunk].name }, callID: attempt?.callID,
            chargingID: attempt.flatMap { options.trunks[$0.trunk].isTrusted ? $0.callID : nil },
            service: call.request.details?.service, endedAt: now)
        callCounts.ended(record, trunk: attempt?.trunk)
        options.onCallEnd?(record)
    }

    /// A call of the network has ended, if it has.
    func recordEnd(of call: ActiveInboundCall) {
        guard case .ended = call.state.phase, !call.times.isRecorded else { return }
        call.times.isRecorded = true
        let session = call.state.devices[call.answeredBy ?? 0].session
        let record = call.times.record(
            of: session, trunk: options.trunks[call.trunk].name, callID: call.callID,
            chargingID: call.chargingLine.map { InboundHeaders.chargingID(in: $0) }, endedAt: options.clock())
        callCounts.ended(record, trunk: call.trunk)
        options.onCallEnd?(record)
    }

    /// What has been counted since the start.
    public func counts() -> CallCounts {
        var counts = callCounts.shown(current: slots.current)
        // Those of the network are among them already.
        counts.refused(nil, .outbound, times: load.refusedOut.load(ordering: .relaxed))
        return counts
    }

    /// Some of the calls that have not ended, at most `limit`, in no order: the SIP thread stands still meanwhile.
    public func liveCalls(limit: Int) -> [LiveCall] {
        let now = options.clock()
        var found: [LiveCall] = []
        for call in calls.values where !call.state.session.status.isFinal {
            guard found.count < limit else { return found }
            let attempt = call.attempts.last
            found.append(
                LiveCall(
                    session: call.state.session, trunk: attempt.map { options.trunks[$0.trunk].name },
                    callID: attempt?.callID, age: .nanoseconds(Int64(clamping: now - call.times.began))))
        }
        for call in inboundCalls.values {
            if case .ended = call.state.phase { continue }
            guard found.count < limit else { return found }
            found.append(
                LiveCall(
                    session: call.state.devices[call.answeredBy ?? 0].session, trunk: options.trunks[call.trunk].name,
                    callID: call.callID, age: .nanoseconds(Int64(clamping: now - call.times.began))))
        }
        return found
    }

    /// Returns when the SIP thread has come to it: how long that takes is how long a POST would wait for it.
    /// - Returns: how much it has begun since the start: calls either way, registrations, probes of peers, and ends of calls
    ///   that an earlier run left.
    public func answer() -> UInt64 { lastNumber }
}

/// A call that has not ended, for the operator.
public struct LiveCall: Sendable {
    /// As the API shows it; of a call of the network, the session of the device that has answered, or of the first.
    public var session: Session
    /// The trunk it goes or came by; nil while no INVITE was sent.
    public var trunk: String?
    /// The INVITE's Call-ID.
    public var callID: String?
    /// Since the POST, or the network's INVITE.
    public var age: Duration
}
