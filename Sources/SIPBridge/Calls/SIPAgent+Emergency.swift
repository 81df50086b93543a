import CallCore

/// Emergency calls: the one kind that nothing of ours stands in the way of (emergency design).
extension SIPAgent {
    /// How long a trunk may be silent before the next one is tried; less if its own limit is less.
    static let emergencyPatience = Duration.milliseconds(1_500)

    /// The ways an emergency call may take, whatever limits say and however their peers do: the first peer of each trunk, then
    /// the second of each; so a trunk that is dead as a whole holds nobody up. Those that fail at present come last.
    func emergencyChoices() -> [TrunkChoice] {
        let now = options.clock()
        var fit: [(rank: Int, choice: TrunkChoice)] = []
        var failing: [(rank: Int, choice: TrunkChoice)] = []
        for index in options.emergencyTrunks {
            var usable: [TrunkChoice] = []
            peers.trunks[index].addChoices(
                to: &usable, room: OutboundCall.maximumAttempts, at: now, using: &random)
            let patience = min(options.trunks[index].noResponse, SIPAgent.emergencyPatience)
            for (rank, var choice) in usable.enumerated() {
                choice.noResponse = patience
                fit.append((rank, choice))
            }
            let others = peers.trunks[index].targets.indices.filter { target in
                !peers.trunks[index].targets[target].isRetired && !usable.contains { $0.peer == target }
            }
            for (rank, target) in others.enumerated() {
                failing.append((rank, TrunkChoice(trunk: index, peer: target, noResponse: patience)))
            }
        }
        // Sorting alone promises no order among equals.
        let ordered = [fit, failing].flatMap { ways in
            ways.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
        }
        return ordered.map(\.element.choice)
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
        call.isExempt = true
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
