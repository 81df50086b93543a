import CAres
import Foundation

/// The resolver's thread: commands in, queries out, answers back. Everything here belongs to that thread; all decisions are
/// ``LookUpTable``'s.
final class ResolverLoop {
    private let options: Resolver.Options
    private let inbox: ResolverInbox
    private var channel: Channel
    private var table: LookUpTable
    private var completions: [UInt64: Resolver.Completion] = [:]
    /// When the system's list of servers was last looked at, and how old it was.
    private var lookedAt: UInt64
    private var listed: SettingsState

    private let interval: UInt64

    init(_ options: Resolver.Options, _ inbox: ResolverInbox) throws(ResolverError) {
        self.options = options
        self.inbox = inbox
        channel = try Channel(options)
        table = LookUpTable(limits: options.limits)
        lookedAt = ResolverLoop.now()
        listed = ResolverLoop.changeOfServers(options)
        interval = UInt64(max(0, options.settingsInterval / .nanoseconds(1)))
    }

    /// Runs until it is told to stop.
    func run() {
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while true {
            let (commands, isStopped) = inbox.take()
            let now = ResolverLoop.now()
            for command in commands { handle(command, now: now) }
            if isStopped { break }
            table.advance(to: now)
            carryOut(now: now)
            channel.wait(bell: inbox.bell, milliseconds: patience())
        }
        table.cancelAll()
        carryOut(now: ResolverLoop.now())
    }

    private func handle(_ command: ResolverCommand, now: UInt64) {
        switch command {
        case .ask(let id, let question, let group, let completion):
            completions[id] = completion
            renewServers(now: now)
            table.ask(id, question, group: group, now: now)
        case .cancel(let id): table.cancel(id)
        }
    }

    private func carryOut(now: UInt64) {
        while true {
            for (question, answer) in channel.takeAnswers() { table.answered(question, answer, now: now) }
            if table.actions.isEmpty { return }
            let actions = table.actions
            table.actions = []
            for action in actions {
                switch action {
                case .query(let question): channel.ask(question)
                case .complete(let id, let answer): completions.removeValue(forKey: id)?(answer)
                }
            }
        }
    }

    /// A changed list of the system's servers counts at once: what the old ones have not answered is asked of the new.
    private func renewServers(now: UInt64) {
        guard options.servers == nil, now >= lookedAt + interval else { return }
        lookedAt = now
        let changed = ResolverLoop.changeOfServers(options)
        guard changed != listed else { return }
        guard let renewed = try? Channel(options) else { return }
        for (question, answer) in channel.takeAnswers() { table.answered(question, answer, now: now) }
        let unanswered = channel.underWay
        channel = renewed
        listed = changed
        for question in unanswered { channel.ask(question) }
    }

    private func patience() -> Int {
        guard let deadline = table.nextDeadline else { return 60_000 }
        let now = ResolverLoop.now()
        return deadline <= now ? 0 : Int(min((deadline - now + 999_999) / 1_000_000, 60_000))
    }

    /// What tells one content of the settings file from another. The clock of a file system stands still for milliseconds, but a
    /// file that takes another's place is another file.
    private struct SettingsState: Equatable {
        var seconds = 0
        var nanoseconds = 0
        var file: UInt64 = 0
        var bytes = 0
    }

    private static func changeOfServers(_ options: Resolver.Options) -> SettingsState {
        var status = stat()
        guard stat(options.settingsFile, &status) == 0 else { return SettingsState() }
        return SettingsState(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, file: UInt64(status.st_ino),
            bytes: Int(status.st_size))
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
