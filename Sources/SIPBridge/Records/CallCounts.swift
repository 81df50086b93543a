import CallCore
import Metrics

/// Calls counted since the start. A plain value of the SIP thread's: what is counted in a call costs an addition.
public struct CallCounts: Sendable {
    /// The buckets of ``postDialDelay`` and ``answerTime``, in milliseconds.
    static let bounds: [UInt64] = [
        50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 180_000,
    ]

    /// The trunks' names, in the order of the configuration.
    public let trunks: [String]
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
        CallCounts.place(trunk ?? trunks.count, direction) * CallCounts.outcomes.count + outcome
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

    mutating func refused(_ trunk: Int?, _ direction: SessionDirection) {
        ended[place(trunk, direction, CallCounts.number(of: .refused))] += 1
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
}
