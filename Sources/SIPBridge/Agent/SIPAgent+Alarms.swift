/// What operators are told that others can make happen: a line for each time would bury the log.
extension SIPAgent {
    /// What is told. Each kind has a pace of its own, so that none can be made to happen to hide another; there are few.
    enum Alarm: Hashable {
        /// A TLS connection to the trunk has failed; each also fails a request, which is told by itself.
        case connectionTo(trunk: String)
        /// A connection from the trunk's networks has come to nothing.
        case connectionFrom(trunk: String)
        /// A challenge is for another realm. Whoever is called can send one.
        case foreignChallenge(trunk: String)
        /// A call has failed for a reason that the operator can mend (one of few messages: ``FinalResponse``); it is in the
        /// call's record too. Whoever is called can give some of the reasons.
        case failure(trunk: String, message: String)
        /// A connection from no trunk's network has come to nothing.
        case stranger

        /// Nil where no trunk needs attention.
        var trunk: String? {
            switch self {
            case .connectionTo(let trunk), .connectionFrom(let trunk), .foreignChallenge(let trunk),
                .failure(let trunk, _):
                trunk
            case .stranger: nil
            }
        }

        /// The shortest time between two that are told.
        var interval: Duration { trunk == nil ? .seconds(60) : .seconds(10) }
    }

    /// Tells of it, unless it has just been told.
    func tell(_ alarm: Alarm, _ message: String) {
        guard alarmPace.isDue(alarm, every: alarm.interval, at: options.clock()) else { return }
        if let trunk = alarm.trunk { options.onAlarm?(trunk, message) } else { options.onStranger?(message) }
    }

    /// The trunk has changed: what is told of it next is news.
    func forgetFailures(of trunk: String) {
        alarmPace.forget { if case .failure(trunk, _) = $0 { true } else { false } }
    }

    /// Tells of a request that the trunk has refused for a reason that the operator can mend.
    func tellFailure(_ message: String, of trunk: Int) {
        tell(.failure(trunk: options.trunks[trunk].name, message: message), message)
    }
}
