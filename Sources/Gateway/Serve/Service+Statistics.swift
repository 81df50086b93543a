import EventSinks
import Services
import Store

/// The line that SIGUSR1 asks for.
extension Service {
    func logStatistics() async {
        let calls = await sip.statistics()
        let memory = ProcessMemory.now()
        var fields = [
            LogField("liveCalls", .integer(calls.liveCalls)),
            LogField("inboundCalls", .integer(calls.inboundCalls)), LogField("dialogs", .integer(calls.dialogs)),
            LogField("clientTransactions", .integer(calls.clientTransactions)),
            LogField("serverTransactions", .integer(calls.serverTransactions)),
            LogField("sessions", .integer(calls.sessions)), LogField("endedKept", .integer(calls.endedSessions)),
            LogField("timers", .integer(calls.timers)),
            LogField("receivedMessages", .integer(calls.receivedMessages)),
            LogField("badMessages", .integer(calls.badMessages)),
            LogField("sentMessages", .integer(calls.sentMessages)),
            LogField("retransmittedRequests", .integer(calls.retransmittedRequests)),
            LogField("turns", .integer(calls.turns)),
        ]
        fields += Service.fields(of: store.statistics())
        fields += Service.fields(of: notifier.statistics)
        fields += Service.fields(of: sinks.statistics)
        fields += [
            LogField("memoryKiB", .integer(memory.held >> 10)), LogField("peakMemoryKiB", .integer(memory.peak >> 10)),
        ]
        log.info("statistics", fields)
    }

    private static func fields(of store: StoreStatistics) -> [LogField] {
        [
            LogField("registrations", .integer(store.registrations)),
            LogField("subscriptions", .integer(store.subscriptions)),
            LogField("storeBytes", .integer(store.bytes)), LogField("storeUndelivered", .integer(store.undelivered)),
            LogField("storeRefused", .integer(store.undeliveredRefused)),
            LogField("storeUnwritten", .integer(store.unwrittenEntries)),
            LogField("storeFailure", .text(store.failure?.problem ?? "")),
        ]
    }

    private static func fields(of notifier: Notifier.Statistics) -> [LogField] {
        [
            LogField("eventsTold", .integer(notifier.eventsTold)),
            LogField("crowdedChanges", .integer(notifier.crowded)),
            LogField("subscriptionsEnded", .integer(notifier.ended.values.reduce(notifier.sinksGone, +))),
        ]
    }

    private static func fields(of sinks: DeliveryStatistics) -> [LogField] {
        [
            LogField("eventsPending", .integer(sinks.pending)), LogField("eventsInFlight", .integer(sinks.inFlight)),
            LogField("eventsDelivered", .integer(sinks.delivered)), LogField("eventsDropped", .integer(sinks.dropped)),
            LogField("eventAttempts", .integer(sinks.attempts)),
            LogField("eventsRetried", .integer(sinks.failedAttempts)), LogField("sinks", .integer(sinks.sinks)),
        ]
    }
}
