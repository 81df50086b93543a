import CAres
import Foundation
import Synchronization
import Threads

/// Looks names up with c-ares: one thread of its own, whatever the number of look-ups, which have bounds in number and time.
/// The hosts file is asked before the servers for addresses, and answers are kept as long as they hold. Of the system's
/// settings it knows `/etc/hosts` and `/etc/resolv.conf`; other sources of `nsswitch.conf` are not asked.
public final class Resolver: Sendable {
    /// How names are looked up.
    public struct Options: Sendable {
        /// Servers as `address:port`, separated by commas, in place of those of the system.
        public var servers: String?
        /// Of one look-up, from asking to the answer.
        public var timeout: Duration = .seconds(5)
        /// Of one attempt at one server; the next one may take longer.
        public var attemptTimeout: Duration = .milliseconds(1_500)
        /// Attempts at each server.
        public var attempts = 2
        /// Queries under way.
        public var maximumInFlight = 128
        /// Queries under way for one group; names of one domain, where the caller names none.
        public var maximumInFlightPerGroup = 16
        /// Look-ups that are not answered; one more fails ``ResolverError/busy``.
        public var maximumPending = 10_000
        /// Answers kept; 0: every look-up asks the servers.
        public var maximumCached = 10_000
        /// The system's list of servers, the port of those, and how often it is looked at for a change: for tests.
        package var settingsFile = "/etc/resolv.conf"
        package var port: UInt16 = 53
        package var settingsInterval: Duration = .seconds(10)

        /// The defaults.
        public init() {}

        var limits: LookUpTable.Limits {
            var limits = LookUpTable.Limits()
            limits.inFlight = max(1, maximumInFlight)
            limits.inFlightPerGroup = max(1, maximumInFlightPerGroup)
            limits.pending = max(1, maximumPending)
            limits.timeout = UInt64(max(1, timeout / .nanoseconds(1)))
            limits.cached = max(0, maximumCached)
            return limits
        }
    }

    /// A look-up that can be given up.
    public struct LookUp: Sendable, Hashable {
        let id: UInt64
    }

    /// Called once, on the resolver's thread: must return soon.
    public typealias Completion = @Sendable (Result<[DNSRecord], ResolverError>) -> Void

    private let inbox: ResolverInbox

    /// Starts the thread.
    /// - Throws: ``ResolverError/system(_:)`` with what the machine lacks, or that the servers are none.
    public init(_ options: Options = Options()) throws(ResolverError) {
        let inbox = try ResolverInbox()
        let loop = try ResolverLoop(options, inbox)
        self.inbox = inbox
        Thread.start(name: "resolver", stackSize: 1 << 20, owning: loop) { $0.run() }
    }

    deinit { inbox.stop() }

    /// Asks for a name's records of one type. Any thread; returns at once.
    /// - Parameters:
    ///   - name: with or without a final dot; an internationalised one in its ASCII form. For addresses the search domains
    ///     of the system are tried behind it, as the C library does; services are looked up as they are.
    ///   - group: whose share of the queries it takes, such as a tenant; without it, that of the name's domain.
    @discardableResult
    public func lookUp(
        _ name: String, type: RecordType, group: String? = nil, completion: @escaping Completion
    ) -> LookUp {
        let id = inbox.nextID()
        let ask = ResolverCommand.ask(id, Question(name, type), group: group, completion)
        if !inbox.post(ask) { completion(.failure(.cancelled)) }
        return LookUp(id: id)
    }

    /// Gives a look-up up: its completion is told ``ResolverError/cancelled``, unless it has been called. Any thread.
    public func cancel(_ lookUp: LookUp) { _ = inbox.post(.cancel(lookUp.id)) }

    /// Ends every look-up with ``ResolverError/cancelled``, and the thread. Any thread; returns at once.
    public func stop() { inbox.stop() }
}

/// What other threads ask of the resolver's.
enum ResolverCommand: Sendable {
    case ask(UInt64, Question, group: String?, Resolver.Completion)
    case cancel(UInt64)
}

/// The way to the resolver's thread: a queue under a lock, and an eventfd that wakes it.
final class ResolverInbox: Sendable {
    private struct State {
        var commands: [ResolverCommand] = []
        var isStopped = false
    }

    /// Readable while something waits.
    let bell: Int32
    private let state = Mutex(State())
    private let lastID = Atomic<UInt64>(0)

    init() throws(ResolverError) {
        bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard bell >= 0 else { throw .system("eventfd: \(String(cString: strerror(errno)))") }
    }

    deinit { close(bell) }

    func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

    /// False if the resolver has been stopped.
    func post(_ command: ResolverCommand) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.commands.append(command)
            if state.commands.count == 1 { _ = eventfd_write(bell, 1) }
            return true
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        _ = eventfd_write(bell, 1)
    }

    /// All that came so far, and whether nothing follows.
    func take() -> (commands: [ResolverCommand], isStopped: Bool) {
        var count: eventfd_t = 0
        _ = eventfd_read(bell, &count)
        return state.withLock { state in
            let commands = state.commands
            state.commands = []
            return (commands, state.isStopped)
        }
    }
}
