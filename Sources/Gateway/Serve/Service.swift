import CallCore
import Configuration
import EventSinks
import Foundation
import RESTFront
import SIPBridge
import Services
import Store
import Synchronization

/// The running gateway: its parts, the order in which they start and stop, and the signals that end it.
final class Service: Sendable {
    /// The file that ``reload()`` reads.
    let path: String
    let log: Log
    let store: any Store
    let sinks: EventSinks
    let notifier: Notifier
    let registrar: Registrar
    let sip: SIPAgent
    let rest: RESTServer
    let ended: Ended
    let watch: ThreadWatch
    /// Where call records go; nil: the log.
    let records: Log?
    let authenticators: Authenticators
    let reloading = Turns()
    private let current: Mutex<Configuration>
    private let manager = ServiceManager()
    private let admin = Mutex<AdminServer?>(nil)
    private let serving = Mutex(false)

    /// Opens the store and builds the parts; nothing listens yet. Reads all of the store, so it may take a second.
    /// - Throws: why the store cannot be used; what keeps the API from authenticating anybody, such as an unusable key set.
    init(_ configuration: Configuration, path: String, log: Log) throws {
        current = Mutex(configuration)
        self.path = path
        self.log = log
        ended = Ended(Drain(deadline: configuration.drain.deadline))
        // What can be wrong with the rest is found first: a store that was opened has to be closed.
        let authenticator = try configuration.api.authentication.authenticator(log: log)
        var restOptions = try RESTServer.Options(configuration, log: log)
        var sipOptions = SIPOptions(configuration, userAgent: Product.name)
        sipOptions.emergencyNumbers = restOptions.emergencyNumbers
        var sinkOptions = try EventSinks.Options(configuration, log: log)
        let notifierOptions = try Notifier.Options(configuration)
        let records = try configuration.callRecords.path.map { path in
            try Log(recordsAt: path, like: configuration.log)
        }
        self.records = records

        let store = try StoreLocation(configuration.storage).open(options: StoreOptions(configuration, log: log))
        let notifier = Notifier(notifierOptions, store: store)
        var registrarOptions = Registrar.Options(configuration)
        registrarOptions.onEnd = { [weak notifier] registration, reason in
            notifier?.registrationEnded(registration, reason)
        }
        let registrar = Registrar(store: store, options: registrarOptions)
        sinkOptions.onOutcome = { [weak notifier] outcome in
            log.tell(outcome)
            notifier?.settled(outcome)
        }
        sipOptions.directory = CalleeDirectory(store, served: ServedNumbers(configuration.servedNumbers))
        sipOptions.onInvitation = { [weak notifier] session, offerRequired in
            log.debug("call comes in", [.mediaSessionID(session.id.rawValue)])
            notifier?.sessionInvited(session, offerRequired: offerRequired)
        }
        sipOptions.onSessionChange = { [weak notifier] session in
            log.tell(session)
            notifier?.sessionChanged(session)
        }
        sipOptions.onAccountLost = { [weak registrar] in registrar?.networkEnded($0) }
        sipOptions.onCallEnd = { record in (records ?? log).tell(record) }
        sipOptions.onEmergencyCall = { log.tell($0) }
        sipOptions.onAlarm = { trunk, message in
            log.error("trunk needs attention", [.trunk(trunk), .reason(message)])
        }
        sipOptions.onStranger = { log.warning("connection to the SIP port refused", [.reason($0)]) }
        sipOptions.onOverload = { log.tell($0) }
        sipOptions.onPeerChange = { log.tell($0) }
        if configuration.storage != .memory { sipOptions.calls = store }
        sipOptions.startsClosed = true
        let sip = SIPAgent(options: sipOptions)
        restOptions.registrations = registrar
        restOptions.subscriptions = notifier

        authenticators = Authenticators(authenticator, for: configuration.api.authentication)
        self.store = store
        self.notifier = notifier
        self.registrar = registrar
        self.sip = sip
        sinks = EventSinks(sinkOptions, undelivered: store)
        let rest = RESTServer(options: restOptions, calls: sip, authenticator: authenticator)
        self.rest = rest
        let freed = FreedMemory()
        watch = ThreadWatch(
            askSIP: {
                let begun = await sip.answer()
                if let keeps = freed.look(begun, at: MonotonicClock.now()) { ProcessMemory.keepFreed(keeps) }
            }, askHTTP: { _ = await rest.statistics() },
            onAlive: { [manager] in if manager.hasWatchdog { manager.tell(.alive) } })
    }

    /// What holds now.
    var configuration: Configuration {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Starts what carries requests out before what takes them: addresses are bound first, so that a second gateway by
    /// mistake sends no event; the API comes last.
    /// - Parameter presence: where `gateway drain` asks, answered as soon as signals are.
    /// - Throws: why the gateway cannot run; everything has been stopped again then.
    func start(findableBy presence: RunningGateway.Presence? = nil) async throws {
        let left: [StoredCall]
        do {
            let bound = try sip.start()
            do {
                try await startTelling()
                left = await tellLeftCalls()
                let asked = try startAdmin()
                let served = try rest.start()
                // Whoever is told of a call, and whoever may answer it, is there.
                await sip.takeCalls()
                watch.start()
                serving.withLock { $0 = true }
                manager.tell(.ready)
                for address in bound { log.info("listening", [LogField("sip", .text(address.uri))]) }
                if let asked { log.info("listening", [LogField("admin", .text("\(asked)"))]) }
                let isSecure = configuration.api.tls != nil
                for address in served {
                    log.info("listening", [LogField("api", .text("\(address)")), LogField("tls", .boolean(isSecure))])
                }
            } catch {
                await stopAdmin()
                await sip.stop(deadline: .zero)
                throw error
            }
        } catch {
            await stopTelling(within: .zero)
            throw error
        }
        if !left.isEmpty { Task { await sip.endLeftCalls(left) } }
        Task { await registrar.resumeAccounts() }
        Signals.watch { [self] signal in handle(signal) }
        presence?.answer(drain: { [self] in stop() }, reload: { [self] in await reload() })
        let kept = store.statistics()
        log.info(
            "ready",
            [
                LogField("version", .text(Product.version)),
                LogField("trunks", .integer(configuration.trunks.count)),
                LogField("routes", .integer(configuration.routes.count)),
                LogField("registrations", .integer(kept.registrations)),
                LogField("subscriptions", .integer(kept.subscriptions)),
            ])
    }

    /// The API has been opened.
    var isServing: Bool { serving.withLock { $0 } }

    private func startAdmin() throws -> ListenAddress? {
        guard let listen = configuration.admin.listen else { return nil }
        let server = AdminServer(listen: try ListenAddress(listen.description), pages: adminPages)
        let bound = try server.start()
        admin.withLock { $0 = server }
        return bound
    }

    private func stopAdmin() async {
        await admin.withLock { $0 }?.stop(within: .seconds(1))
    }

    /// Calls of a run that was killed have ended: told before the API can be asked for them.
    private func tellLeftCalls() async -> [StoredCall] {
        let left = store.takeLeftCalls()
        // One that has ended was told by a run that was killed too, before the network was.
        for call in left where !call.session.status.isFinal { notifier.resume(call.session) }
        if !left.isEmpty {
            log.warning("calls left by the run before are ended", [LogField("calls", .integer(left.count))])
        }
        await sip.tellLeftCalls(left)
        return left
    }

    /// Delivery comes before what raises events. What an earlier run left undelivered comes first.
    private func startTelling() async throws {
        try await sinks.start()
        notifier.start(delivering: sinks) { [weak sip] in sip?.session($0) }
        registrar.start(accounts: sip)
    }

    private func handle(_ signal: ProcessSignal) {
        switch signal {
        case .terminate, .interrupt: _ = stop()
        case .hangUp: Task { await reload() }
        case .statistics: Task { await logStatistics() }
        }
    }

    /// The first signal drains: new calls are refused, live ones may end by themselves while the API goes on answering.
    /// At the deadline, or at the second signal, what is left is ended with CANCEL or BYE. The third ends the process: what
    /// it leaves up is what a killed one would.
    private func stop() -> Drain.Reaction {
        let reaction = ended.signalled()
        switch reaction {
        case .drain:
            manager.tell(.stopping)
            log.info("draining", [LogField("deadline", .duration(configuration.drain.deadline))])
            Task { await end() }
        case .hurry: log.warning("second signal: ending every call now")
        case .exit:
            log.warning("third signal: ending at once")
            log.close(timeout: .milliseconds(200))
            _exit(ExitStatus.configuration)
        }
        return reaction
    }

    private func end() async {
        await sip.refuseNewCalls()
        while ended.drain.waits(for: await sip.liveCalls, at: .now) {
            try? await Task.sleep(for: .milliseconds(50))
        }
        await sip.stop(deadline: Service.lastTransactions)
        watch.stop()
        await rest.stop(within: .seconds(2))
        // What those calls have told at their end still reaches its sinks.
        let isWhole = await stopTelling(within: ended.drain.timeForDeliveries)
        await stopAdmin()
        records?.close()
        log.info("ended")
        ended.finish(isWhole ? ExitStatus.success : ExitStatus.configuration)
    }

    /// How long the network may take to answer the last CANCEL and BYE: two repetitions at the default T1, and time for a
    /// CANCEL that is held back until its INVITE has a provisional response (RFC 3261 §9.1).
    private static let lastTransactions = Duration.seconds(2)

    /// From now on nothing is told; what was told is delivered, and the store that keeps the rest is closed after that. Each
    /// part may be stopped before it was started.
    /// - Returns: false if something was lost that should have been kept.
    @discardableResult
    private func stopTelling(within deadline: Duration) async -> Bool {
        await registrar.stop()
        await notifier.stop()
        let left = await sinks.stop(within: deadline)
        if left > 0 {
            let isKept = configuration.storage != .memory
            log.warning(
                isKept ? "events wait for the next start" : "events are lost: nothing outlives the process",
                [LogField("events", .integer(left))])
        }
        do {
            try await store.close()
            return true
        } catch {
            log.error("the last changes could not be stored", [.reason("\(error)")])
            return false
        }
    }
}

extension Log {
    /// What a call goes through, at debug level. Its end is in its record.
    fileprivate func tell(_ session: Session) {
        debug(
            "session",
            [
                .mediaSessionID(session.id.rawValue), LogField("status", .text(session.status.rawValue)),
                LogField("sequenceNumber", .integer(session.sequenceNumber)), .reason(session.reason ?? ""),
            ])
    }
}
