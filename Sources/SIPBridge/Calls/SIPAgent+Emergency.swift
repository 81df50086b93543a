import CallCore

/// Emergency calls: the one kind that nothing of ours stands in the way of (emergency design).
extension SIPAgent {
    /// How long a trunk may be silent before the next one is tried; less if its own limit is less.
    static let emergencyPatience = Duration.milliseconds(1_500)

    /// The ways for emergency calls. Whatever one answers, the next is tried: first the peers that other calls would take too,
    /// then those that are left alone or answer no probe, which are still better than none. No limit holds.
    func emergencyChoices() -> [TrunkChoice] {
        let usual = try? peers.choices(
            of: options.emergencyTrunks, isExempt: true, live: { _ in 0 }, at: options.clock(), using: &random)
        var ways = (usual ?? []).map { (trunk: $0.trunk, peer: $0.peer) }
        for trunk in options.emergencyTrunks {
            let targets = peers.trunks[trunk].targets
            for peer in targets.indices
            where !targets[peer].isRetired && !ways.contains(where: { $0 == (trunk, peer) }) {
                ways.append((trunk, peer))
            }
        }
        return ways.prefix(OutboundCall.maximumAttempts).map { way in
            TrunkChoice(
                trunk: way.trunk, peer: way.peer,
                noResponse: min(options.trunks[way.trunk].noResponse, SIPAgent.emergencyPatience))
        }
    }

    /// No limit counts: neither the calls that live nor that the gateway drains. Only when every call is being ended could
    /// this one not go on; then the application is told to dial natively, like where no trunk takes it.
    func placeEmergency(
        _ request: CallRequest, reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void
    ) {
        let choices = emergencyChoices()
        guard handle != nil, !isEnding, !choices.isEmpty else {
            callCounts.refused(nil, .outbound)
            return reply(.failure(.emergencyNotSupported))
        }
        tellEmergency(request)
        place(request, choices: choices, reply: reply)
    }

    /// The network has made an emergency call of one that was none (emergency 7).
    func becomeEmergency(_ service: String, _ call: ActiveCall) {
        let details = call.request.details ?? CallDetails(service: nil)
        call.request.details = details.asking(for: service, note: "the network asked for an emergency call")
        tellEmergency(call.request)
    }

    private func tellEmergency(_ request: CallRequest) {
        guard let details = request.details, let service = details.service else { return }
        options.onEmergencyCall?(
            EmergencyNotice(
                session: request.id, correlator: request.correlator, service: service, notes: details.notes,
                hasLocation: details.location != nil, hasNumber: request.identity != nil))
    }
}

/// An emergency call that begins, for the operator's log.
public struct EmergencyNotice: Sendable {
    /// Its session.
    public var session: SessionID
    /// The POST's x-correlator.
    public var correlator: String
    /// `sos` or below (RFC 5031).
    public var service: String
    /// What was left out of the request, or taken against its words.
    public var notes: [String]
    /// Whether it carries a location.
    public var hasLocation: Bool
    /// Whether there is a number to call back.
    public var hasNumber: Bool
}
