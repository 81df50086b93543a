/// What operators are told that others can make happen: a line for each time would bury the log.
extension SIPAgent {
    enum Alarm: Hashable {
        /// A TLS connection to the trunk has failed; each also fails a request, which is told by itself.
        case connectionTo(trunk: String)
        /// A connection from the trunk's networks has come to nothing.
        case connectionFrom(trunk: String)
        /// A challenge is not answered. Whoever is called can send one.
        case challenge(trunk: String)
        /// A call has failed for a reason that the operator can mend; it is in the call's record too.
        case call(trunk: String)
        /// A connection from no trunk's network has come to nothing; no trunk's alarm, and told once a minute.
        case stranger

        var trunk: String? {
            switch self {
            case .connectionTo(let trunk), .connectionFrom(let trunk), .challenge(let trunk), .call(let trunk): trunk
            case .stranger: nil
            }
        }
    }

    /// Tells of a trunk's alarm, every 10 s at most.
    func tell(_ alarm: Alarm, _ message: String) {
        guard let trunk = alarm.trunk, alarmPace.isDue(alarm, every: .seconds(10), at: options.clock()) else { return }
        options.onAlarm?(trunk, message)
    }
}
