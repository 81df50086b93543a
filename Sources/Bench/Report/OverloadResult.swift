/// Three times the load that a gateway can carry, and what comes after.
struct OverloadResult {
    /// How many times its capacity is offered, and what share of it afterwards.
    static let factor = 3.0
    static let share = 0.5

    /// Shares of a closed loop's usual rate that are tried as the capacity, in turn.
    static let steps = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5]

    /// The closed loops, and the rate at which every call was carried as ever.
    var closed: [PhaseResult]
    let capacity: Double
    let overload: PhaseResult
    let recovery: PhaseResult
    /// When the recovery began.
    let recoveryStart: Nanoseconds
    /// The load once more, with the trunk full and draining begun.
    let draining: PhaseResult
    /// Emergency calls that should have been made, in all.
    let emergencies: Int

    var phases: [PhaseResult] { closed + [overload, recovery, draining] }

    /// Emergency calls that were not begun, or did not go all the way.
    var emergenciesMissed: Int { emergencies - phases.reduce(0) { $0 + $1.tally.emergencyCompleted } }

    /// Complete calls a second under the load.
    var completed: Double { overload.tally.callsPerSecond }

    /// What of the capacity is not used under the load, in percent of it.
    var lostPercent: Double? { capacity > 0 ? max(0, 100 - completed / capacity * 100) : nil }

    /// How long a refusal takes that `share` of all do not exceed.
    func refusalMilliseconds(_ share: Double) -> Double? { overload.tally.postToRefusal.percentile(share) }

    /// From the end of the load to the last call that was refused, late or failed.
    var recoverySeconds: Double? {
        guard recovery.tally.completed > 0 else { return nil }
        return recovery.tally.lastTrouble.map { ($0 - recoveryStart).inSeconds } ?? 0
    }
}

extension Report {
    static func text(_ result: OverloadResult) -> String {
        func row(_ name: String, _ value: String, _ remark: String = "") -> String {
            "  " + column(name, 34) + right(value, 10) + (remark.isEmpty ? "" : "  " + remark)
        }
        let used = result.capacity > 0 ? result.completed / result.capacity * 100 : nil
        func emergencies(_ name: String, _ phases: [PhaseResult]) -> String {
            let (begun, made) = phases.reduce(into: (0, 0)) {
                $0.0 += $1.tally.emergencyStarted
                $0.1 += $1.tally.emergencyCompleted
            }
            let times = phases.flatMap(\.tally.emergencyToCreated)
            let (median, longest) = (decimal(times.percentile(0.5), 1), decimal(times.percentile(1), 1))
            return row(
                "emergency calls, \(name)", "\(made)", "of \(begun); 201 after \(median) ms p50, \(longest) at most")
        }
        let refused = result.overload.tally.postToRefusal
        return [
            row("capacity", decimal(result.capacity, 0), "calls/s, all of them carried as ever"),
            row(
                "complete under the load", decimal(result.completed, 0),
                "calls/s, \(decimal(used, 1)) % of the capacity"),
            row("503 with Retry-After", "\(refused.count)", "of \(result.overload.tally.started) calls"),
            row(
                "they take", decimal(refused.percentile(0.5), 1),
                "ms p50, \(decimal(refused.percentile(0.99), 1)) p99, \(decimal(refused.percentile(1), 1)) at most"),
            row(
                "recovered after", decimal(result.recoverySeconds, 2),
                "s, \(result.recovery.tally.postToRefusal.count) refused"),
            emergencies("overload", [result.overload, result.recovery]),
            emergencies("trunk full, draining", [result.draining]),
        ].joined(separator: "\n")
    }
}
