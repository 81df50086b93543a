import CallCore
import EventSinks
import Metrics
import RESTFront
import SIPBridge
import Services
import Store

/// Everything that is shown at one moment; nil where a thread does not run.
struct Snapshot: Sendable {
    var readiness: Readiness
    var isDraining: Bool
    var sip: SIPStatistics
    var calls: CallCounts
    var trunks: [TrunkStatus]
    /// In the order of the configuration; nil for those that nothing is registered with.
    var registrations: [RegistrationFigures?]
    var http: HTTPStatistics?
    var watch: ThreadWatch.Delays
    var store: StoreStatistics
    var notifier: Notifier.Statistics
    var sinks: DeliveryStatistics
    var droppedLines: Int
    var process: ProcessFigures

    /// The page `/metrics`.
    var exposition: String {
        var page = Exposition()
        page.add(Families.build, [([Product.version], 1)])
        page.add(Families.ready, readiness.isReady ? 1 : 0)
        page.add(Families.draining, isDraining ? 1 : 0)
        addCalls(&page)
        addRegistrations(&page)
        addTrunks(&page)
        addHTTP(&page)
        addSIP(&page)
        addEvents(&page)
        page.add(Families.storeBytes, store.bytes)
        page.add(Families.storeUnwritten, store.unwrittenEntries)
        page.add(Families.storeFailing, store.failure == nil ? 0 : 1)
        page.add(Families.logDropped, droppedLines)
        page.add(Families.memory, process.held)
        page.add(Families.resident, process.resident)
        page.add(Families.processorTime, process.processorTime)
        page.add(Families.descriptors, process.descriptors)
        page.add(Families.descriptorLimit, process.descriptorLimit)
        page.add(Families.startTime, process.startTime)
        return page.text
    }

    private func addCalls(_ page: inout Exposition) {
        var ended: [(labels: [String], value: Int)] = []
        var live: [(labels: [String], value: Int)] = []
        for direction in SessionDirection.allCases {
            for (index, trunk) in calls.trunks.enumerated() {
                live.append(([trunk, direction.rawValue], calls.live(index, direction)))
                for outcome in CallEnding.allCases {
                    ended.append(
                        ([trunk, direction.rawValue, outcome.rawValue], calls.ended(index, direction, outcome)))
                }
            }
            for outcome in CallEnding.allCases {
                ended.append((["", direction.rawValue, outcome.rawValue], calls.ended(nil, direction, outcome)))
            }
        }
        page.add(Families.calls, ended)
        page.add(
            Families.callsRefusedForLoad,
            [(["outbound"], sip.refusedForLoad.outbound), (["inbound"], sip.refusedForLoad.inbound)])
        page.add(Families.liveCalls, live)
        page.add(Families.postDialDelay, [([], calls.postDialDelay)])
        page.add(Families.answerTime, [([], calls.answerTime)])
        page.add(
            Families.sessions,
            [(["live"], max(0, sip.sessions - sip.endedSessions)), (["ended"], sip.endedSessions)])
    }

    private func addRegistrations(_ page: inout Exposition) {
        let registered = zip(calls.trunks, registrations).compactMap { name, figures in figures.map { (name, $0) } }
        page.add(
            Families.trunkRegistrations,
            registered.flatMap { name, figures in
                RegistrarBinding.Condition.allCases.map { ([name, $0.rawValue], figures.bindings[$0] ?? 0) }
            })
        page.add(
            Families.registers,
            registered.flatMap { name, figures in
                [([name, "accepted"], figures.counts.accepted), ([name, "failed"], figures.counts.failed)]
            })
    }

    private func addTrunks(_ page: inout Exposition) {
        page.add(Families.trunkUsable, trunks.map { ([$0.name], $0.isUsable ? 1 : 0) })
        let peers = trunks.flatMap { trunk in trunk.peers.map { (trunk.name, $0) } }
        page.add(
            Families.peerUp,
            peers.map { name, peer in
                ([name, peer.address ?? peer.uri], peer.state == .down || peer.state == .unresolved ? 0 : 1)
            })
        page.add(
            Families.peerLeftAlone,
            peers.map { name, peer in ([name, peer.address ?? peer.uri], peer.leftAloneFor == nil ? 0 : 1) })
        page.add(Families.peerRoundTrip, trunks.map { ([$0.name], $0.roundTrips) })
        page.add(Families.failovers, trunks.map { ([$0.name], $0.failovers) })
    }

    private func addHTTP(_ page: inout Exposition) {
        let routes = (http?.requests.routes ?? [:]).sorted { $0.key < $1.key }
        page.add(
            Families.requests,
            routes.flatMap { route, counts in
                counts.results.map { ([route, $0.method.rawValue, String($0.status)], $0.count) }
            })
        page.add(Families.requestDuration, routes.map { ([$0.key], $0.value.duration) })
        page.add(Families.connections, http?.connections ?? 0)
        page.add(Families.tlsFailures, http?.tlsFailures ?? 0)
        page.add(Families.waitingRequests, http?.waiting ?? 0)
    }

    private func addSIP(_ page: inout Exposition) {
        page.add(Families.messages, [(["received"], sip.receivedMessages), (["sent"], sip.sentMessages)])
        page.add(Families.badMessages, sip.badMessages)
        page.add(
            Families.retransmissions,
            [(["request"], sip.retransmittedRequests), (["response"], sip.retransmittedResponses)])
        page.add(
            Families.transactions, [(["client"], sip.clientTransactions), (["server"], sip.serverTransactions)])
        page.add(Families.dialogs, sip.dialogs)
        page.add(Families.sipConnections, sip.inboundConnections)
        page.add(
            Families.sipConnectionFailures,
            [(["limit"], sip.refusedConnections), (["handshake"], sip.failedHandshakes)])
        page.add(Families.queuedCommands, sip.waitingCommands)
        page.add(Families.sipDelay, [([], watch.sip)])
        page.add(Families.httpDelay, [([], watch.http)])
    }

    private func addEvents(_ page: inout Exposition) {
        page.add(Families.registrations, store.registrations)
        page.add(Families.subscriptions, store.subscriptions)
        page.add(Families.subscriptionsEnded, notifier.ended.values.reduce(notifier.sinksGone, +))
        page.add(Families.eventsAccepted, sinks.accepted)
        page.add(Families.eventsDelivered, sinks.delivered)
        page.add(Families.eventsDropped, DropCause.allCases.map { ([$0.rawValue], sinks.dropped($0)) })
        page.add(Families.eventsPending, sinks.pending)
        page.add(Families.eventsInFlight, sinks.inFlight)
        page.add(Families.eventAttempts, sinks.attempts)
        page.add(Families.eventRetries, sinks.failedAttempts)
        let latency = Histogram(
            milliseconds: LatencyHistogram.bounds.map { UInt64($0) }, counts: sinks.latency.counts,
            sum: sinks.latency.sum.nanoseconds)
        page.add(Families.eventLatency, [([], latency)])
    }
}
