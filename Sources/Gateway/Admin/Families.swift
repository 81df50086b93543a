import Metrics

/// Every metric the gateway shows, in the order of the page. docs/monitoring.md has each of them; a test compares.
enum Families {
    static let build = MetricFamily("gateway_build_info", .gauge, labels: ["version"], "The running version; always 1.")
    static let ready = MetricFamily("gateway_ready", .gauge, "Whether /readyz answers 200: 1 or 0.")
    static let draining = MetricFamily("gateway_draining", .gauge, "Whether the end has begun: 1 or 0.")

    static let calls = MetricFamily(
        "gateway_calls_total", .counter, labels: ["trunk", "direction", "outcome"],
        "Calls that have ended, or were refused before they were calls; trunk is empty where none was taken.")
    static let callsRefusedForLoad = MetricFamily(
        "gateway_calls_refused_for_load_total", .counter, labels: ["direction"],
        "Calls that were refused because the gateway had no time for them.")
    static let liveCalls = MetricFamily(
        "gateway_live_calls", .gauge, labels: ["trunk", "direction"],
        "Calls that are not over, with their last transactions, by the trunk of their last INVITE.")
    static let postDialDelay = MetricFamily(
        "gateway_post_dial_delay_seconds", .histogram,
        "From the INVITE to the first sign of the callee, of calls that applications made.")
    static let answerTime = MetricFamily(
        "gateway_answer_time_seconds", .histogram, "From the INVITE to the answer, of calls that applications made.")
    static let sessions = MetricFamily(
        "gateway_sessions", .gauge, labels: ["state"], "Sessions that the API shows: live, or kept after their end.")

    static let trunkRegistrations = MetricFamily(
        "gateway_trunk_registrations", .gauge, labels: ["trunk", "state"],
        "What is registered with the trunk: itself, or numbers; registered, trying or refused.")
    static let registers = MetricFamily(
        "gateway_registers_total", .counter, labels: ["trunk", "outcome"],
        "REGISTERs to the trunk by their final response, challenges that were answered left out: accepted or failed.")
    static let trunkUsable = MetricFamily(
        "gateway_trunk_usable", .gauge, labels: ["trunk"],
        "Whether a call could be sent by the trunk: a peer answers OPTIONS, or is not probed, or not yet, and the trunk is "
            + "registered if it is to be: 1 or 0.")
    static let peerUp = MetricFamily(
        "gateway_peer_up", .gauge, labels: ["trunk", "peer"],
        "Whether a peer's address answers OPTIONS, or is not probed, or not yet: 1 or 0.")
    static let peerLeftAlone = MetricFamily(
        "gateway_peer_left_alone", .gauge, labels: ["trunk", "peer"],
        "Whether new calls go elsewhere, because calls failed there or it asked for a pause: 1 or 0.")
    static let peerRoundTrip = MetricFamily(
        "gateway_peer_round_trip_seconds", .histogram, labels: ["trunk"], "From OPTIONS to a peer to its good answer.")
    static let failovers = MetricFamily(
        "gateway_failovers_total", .counter, labels: ["trunk"],
        "INVITEs that were sent elsewhere, because they failed at a peer of the trunk.")

    static let requests = MetricFamily(
        "gateway_http_requests_total", .counter, labels: ["route", "method", "status"],
        "Requests to the API; status 0: the client left before there was one; route is empty for a path of no API.")
    static let requestDuration = MetricFamily(
        "gateway_http_request_duration_seconds", .histogram, labels: ["route"],
        "From a request's last byte to its response's first.")
    static let connections = MetricFamily("gateway_http_connections", .gauge, "Connections to the API.")
    static let tlsFailures = MetricFamily(
        "gateway_http_tls_failures_total", .counter, "TLS handshakes with clients of the API that have failed.")
    static let waitingRequests = MetricFamily(
        "gateway_http_waiting_requests", .gauge, "Requests to the API that wait for the network or a token's provider.")

    static let messages = MetricFamily(
        "gateway_sip_messages_total", .counter, labels: ["direction"], "SIP messages received and sent.")
    static let badMessages = MetricFamily(
        "gateway_sip_bad_messages_total", .counter, "SIP messages received that could not be read.")
    static let retransmissions = MetricFamily(
        "gateway_sip_retransmissions_total", .counter, labels: ["kind"],
        "SIP messages sent again, because no answer came: request or response.")
    static let transactions = MetricFamily(
        "gateway_sip_transactions", .gauge, labels: ["side"],
        "SIP transactions; an INVITE of ours stays for 32 s after its final response.")
    static let dialogs = MetricFamily("gateway_sip_dialogs", .gauge, "SIP dialogs.")
    static let sipConnections = MetricFamily(
        "gateway_sip_connections", .gauge, "Connections over TCP and TLS that others have opened to the SIP listeners.")
    static let sipConnectionFailures = MetricFamily(
        "gateway_sip_connection_failures_total", .counter, labels: ["cause"],
        "Such connections that came to nothing: limit, one too many; handshake, TLS that failed or took too long.")
    static let queuedCommands = MetricFamily(
        "gateway_sip_queue_length", .gauge, "What other threads have asked of the SIP thread and it has not come to.")
    static let sipDelay = MetricFamily(
        "gateway_sip_thread_delay_seconds", .histogram, "How long the SIP thread takes to answer, asked once a second.")
    static let httpDelay = MetricFamily(
        "gateway_http_thread_delay_seconds", .histogram,
        "How long the HTTP thread takes to answer, asked once a second.")

    static let registrations = MetricFamily("gateway_registrations", .gauge, "Registrations of devices.")
    static let subscriptions = MetricFamily("gateway_subscriptions", .gauge, "Subscriptions to events.")
    static let subscriptionsEnded = MetricFamily(
        "gateway_subscriptions_ended_total", .counter, "Subscriptions that have ended, for whatever reason.")

    static let eventsAccepted = MetricFamily("gateway_events_accepted_total", .counter, "Events handed to delivery.")
    static let eventsDelivered = MetricFamily("gateway_events_delivered_total", .counter, "Events that a sink took.")
    static let eventsDropped = MetricFamily(
        "gateway_events_dropped_total", .counter, labels: ["cause"], "Events that will never reach their sink.")
    static let eventsPending = MetricFamily("gateway_events_pending", .gauge, "Events that wait for their sink.")
    static let eventsInFlight = MetricFamily("gateway_events_in_flight", .gauge, "Attempts to deliver under way.")
    static let eventAttempts = MetricFamily("gateway_event_attempts_total", .counter, "Attempts to deliver.")
    static let eventRetries = MetricFamily(
        "gateway_event_failed_attempts_total", .counter, "Attempts after which the event is to be sent again.")
    static let eventLatency = MetricFamily(
        "gateway_event_delivery_seconds", .histogram, "From an event to its sink's answer, of delivered events.")

    static let storeBytes = MetricFamily("gateway_store_bytes", .gauge, "What is stored, in memory.")
    static let storeUnwritten = MetricFamily(
        "gateway_store_unwritten_entries", .gauge, "Changes that are not on the disk yet.")
    static let storeFailing = MetricFamily(
        "gateway_store_failing", .gauge, "Whether the store cannot write at present: 1 or 0.")
    static let logDropped = MetricFamily(
        "gateway_log_dropped_lines_total", .counter, "Lines of the log, and of the call records, lost to a slow reader."
    )

    static let memory = MetricFamily("gateway_memory_bytes", .gauge, "Memory that the allocator holds from the system.")
    static let resident = MetricFamily("process_resident_memory_bytes", .gauge, "Resident memory of the process.")
    static let processorTime = MetricFamily(
        "process_cpu_seconds_total", .counter, "User and system time of the process, in seconds.")
    static let descriptors = MetricFamily("process_open_fds", .gauge, "File descriptors in use.")
    static let descriptorLimit = MetricFamily("process_max_fds", .gauge, "File descriptors the process may use.")
    static let startTime = MetricFamily(
        "process_start_time_seconds", .gauge, "When the process was started, in seconds since 1970, UTC.")

    static let all = [
        build, ready, draining, calls, callsRefusedForLoad, liveCalls, postDialDelay, answerTime, sessions,
        trunkRegistrations, registers, trunkUsable, peerUp, peerLeftAlone, peerRoundTrip, failovers, requests,
        requestDuration, connections, tlsFailures, waitingRequests, messages, badMessages, retransmissions,
        transactions, dialogs, sipConnections, sipConnectionFailures, queuedCommands, sipDelay, httpDelay,
        registrations, subscriptions, subscriptionsEnded, eventsAccepted, eventsDelivered, eventsDropped,
        eventsPending, eventsInFlight, eventAttempts, eventRetries, eventLatency, storeBytes, storeUnwritten,
        storeFailing, logDropped, memory, resident, processorTime, descriptors, descriptorLimit, startTime,
    ]
}
