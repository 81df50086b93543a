/// The keys of `sessionCreate`, `sessions` and `drain`.
enum SessionKeys {
    static let create = SectionKey("sessionCreate", "When a POST of a session answers.")
    static let waitForProgress = Key(
        "sessionCreate.waitForProgress", .duration(.zero...(.seconds(60))), default: .milliseconds(250),
        "After a 100 Trying, how long a better response is waited for.")
    static let timeout = Key(
        "sessionCreate.timeout", .duration(.milliseconds(100)...(.seconds(300))), default: .seconds(4),
        "How long any response is waited for before 504; below `sip.timers.timerB`.")
    static let offerTimeout = Key(
        "sessionCreate.offerTimeout", .duration(.seconds(1)...(.seconds(600))), default: .seconds(30),
        "How long a session without an offer waits for one.")
    static let calleeOutcome = Key(
        "sessionCreate.calleeOutcome", .word(), default: Configuration.CalleeOutcome.error,
        "A callee that is busy, absent or declines: `error` answers an HTTP error, `resource` 201 and a session.")

    static let section = SectionKey("sessions", "Limits on what is kept.")
    static let keepEnded = Key(
        "sessions.keepEnded", .duration(.zero...(.seconds(86_400))), default: .seconds(300),
        "How long an ended session can be read.")
    static let maxDuration = Key(
        "sessions.maxDuration", .duration(.seconds(1)...(.seconds(604_800))), default: .seconds(14_400),
        "When the gateway ends a call.")
    static let maxLive = Key(
        "sessions.maxLive", .int(1...1_000_000), default: 100_000,
        "Sessions that have not ended; one more is refused.")
    static let maxEnded = Key(
        "sessions.maxEnded", .int(0...10_000_000), default: 100_000, "Ended sessions kept; the oldest go first.")
    static let maxEndedBytes = Key(
        "sessions.maxEndedBytes", .size((1 << 20)...(64 << 30)), default: 256 << 20,
        "Memory for ended sessions; the oldest go first.")

    static let drain = SectionKey("drain", "How the gateway stops on SIGTERM.")
    static let deadline = Key(
        "drain.deadline", .duration(.zero...(.seconds(86_400))), default: .seconds(30),
        "How long calls may go on once no new one is taken; what is left then is ended with BYE.")

    static let rows: [Row] = [
        create.row, waitForProgress.row, timeout.row, offerTimeout.row, calleeOutcome.row, section.row, keepEnded.row,
        maxDuration.row, maxLive.row, maxEnded.row, maxEndedBytes.row, drain.row, deadline.row,
    ]
}

extension Configuration.SessionCreate {
    init(_ section: Section, _ timers: Configuration.Timers) {
        waitForProgress = section.value(SessionKeys.waitForProgress)
        timeout = section.value(SessionKeys.timeout)
        offerTimeout = section.value(SessionKeys.offerTimeout)
        calleeOutcome = section.value(SessionKeys.calleeOutcome)
        if timeout >= timers.timerB {
            section.report(
                SessionKeys.timeout,
                "\(DurationText.text(timeout)) is not below sip.timers.timerB; allowed: less than "
                    + DurationText.text(timers.timerB))
        }
    }
}

extension Configuration.Sessions {
    init(_ section: Section) {
        keepEnded = section.value(SessionKeys.keepEnded)
        maxDuration = section.value(SessionKeys.maxDuration)
        maxLive = section.value(SessionKeys.maxLive)
        maxEnded = section.value(SessionKeys.maxEnded)
        maxEndedBytes = section.value(SessionKeys.maxEndedBytes)
    }
}

extension Configuration.Drain {
    init(_ section: Section) {
        deadline = section.value(SessionKeys.deadline)
    }
}
