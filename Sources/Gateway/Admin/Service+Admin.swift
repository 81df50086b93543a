import CallCore
import Foundation
import Metrics
import RESTFront
import SIPBridge

/// The operator's pages.
extension Service {
    /// Calls on `/calls`: the SIP thread stands still while they are picked.
    static let maximumShownCalls = 500

    /// Whether new calls are to come here.
    var readiness: Readiness {
        Readiness(
            isServing: isServing, phase: ended.drain.phase, isAlive: watch.isAlive,
            hasTrunk: sip.hasUsableTrunk)
    }

    /// What the admin listener serves.
    var adminPages: [AdminServer.Page] {
        [
            AdminServer.Page("/livez") { [self] in
                let isAlive = watch.isAlive
                return .text(isAlive ? "alive\n" : "a thread does not answer\n", status: isAlive ? 200 : 503)
            },
            AdminServer.Page("/readyz") { [self] in
                let readiness = readiness
                return .text("\(readiness.rawValue)\n", status: readiness.isReady ? 200 : 503)
            },
            AdminServer.Page("/metrics") { [self] in
                AdminServer.Content(type: Exposition.contentType, text: await snapshot().exposition)
            },
            AdminServer.Page("/calls") { [self] in
                let calls = await sip.liveCalls(limit: Service.maximumShownCalls)
                return .json(LiveCallsPage(calls, total: await sip.liveCalls))
            },
            AdminServer.Page("/trunks") { [self] in
                .json(
                    TrunksPage(
                        configuration.trunks, states: await sip.trunkStates(), counts: await sip.counts(),
                        registrations: await sip.registrations()))
            },
        ]
    }

    private func snapshot() async -> Snapshot {
        Snapshot(
            readiness: readiness, isDraining: ended.drain.phase != .serving, sip: await sip.statistics(),
            calls: await sip.counts(), trunks: await sip.trunkStates(), registrations: await sip.registrations(),
            http: await rest.statistics(),
            watch: watch.delays, store: store.statistics(),
            notifier: notifier.statistics, sinks: sinks.statistics,
            droppedLines: log.droppedLines + (records?.droppedLines ?? 0), process: .now())
    }
}

extension AdminServer.Content {
    fileprivate static func text(_ text: String, status: Int) -> AdminServer.Content {
        AdminServer.Content(status: status, type: "text/plain; charset=utf-8", text: text)
    }

    fileprivate static func json(_ page: some Encodable) -> AdminServer.Content {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(page) else {
            return text("the page could not be written\n", status: 500)
        }
        return AdminServer.Content(
            type: "application/json", text: String(decoding: data, as: UTF8.self) + "\n")
    }
}
