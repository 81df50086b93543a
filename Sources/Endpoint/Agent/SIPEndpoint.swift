import CSofiaSIP
import CallCore
import Foundation
import SIPBridge

/// A SIP endpoint that answers calls by the number dialled (``EndpointNumber/table``): the network's side of a demonstration
/// or a test, on the same stack as the gateway. An actor on the thread that runs the stack's loop.
public actor SIPEndpoint {
    let options: EndpointOptions
    nonisolated let thread = SIPThread()

    var handle: OpaquePointer?
    var calls: [UInt64: LiveCall] = [:]
    var deadlines = DeadlineQueue<LiveCall>()
    /// Calls that this endpoint has placed, and those of them that end in their time.
    var placed: [UInt64: PlacedCall] = [:]
    var placedDeadlines = DeadlineQueue<PlacedCall>()
    /// Calls that are over but for a change of ours that waits for its answer.
    var leaving: [UInt64: any ChangingCall] = [:]
    var lastNumber: UInt64 = 0
    var random = SystemRandom()
    /// The first listener as bound: what our descriptions and redirections name.
    var local = SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)
    private var isStopping = false
    /// Entered while the thread runs.
    private nonisolated let running = DispatchGroup()

    /// The SIP thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// An endpoint that ``start()`` has yet to bind.
    public init(_ options: EndpointOptions) {
        self.options = options
    }

    /// Starts the thread, binds every listener and returns the addresses as bound. Blocks until that is done; call it once.
    /// - Throws: ``EndpointStartError`` naming the listener that could not be bound.
    public nonisolated func start() throws(EndpointStartError) -> [SIPAddress] {
        let outcome = StartOutcome()
        thread.start(name: "sip-endpoint") { [self] in
            let result = assumeIsolated { $0.open() }
            if case .success = result { running.enter() }
            outcome.set(result)
            if case .success = result { run() }
        }
        return try outcome.wait()
    }

    /// Forgets every call and frees the listeners; blocks until that is done. From any thread but the SIP thread.
    public nonisolated func stop() {
        // Weak: where no thread runs any more the closure stays in its queue, which this endpoint owns.
        thread.post { [weak self] in self?.assumeIsolated { $0.isStopping = true } }
        running.wait()
    }

    /// Calls that are not over. Not to be asked of an endpoint that does not run.
    public var liveCalls: Int { calls.count + placed.count + leaving.count }

    /// Not to be asked of an endpoint that does not run.
    public var statistics: EndpointStatistics {
        guard let handle else { return EndpointStatistics() }
        var raw = csip_statistics()
        csip_agent_statistics(handle, &raw)
        return EndpointStatistics(
            liveCalls: liveCalls, dialogs: raw.dialogs, clientTransactions: raw.client_transactions,
            serverTransactions: raw.server_transactions, retransmittedRequests: raw.retransmitted_requests,
            retransmittedResponses: raw.retransmitted_responses, sentMessages: raw.sent_messages,
            receivedMessages: raw.received_messages)
    }

    private func open() -> Result<[SIPAddress], EndpointStartError> {
        var handlers = makeHandlers()
        let agent = "endpoint".withCString { userAgent in
            withOptionalCString(options.advertise) { advertise in
                var settings = csip_options(
                    t1: options.t1.milliseconds, t2: 4_000, timer_b: options.timerB.milliseconds,
                    stream_idle: 180_000, stream_stutter: 32_000, stream_handshake: 10_000,
                    connections: csip_connection_limits(all: 4_096, strangers: 4_096, of_one_source: 4_096),
                    user_agent: userAgent, advertise: advertise)
                return csip_agent_create(&handlers, &settings)
            }
        }
        guard let agent else { return .failure(.noResources) }
        guard let waker = Waker(agent: agent) else {
            csip_agent_destroy(agent)
            return .failure(.noResources)
        }
        var bound: [SIPAddress] = []
        for address in options.listen {
            let code = csip_agent_listen(agent, address.transport.rawValue, address.host, address.port)
            guard code == 0 else {
                csip_agent_destroy(agent)
                return .failure(.cannotListen(address, cause: String(cString: csip_listen_problem(code))))
            }
            var actual = address
            if address.port == 0 { actual.port = csip_agent_port(agent, address.transport.rawValue) }
            bound.append(actual)
        }
        handle = agent
        if let first = bound.first { local = first }
        thread.waker = waker
        return .success(bound)
    }

    private nonisolated func run() {
        while let wait = assumeIsolated({ $0.fireDueTimers() }) {
            assumeIsolated { endpoint in
                if let handle = endpoint.handle { csip_agent_step(handle, endpoint.thread.mayRest() ? wait : 0) }
            }
            thread.drain()
        }
        assumeIsolated { $0.close() }
        thread.end()
        running.leave()
    }

    /// Fires what is due; returns how long the loop may wait, in milliseconds, or nil to end.
    private func fireDueTimers() -> Int? {
        if isStopping { return nil }
        let now = options.clock()
        while let call = deadlines.earliest, call.deadline <= now {
            deadlines.remove(call)
            handle(.timer, in: call)
        }
        while let call = placedDeadlines.earliest, call.deadline <= now {
            placedDeadlines.remove(call)
            handle(.timer, in: call)
        }
        let waits = [deadlines.earliest?.deadline, placedDeadlines.earliest?.deadline].compactMap(\.self)
        guard let next = waits.min() else { return 200 }
        return next <= now ? 0 : Int(min((next - now + 999_999) / 1_000_000, 200))
    }

    private func close() {
        for call in calls.values {
            deadlines.remove(call)
            call.releaseAll()
        }
        calls = [:]
        for call in placed.values {
            placedDeadlines.remove(call)
            call.releaseAll()
        }
        placed = [:]
        for call in leaving.values { call.releaseAll() }
        leaving = [:]
        if let handle { csip_agent_destroy(handle) }
        handle = nil
    }
}

/// Hands the outcome of a start from the SIP thread to the caller that waits for it.
private final class StartOutcome: @unchecked Sendable {
    // Unchecked: written before the semaphore is signalled, read after it was waited for.
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<[SIPAddress], EndpointStartError> = .failure(.noResources)

    func set(_ result: Result<[SIPAddress], EndpointStartError>) {
        self.result = result
        done.signal()
    }

    func wait() throws(EndpointStartError) -> [SIPAddress] {
        done.wait()
        return try result.get()
    }
}
