import CallCore

extension Log {
    /// The gateway is too busy for new calls, or is no longer.
    func tell(_ notice: OverloadSpell.Notice) {
        switch notice {
        case .began:
            warning("overload", [.reason("new calls are refused with 503 until those before them are under way")])
        case .ended(let refused): info("overload has ended", [LogField("refused", .integer(refused))])
        }
    }
}
