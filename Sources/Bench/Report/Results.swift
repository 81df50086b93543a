/// One phase of load with what it cost.
struct PhaseResult {
    let name: String
    let tally: Tally
    let gatewayCPU: Nanoseconds
    let driverCPU: Nanoseconds

    /// Microseconds of CPU per complete call; nil without any.
    var gatewayMicroseconds: Double? { perCall(gatewayCPU) }
    var driverMicroseconds: Double? { perCall(driverCPU) }

    private func perCall(_ cpu: Nanoseconds) -> Double? {
        tally.completed > 0 ? Double(cpu) / 1e3 / Double(tally.completed) : nil
    }
}

/// Memory and descriptors over a phase of held calls.
struct HeldResult {
    struct Look {
        let resident: Int
        let anonymous: Int
        let descriptors: Int
    }

    let established: PhaseResult
    let ended: PhaseResult
    /// Calls that were still up when memory was read.
    let heldCalls: Int
    /// Offer and answer of a call.
    let sdpBytes: Int
    /// Before the first held call, with them, after the last BYE.
    let before: Look
    let holding: Look
    let after: Look
    /// From the last established call until memory stood still.
    let settledSeconds: Double
    let isSettled: Bool

    /// Resident memory per held call beyond its offer and answer.
    var bytesPerCall: Double? {
        heldCalls > 0 ? Double(holding.resident - before.resident) / Double(heldCalls) - Double(sdpBytes) : nil
    }
}

/// The same SIP work on the bare library.
struct FloorResult {
    let calls: Int
    let failed: Int
    let callsPerSecond: Double
    let microseconds: Double
    /// What answering cost the driver.
    var driverMicroseconds: Double?
}

/// All that a run measured.
struct Results {
    /// Before what is judged.
    var runIn: [PhaseResult] = []
    var closed: [PhaseResult] = []
    var half: PhaseResult?
    var rate: PhaseResult?
    var held: HeldResult?
    var events: EventsResult?
    var inbound: InboundResult?
    var overload: OverloadResult?
    var reload: ReloadResult?
    var floor: FloorResult?

    /// Concurrency of the closed loop whose cost per call is the gateway's figure.
    static let headline = 32
    var headline: PhaseResult?

    /// Calls that were not complete, over all phases.
    var failures: Int {
        var phases = runIn + closed + [half, rate, held?.established, held?.ended].compactMap { $0 }
        phases += events?.phases ?? []
        phases += overload?.phases ?? []
        phases += reload?.phases ?? []
        for turns in (inbound?.phases ?? [:]).values { phases += turns }
        return phases.reduce(0) { $0 + $1.tally.failureCount } + (floor?.failed ?? 0)
    }
}
