import CSofiaSIP
import CallCore
import Foundation
import Metrics
import Resolver
import Synchronization

/// The SIP side of the gateway: an actor whose executor is the thread that runs Sofia's event loop.
///
/// C callbacks arrive on that thread and enter by `assumeIsolated`; other threads post commands. Handles live in
/// ``ActiveCall`` and are touched here only.
public actor SIPAgent {
    /// Its trunks are all that calls may name; ``slots`` says which of them are the configuration's.
    var options: SIPOptions
    let invites: InviteBuilder
    var sources: SourceTable
    var slots: TrunkSlots
    /// What the calls of applications go by.
    var policy: Shared<CallPolicy>
    /// Where calls may go.
    var peers: PeerBook
    /// OPTIONS that are out, by their transactions.
    var probes: [UInt64: Probe] = [:]
    /// Those of the peers that are names, and who looks them up.
    var names: [WatchedName] = []
    var resolver: Resolver?
    /// When something is due about the peers, in nanoseconds of the clock.
    var peerWorkDue = UInt64.max
    /// INVITEs sent elsewhere because they failed, by their trunks, and how long probes took to be answered.
    var failovers: [Int]
    var roundTrips: [Histogram]
    nonisolated let usability: Atomic<Bool>
    /// The sessions as the API sees them.
    public nonisolated let store: SessionStore
    nonisolated let liveSessions = LiveSessions()
    nonisolated let thread: SIPThread

    var handle: OpaquePointer?
    var calls: [UInt64: ActiveCall] = [:]
    /// Those that the network has made.
    var inboundCalls: [UInt64: ActiveInboundCall] = [:]
    /// The sessions of both.
    var places: [SessionID: SessionPlace] = [:]
    /// Calls of an earlier run whose BYE is not answered yet, by their transactions.
    var leftCalls: [UInt64: LeftCall] = [:]
    var deadlines = DeadlineQueue<TimedCall>()
    var lastNumber: UInt64 = 0
    var random = SystemRandom()
    /// Some trunk has credentials.
    var hasCredentials: Bool
    /// Which challenges to calls are answered: of the trunks that have credentials, and of the numbers with their own that have
    /// called.
    var authentications: [Account: TrunkAuthentication] = [:]
    /// Of the trunks that register.
    nonisolated let accounts: Mutex<[TrunkRegistration]>
    /// What is registered in the network, or is to be.
    var bindings: ActiveBindings
    /// Calls since the start.
    var callCounts: CallCounts
    /// The response being handled; its memory is the stack's, and gone when the callback returns.
    var currentResponse: UnsafePointer<csip_response>?
    private var isStopping = false
    /// How often operators are told of what others can make happen.
    var alarmPace = NoticePace<Alarm>()
    /// How the thread keeps up, what other threads are shown of that, and what follows from it.
    var pace = ThreadPace()
    nonisolated let load = Load()
    nonisolated let overload: OverloadPolicy
    nonisolated let clock: @Sendable () -> UInt64
    var spell = OverloadSpell()
    /// No call is placed any more but emergency calls; live ones go on.
    var isDraining = false
    /// Calls of the network are taken.
    var isOpen: Bool
    /// Every call is being ended: not even an emergency call could go on.
    var isEnding = false
    private var nextPrune: UInt64 = 0

    /// The SIP thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Takes every value as given.
    public init(options: SIPOptions) {
        self.options = options
        overload = options.overload
        clock = options.clock
        isOpen = !options.startsClosed
        invites = InviteBuilder(domain: options.domain)
        sources = SourceTable(options.trunks)
        slots = TrunkSlots(options.trunks)
        for (index, trunk) in options.trunks.enumerated() {
            authentications[Account(trunk: index)] = trunk.credentials.map { TrunkAuthentication($0) }
        }
        hasCredentials = options.trunks.contains(where: \.hasCredentials)
        policy = Shared(options.policy)
        accounts = Mutex(options.trunks.compactMap(\.registration))
        bindings = ActiveBindings()
        peers = PeerBook(options.trunks)
        failovers = Array(repeating: 0, count: options.trunks.count)
        roundTrips = Array(repeating: Histogram(milliseconds: CallCounts.bounds), count: options.trunks.count)
        usability = Atomic(false)
        callCounts = CallCounts(trunks: options.trunks.map(\.name))
        store = SessionStore(retention: options.retention, clock: options.clock)
        thread = SIPThread()
    }

    // MARK: - Life

    /// Starts the thread, binds every listener and returns the addresses as bound. Blocks until that is done; call it once.
    /// - Throws: ``SIPStartError`` naming the listener that could not be bound.
    public nonisolated func start() throws -> [SIPAddress] {
        let outcome = StartOutcome()
        thread.start(name: "sip") { [self] in
            let isReady = assumeIsolated { $0.open(outcome) }
            if isReady { run() } else { thread.end() }
        }
        return try outcome.wait()
    }

    /// Ends every call with CANCEL or BYE, waits at most `deadline` for the network to confirm, takes back what is registered
    /// unless there is no time at all, and stops the thread. Calls whose end has not been confirmed by then are told as ended
    /// all the same.
    public nonisolated func stop(deadline: Duration) async {
        await shutDown()
        let until = ContinuousClock.now + deadline
        while await !isIdle, ContinuousClock.now < until {
            try? await Task.sleep(for: .milliseconds(20))
        }
        // Not earlier: a network may end the calls of who is not registered.
        if deadline > .zero { await unregister(within: SIPAgent.lastRegisters) }
        await quit()
    }

    /// How long registrars may take to answer when the gateway ends.
    private static let lastRegisters = Duration.seconds(2)

    /// From now on calls of the network are taken, where they were not from the start.
    public func takeCalls() { isOpen = true }

    /// From now on new calls get 503, but emergency calls; those that live go on.
    public func refuseNewCalls() { isDraining = true }

    /// Calls that are not over, with their last transactions.
    public var liveCalls: Int { calls.count + inboundCalls.count }

    private var isIdle: Bool { liveCalls == 0 && leftCalls.isEmpty }

    private func shutDown() {
        isDraining = true
        isEnding = true
        for call in Array(calls.values) { handle(.end(.shutdown), in: call) }
        for call in Array(inboundCalls.values) { handle(.end(.shutdown), in: call) }
    }

    private func quit() {
        for call in Array(calls.values) { giveUp(call) }
        for call in Array(inboundCalls.values) { giveUp(call) }
        isStopping = true
    }

    private func open(_ outcome: StartOutcome) -> Bool {
        var handlers = makeHandlers()
        let agent = options.userAgent.withCString { userAgent in
            withOptionalCString(options.advertise) { advertise in
                var settings = csip_options(
                    t1: options.t1.milliseconds, t2: options.t2.milliseconds, timer_b: options.timerB.milliseconds,
                    stream_idle: options.connectionIdle.milliseconds,
                    stream_stutter: options.messageStutter.milliseconds,
                    stream_handshake: options.handshakeTime.milliseconds, connections: options.connectionLimits.raw,
                    user_agent: userAgent, advertise: advertise)
                return csip_agent_create(&handlers, &settings)
            }
        }
        guard let agent else {
            outcome.fail(.noResources)
            return false
        }
        guard let waker = Waker(agent: agent) else {
            csip_agent_destroy(agent)
            outcome.fail(.noResources)
            return false
        }
        watchConnections(of: agent)
        if let files = options.tls {
            do throws(TLSFiles.Unusable) {
                use(try files.load(), in: agent)
            } catch {
                csip_agent_destroy(agent)
                outcome.fail(.cannotUseTLS(error))
                return false
            }
        }
        handle = agent
        var bound: [SIPAddress] = []
        for address in options.listen {
            let code = csip_agent_listen(agent, address.transport.rawValue, address.host, address.port)
            guard code == 0 else {
                csip_agent_destroy(agent)
                handle = nil
                outcome.fail(.cannotListen(address, cause: String(cString: csip_listen_problem(code))))
                return false
            }
            var actual = address
            if address.port == 0 { actual.port = csip_agent_port(agent, address.transport.rawValue) }
            bound.append(actual)
        }
        thread.waker = waker
        registerTrunks()
        beginProbes()
        beginNames()
        outcome.succeed(bound)
        return true
    }

    /// The loop of the SIP thread.
    private nonisolated func run() {
        while true {
            let (done, isBehind) = thread.drain(atMost: assumeIsolated { $0.commandsPerTurn })
            let wait = assumeIsolated { $0.fireDueTimers(after: done) }
            guard let wait else { break }
            assumeIsolated { agent in
                guard let handle = agent.handle else { return }
                let rests = wait > 0 && !agent.pace.isFull && agent.thread.mayRest()
                agent.pace.rests(rests)
                csip_agent_step(handle, rests ? wait : 0)
                if isBehind || agent.pace.mustLook { agent.look(handle, isBehind: isBehind) }
            }
        }
        assumeIsolated { $0.close() }
        thread.end()
    }

    /// What is asked of the thread and what the network says take turns. While calls are being refused, one that has been begun
    /// is brought to its end before more are begun: a command may make three messages come, never more commands. Otherwise
    /// there is time for both, and nobody who has just dialled waits for others to hang up.
    private var commandsPerTurn: Int { load.isPressed(at: pace.now) ? 4 : 64 }

    /// Fires what is due; returns how long the loop may wait, in milliseconds, or nil to end.
    /// - Parameter done: commands of this turn.
    private func fireDueTimers(after done: Int) -> Int? {
        if isStopping { return nil }
        let now = options.clock()
        pace.turn(at: now, commands: done)
        var budget = 1_000
        while budget > 0, let call = deadlines.earliest, call.deadline <= now {
            budget -= 1
            if let timer = call.takeDue(at: now) {
                call.fire(timer, in: self)
            } else {
                reschedule(call)
            }
        }
        let registering = fireDueBindings(at: now)
        if now >= peerWorkDue { advancePeers(to: now) }
        if now >= nextPrune {
            store.prune()
            nextPrune = now + 200_000_000
        }
        let next = min(deadlines.earliest?.deadline ?? .max, peerWorkDue, registering ?? .max)
        if next <= now { return 0 }
        return Int((min(next - now, 200_000_000) + 999_999) / 1_000_000)
    }

    func reschedule(_ call: TimedCall) {
        let earliest = call.earliestDeadline
        if earliest == TimedCall.unset {
            deadlines.remove(call)
        } else if earliest != call.deadline || call.heapIndex < 0 {
            deadlines.update(call, deadline: earliest)
        }
    }

    private func close() {
        for call in calls.values {
            call.reply?(.failure(CAMARAError(503, .unavailable, "The gateway is shutting down.")))
            call.reply = nil
            call.releaseAll()
        }
        calls = [:]
        for call in inboundCalls.values { release(call) }
        inboundCalls = [:]
        places = [:]
        for left in leftCalls.values { csip_leg_destroy(left.leg) }
        leftCalls = [:]
        for binding in bindings.all.values { release(binding) }
        bindings = ActiveBindings()
        resolver?.stop()
        for probe in probes.values { csip_client_destroy(probe.client) }
        probes = [:]
        if let handle { csip_agent_destroy(handle) }
        handle = nil
    }

    /// What is alive now, for operators and for tests that look for leaks.
    public func statistics() -> SIPStatistics {
        var raw = csip_statistics()
        if let handle { csip_agent_statistics(handle, &raw) }
        let counts = store.counts
        return SIPStatistics(
            liveCalls: liveCalls, inboundCalls: inboundCalls.count, timers: deadlines.count, sessions: counts.all,
            endedSessions: counts.ended,
            dialogs: raw.dialogs, clientTransactions: raw.client_transactions,
            serverTransactions: raw.server_transactions, receivedMessages: raw.received_messages,
            badMessages: raw.bad_messages, sentMessages: raw.sent_messages,
            retransmittedRequests: raw.retransmitted_requests, retransmittedResponses: raw.retransmitted_responses,
            turns: raw.turns, inboundConnections: raw.inbound_connections,
            refusedConnections: raw.refused_connections, failedHandshakes: raw.failed_handshakes,
            waitingCommands: thread.waiting,
            refusedForLoad: .init(
                outbound: load.refusedOut.load(ordering: .relaxed), inbound: load.refusedIn.load(ordering: .relaxed)))
    }
}

/// A snapshot of what the SIP side holds.
public struct SIPStatistics: Sendable {
    /// Calls that are not over, with their last transactions.
    public var liveCalls: Int
    /// Those of them that the network has made.
    public var inboundCalls: Int
    /// Calls that have a timer running.
    public var timers: Int
    /// Sessions shown by the API, alive or kept.
    public var sessions: Int
    /// Sessions kept after their end.
    public var endedSessions: Int
    /// Legs in the stack.
    public var dialogs: Int
    /// Client transactions in the stack; an INVITE stays 32 s after its final response.
    public var clientTransactions: Int
    /// Server transactions in the stack.
    public var serverTransactions: Int
    /// Messages received since the start.
    public var receivedMessages: Int
    /// Messages that could not be read, since the start.
    public var badMessages: Int
    /// Messages sent since the start.
    public var sentMessages: Int
    /// Requests sent again, since the start.
    public var retransmittedRequests: Int
    /// Responses sent again, since the start.
    public var retransmittedResponses: Int
    /// How often the SIP thread's loop has polled, since the start.
    public var turns: Int
    /// Connections over TCP and TLS that are open to us.
    public var inboundConnections: Int
    /// Those that were too many, since the start.
    public var refusedConnections: Int
    /// TLS handshakes of connections to us that have failed, since the start.
    public var failedHandshakes: Int
    /// What other threads have asked of the SIP thread and it has not come to.
    public var waitingCommands: Int
    /// Calls refused for want of time, since the start.
    public var refusedForLoad: Directions

    /// A figure of each direction.
    public struct Directions: Sendable {
        /// Of applications.
        public var outbound: Int
        /// Of the network.
        public var inbound: Int
    }
}

/// Why the SIP side did not start.
public enum SIPStartError: Error, CustomStringConvertible, Sendable {
    case noResources
    case cannotListen(SIPAddress, cause: String)
    case cannotUseTLS(TLSFiles.Unusable)

    /// What failed, and what to do.
    public var description: String {
        switch self {
        case .noResources: "SIP: not enough memory or file descriptors to start"
        case .cannotListen(let address, let cause):
            "SIP: cannot listen on \(address.transport.rawValue):\(address.hostInURI):\(address.port): \(cause); "
                + "change sip.listen or free the address"
        case .cannotUseTLS(let unusable): "SIP: \(unusable)"
        }
    }
}

/// Hands the outcome of a start from the SIP thread to the caller that waits for it.
private final class StartOutcome: @unchecked Sendable {
    // Unchecked: written before the semaphore is signalled, read after it was waited for.
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<[SIPAddress], SIPStartError> = .failure(.noResources)

    func succeed(_ bound: [SIPAddress]) {
        result = .success(bound)
        done.signal()
    }

    func fail(_ error: SIPStartError) {
        result = .failure(error)
        done.signal()
    }

    func wait() throws(SIPStartError) -> [SIPAddress] {
        done.wait()
        return try result.get()
    }
}
