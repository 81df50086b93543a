import CallCore
import Configuration
import Foundation
import RESTFront
import SIPBridge

/// The running gateway: the SIP side, the HTTP side, and the signals that end it.
final class Service: Sendable {
    private let configuration: Configuration
    private let log: Log
    private let sip: SIPAgent
    private let rest: RESTServer
    private let ended = Ended()

    /// Builds both sides; nothing listens yet.
    /// - Throws: what keeps the API from authenticating anybody, such as an unusable key set.
    init(_ configuration: Configuration, log: Log) throws {
        self.configuration = configuration
        self.log = log
        var options = SIPOptions(configuration, userAgent: Product.name)
        options.emergencyNumbers = try EmergencyNumbers(configuration.emergency.numbers)
        options.onSessionChange = { session in
            // How a call ended is told; what it went through on the way, at debug level.
            let fields: () -> [LogField] = {
                [
                    .mediaSessionID(session.id.rawValue), LogField("status", .text(session.status.rawValue)),
                    LogField("sequenceNumber", .integer(session.sequenceNumber)), .reason(session.reason ?? ""),
                ]
            }
            if session.status.isFinal { log.info("call ended", fields()) } else { log.debug("session", fields()) }
        }
        options.onAlarm = { trunk, message in log.error("trunk needs attention", [.trunk(trunk), .reason(message)]) }
        sip = SIPAgent(options: options)
        rest = try RESTServer(
            options: RESTServer.Options(configuration, log: log), calls: sip,
            authenticator: configuration.api.authentication.authenticator())
    }

    /// Starts SIP first, so that no request is taken that could not be carried out.
    func start() throws {
        let bound = try sip.start()
        let served: [ListenAddress]
        do {
            served = try rest.start()
        } catch {
            // The SIP thread is up and idle: nothing to wait for.
            Task { [sip] in await sip.stop(deadline: .zero) }
            throw error
        }
        for address in bound { log.info("listening", [LogField("sip", .text(address.uri))]) }
        for address in served { log.info("listening", [LogField("api", .text("\(address)"))]) }
        Signals.watch { [self] signal in handle(signal) }
        log.info(
            "ready",
            [
                LogField("version", .text(Product.version)),
                LogField("trunks", .integer(configuration.trunks.count)),
                LogField("routes", .integer(configuration.routes.count)),
            ])
    }

    /// Blocks until the gateway has ended; returns the exit status.
    func waitForEnd() -> Int32 { ended.wait() }

    private func handle(_ signal: ProcessSignal) {
        switch signal {
        case .terminate, .interrupt: stop()
        case .hangUp: log.warning("SIGHUP: reloading the configuration is not supported yet; restart instead")
        case .statistics: Task { await logStatistics() }
        }
    }

    /// The first signal drains: new calls are refused, live ones may end by themselves while the API goes on answering.
    /// At the deadline, or at the second signal, what is left is ended with CANCEL or BYE.
    private func stop() {
        guard ended.beginDraining() else {
            log.warning("second signal: ending every call now")
            ended.hurry()
            return
        }
        log.info("draining", [LogField("deadline", .duration(configuration.drain.deadline))])
        Task {
            await sip.refuseNewCalls()
            let until = ContinuousClock.now + configuration.drain.deadline
            while await sip.statistics().liveCalls > 0, ContinuousClock.now < until, !ended.isHurried {
                try? await Task.sleep(for: .milliseconds(50))
            }
            await sip.stop(deadline: .seconds(2))
            await rest.stop(within: .seconds(2))
            log.info("ended")
            ended.finish(ExitStatus.success)
        }
    }

    private func logStatistics() async {
        let counts = await sip.statistics()
        let memory = ProcessMemory.now()
        log.info(
            "statistics",
            [
                LogField("liveCalls", .integer(counts.liveCalls)), LogField("dialogs", .integer(counts.dialogs)),
                LogField("clientTransactions", .integer(counts.clientTransactions)),
                LogField("serverTransactions", .integer(counts.serverTransactions)),
                LogField("sessions", .integer(counts.sessions)), LogField("endedKept", .integer(counts.endedSessions)),
                LogField("timers", .integer(counts.timers)),
                LogField("receivedMessages", .integer(counts.receivedMessages)),
                LogField("badMessages", .integer(counts.badMessages)),
                LogField("sentMessages", .integer(counts.sentMessages)),
                LogField("retransmittedRequests", .integer(counts.retransmittedRequests)),
                LogField("turns", .integer(counts.turns)),
                LogField("memoryKiB", .integer(memory.held >> 10)),
                LogField("peakMemoryKiB", .integer(memory.peak >> 10)),
            ])
    }
}
