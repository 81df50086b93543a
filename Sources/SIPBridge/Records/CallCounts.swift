import CallCore
import Metrics

/// Calls counted since the start. A plain value of the SIP thread's: what is counted in a call costs an addition.
public struct CallCounts: Sendable {
    /// The buckets of ``postDialDelay`` and ``answerTime``, in milliseconds.
    static let bounds: [UInt64] = [
        50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 180_000,
    ]

    /// The trunks' names, in the order of the configuration; in the SIP thread's own counts, by their indices.
    public private(set) var trunks: [String]
    private var ended: [Int]
    private var live: [Int]
    private static let directions = SessionDirection.allCases.count
    private static let outcomes = CallEnding.allCases

    /// From the INVITE to the first sign of the callee, of calls that applications made.
    public private(set) var postDialDelay = Histogram(milliseconds: bounds)
    /// From the INVITE to the answer, of calls that applications made.
    public private(set) var answerTime = Histogram(milliseconds: bounds)

    init(trunks: [String]) {
        self.trunks = trunks
        ended = Array(repeating: 0, count: (trunks.count + 1) * CallCounts.directions * CallCounts.outcomes.count)
        live = Array(repeating: 0, count: trunks.count * CallCounts.directions)
    }

    private static func place(_ trunk: Int, _ direction: SessionDirection) -> Int {
        trunk * directions + (direction == .outbound ? 0 : 1)
    }

    private func place(_ trunk: Int?, _ direction: SessionDirection, _ outcome: Int) -> Int {
        // What belongs to no trunk comes first, so that there may be more of them later.
        CallCounts.place(trunk.map { $0 + 1 } ?? 0, direction) * CallCounts.outcomes.count + outcome
    }

    private static func number(of outcome: CallEnding) -> Int {
        switch outcome {
        case .answered: 0
        case .cancelled: 1
        case .busy: 2
        case .declined: 3
        case .noAnswer: 4
        case .notReachable: 5
        case .failed: 6
        case .refused: 7
        }
    }

    /// Calls that have come to that outcome; `trunk` by its index, nil: by none.
    public func ended(_ trunk: Int?, _ direction: SessionDirection, _ outcome: CallEnding) -> Int {
        ended[place(trunk, direction, CallCounts.number(of: outcome))]
    }

    /// Calls that have not ended, by the trunk of their last INVITE.
    public func live(_ trunk: Int, _ direction: SessionDirection) -> Int {
        live[CallCounts.place(trunk, direction)]
    }

    mutating func refused(_ trunk: Int?, _ direction: SessionDirection, times: Int = 1) {
        ended[place(trunk, direction, CallCounts.number(of: .refused))] += times
    }

    mutating func ended(_ record: CallRecord, trunk: Int?) {
        ended[place(trunk, record.session.direction, CallCounts.number(of: record.outcome))] += 1
        guard record.session.direction == .outbound else { return }
        if let delay = record.postDialDelay { postDialDelay.record(nanoseconds: delay.nanoseconds) }
        if let time = record.answerTime { answerTime.record(nanoseconds: time.nanoseconds) }
    }

    /// A call goes by another trunk from now on, or by none.
    mutating func move(from old: Int?, to new: Int?, _ direction: SessionDirection) {
        if let old { live[CallCounts.place(old, direction)] -= 1 }
        if let new { live[CallCounts.place(new, direction)] += 1 }
    }

    // MARK: - Another configuration

    /// The trunk `index`, which may be one more, is called `name` from now on. What was counted under its old name, and what under
    /// the name at another index, is counted there now.
    mutating func begin(_ name: String, at index: Int) {
        if index == trunks.count {
            trunks.append(name)
            ended += Array(repeating: 0, count: CallCounts.rows)
            live += Array(repeating: 0, count: CallCounts.directions)
        } else {
            // The place was a trunk's that no call goes by any more.
            if let heir = trunks.indices.first(where: { $0 != index && trunks[$0] == trunks[index] }) {
                move(from: index, to: heir)
            } else {
                forget(index)
            }
            trunks[index] = name
        }
        for other in trunks.indices where other != index && trunks[other] == name { move(from: other, to: index) }
    }

    /// The counts by name: the trunks of the configuration in its order, then those that only calls still go by.
    func shown(current: [Int]) -> CallCounts {
        var names = current.map { trunks[$0] }
        for (index, name) in trunks.enumerated() where !names.contains(name) {
            let isLive = SessionDirection.allCases.contains { live(index, $0) > 0 }
            if isLive { names.append(name) }
        }
        var shown = CallCounts(trunks: names)
        shown.postDialDelay = postDialDelay
        shown.answerTime = answerTime
        for row in 0..<CallCounts.rows { shown.ended[row] = ended[row] }
        for (index, name) in trunks.enumerated() {
            guard let place = names.firstIndex(of: name) else { continue }
            for row in 0..<CallCounts.rows {
                shown.ended[(place + 1) * CallCounts.rows + row] += ended[(index + 1) * CallCounts.rows + row]
            }
            for direction in 0..<CallCounts.directions {
                shown.live[place * CallCounts.directions + direction] += live[index * CallCounts.directions + direction]
            }
        }
        return shown
    }

    private static let rows = directions * outcomes.count

    private mutating func move(from old: Int, to new: Int) {
        for row in 0..<CallCounts.rows {
            ended[(new + 1) * CallCounts.rows + row] += ended[(old + 1) * CallCounts.rows + row]
        }
        forget(old)
    }

    private mutating func forget(_ index: Int) {
        for row in 0..<CallCounts.rows { ended[(index + 1) * CallCounts.rows + row] = 0 }
    }
}
