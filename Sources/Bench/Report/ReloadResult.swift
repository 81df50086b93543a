/// Calls while the configuration is read again and again.
struct ReloadResult {
    struct Look {
        let descriptors: Int
        let resident: Int
    }

    /// Without reloads, then with them.
    let settling: PhaseResult
    let phase: PhaseResult
    let reloads: Int
    let taken: Int
    /// How long each took.
    let times: [Nanoseconds]
    /// What the first that was not taken was answered.
    let refusal: String?
    let before: Look
    let after: Look

    var phases: [PhaseResult] { [settling, phase] }

    /// Descriptors that are more than before.
    var descriptorsLeft: Int { max(0, after.descriptors - before.descriptors) }

    /// Memory that is more than before, in percent of it.
    var memoryPercent: Double? {
        before.resident > 0 ? max(0, Double(after.resident - before.resident) / Double(before.resident) * 100) : nil
    }
}

extension Report {
    static func text(_ result: ReloadResult) -> String {
        func row(_ name: String, _ value: String, _ remark: String = "") -> String {
            "  " + column(name, 34) + right(value, 10) + (remark.isEmpty ? "" : "  " + remark)
        }
        func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1_048_576, 1) }
        var lines = [
            row("reloads taken", "\(result.taken)", "of \(result.reloads)"),
            row(
                "one takes", decimal(result.times.percentile(0.5), 0),
                "ms p50, \(decimal(result.times.percentile(1), 0)) at most, the command's start included"),
            row("calls that failed meanwhile", "\(result.phase.tally.failureCount)"),
            row(
                "descriptors", "\(result.after.descriptors)",
                "before \(result.before.descriptors), connections to the API left out"),
            row("memory", mebibytes(result.after.resident), "MiB, before \(mebibytes(result.before.resident))"),
        ]
        if let refusal = result.refusal { lines.append("  not taken: \(refusal)") }
        return lines.joined(separator: "\n")
    }
}
