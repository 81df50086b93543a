import CallCore
import Foundation
import LibEvent

/// The HTTP thread: one event base, one evhttp, all connections. Nothing here may be touched by another thread once
/// ``run()`` has been called; the others post to the ``ReplyInbox``.
final class HTTPLoop {
    let limits: HTTPLimits
    let base: OpaquePointer
    let inbox: ReplyInbox
    private(set) var router: Router
    /// For connections from now on; nil: HTTP in clear, for good.
    private(set) var tls: ServerTLS?
    let listeners: HTTPListeners

    private let http: OpaquePointer
    private let sockets: [ListeningSocket]
    private var bounds: [OpaquePointer] = []
    private var events: [OpaquePointer] = []
    private var stopTimer: OpaquePointer?
    private var chores: OpaquePointer?

    private var connections: [OpaquePointer: HTTPConnection] = [:]
    private var places: SourcePlaces
    /// Connections whose bufferevent the library has asked for and not yet set up.
    private var newborn: [HTTPConnection] = []
    private var pages: [HTTPConnection] = []
    private var doomed: [HTTPConnection] = []

    var waiting: [UInt64: WaitingRequest] = [:]
    /// Requests that end something and whose client has left while it was asked who sends them.
    var orphans: [UInt64: (Router.Pending, Router.Exchange)] = [:]
    /// How many may be: each keeps a place among those who wait for the provider's answer. More are forgotten.
    static let maximumOrphans = 64
    var nextExchange: UInt64 = 0
    var turns = LoopTurns()
    /// Room for a response that is made here.
    var outgoing: [UInt8] = []
    /// Requests answered or given up.
    var requests = RequestCounts()
    private var tlsFailures = 0
    private(set) var isStopping = false
    private var isForced = false
    private var isPaused = false

    /// Takes the sockets over: they are closed with the loop.
    init(
        sockets: [ListeningSocket], limits: HTTPLimits, tls: ServerTLS?, inbox: ReplyInbox, router: Router,
        listeners: HTTPListeners
    ) throws(RESTServerError) {
        guard let base = HTTPLoop.makeBase() else { throw .cannotRun("no event base") }
        guard let http = evhttp_new(base) else {
            event_base_free(base)
            throw .cannotRun("no HTTP server object")
        }
        self.base = base
        self.http = http
        self.sockets = sockets
        self.limits = limits
        places = SourcePlaces(most: limits.connectionsOfOneSource)
        self.inbox = inbox
        self.router = router
        self.tls = tls
        self.listeners = listeners
    }

    /// A base that tells the kernel once per turn what has changed, not at every change: between a request and its
    /// response a connection's events come and go several times. It wants level-triggered events only: merged with an
    /// edge-triggered one of the same descriptor, the rest of a long response would wait for ever.
    private static func makeBase() -> OpaquePointer? {
        guard let config = event_config_new() else { return nil }
        defer { event_config_free(config) }
        event_config_set_flag(config, Int32(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.rawValue))
        return event_base_new_with_config(config)
    }

    /// Serves until a stop entry has been carried out. Blocks; the calling thread becomes the HTTP thread.
    func run() {
        setUp()
        event_base_dispatch(base)
        tearDown()
    }

    private var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    private func setUp() {
        evhttp_set_max_headers_size(http, limits.head)
        evhttp_set_max_body_size(http, limits.body)
        // A body that is too large is read away before the 413, so that the client sees the answer and no reset.
        evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE)
        evhttp_set_default_content_type(http, nil)
        // All of them, unknown ones too: the router answers 405 with a body of ours.
        evhttp_set_allowed_methods(http, UInt16.max)
        evhttp_set_bevcb(
            http,
            { _, argument in
                guard let argument else { return nil }
                return Unmanaged<HTTPLoop>.fromOpaque(argument).takeUnretainedValue().makeBufferevent()
            }, pointer)
        evhttp_set_gencb(
            http,
            { request, argument in
                guard let request, let argument else { return }
                Unmanaged<HTTPLoop>.fromOpaque(argument).takeUnretainedValue().handle(request)
            }, pointer)
        for socket in sockets {
            guard let bound = evhttp_accept_socket_with_handle(http, socket.descriptor) else {
                close(socket.descriptor)
                continue
            }
            bounds.append(bound)
            // Out of descriptors: rest until the next sweep, instead of being told again at once.
            evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound)) { listener, _ in
                if let listener { evconnlistener_disable(listener) }
            }
        }
        add(
            event_new(
                base, inbox.descriptor, Int16(EV_READ | EV_PERSIST),
                { _, _, argument in HTTPLoop.at(argument)?.takeEntries() }, pointer))
        add(
            event_new(base, -1, Int16(EV_PERSIST), { _, _, argument in HTTPLoop.at(argument)?.sweep() }, pointer),
            every: sweepInterval)
        add(
            event_new(
                base, -1, Int16(EV_PERSIST), { _, _, argument in HTTPLoop.at(argument)?.lookForLeavers() }, pointer),
            every: .milliseconds(50))
        chores = event_new(base, -1, 0, { _, _, argument in HTTPLoop.at(argument)?.doChores() }, pointer)
        stopTimer = event_new(base, -1, 0, { _, _, argument in HTTPLoop.at(argument)?.stopTimeIsUp() }, pointer)
    }

    private func tearDown() {
        adoptNewborn()
        for request in waiting.values {
            giveUp(request)
            request.pending?.withdraw()
        }
        waiting = [:]
        for (pending, _) in orphans.values { pending.withdraw() }
        orphans = [:]
        // Frees the connections and, since nobody has cut those off, the requests that waited on them too.
        evhttp_free(http)
        for event in events + [chores, stopTimer].compactMap({ $0 }) { event_free(event) }
        event_base_free(base)
        inbox.close()
        for socket in sockets { socket.removeFile() }
    }

    private static func at(_ argument: UnsafeMutableRawPointer?) -> HTTPLoop? {
        argument.map { Unmanaged<HTTPLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    private func add(_ event: OpaquePointer?, every interval: Duration? = nil) {
        guard let event else { return }
        events.append(event)
        if var time = interval?.timeval { event_add(event, &time) } else { event_add(event, nil) }
    }

    // MARK: Connections

    /// The library asks for the bufferevent of a connection it has accepted. Given none, it makes one of its own, in clear and
    /// without a bound.
    private func makeBufferevent() -> OpaquePointer? {
        let secure = tls?.makeBufferevent(on: base)
        let made = secure ?? bufferevent_socket_new(base, -1, Int32(BEV_OPT_CLOSE_ON_FREE.rawValue))
        guard let bufferevent = made else { return nil }
        bufferevent_incref(bufferevent)
        let connection = HTTPConnection(bufferevent: bufferevent, loop: self)
        newborn.append(connection)
        // There was no memory for its TLS: it ends before anything is read.
        if tls != nil, secure == nil { doomed.append(connection) }
        wakeForChores()
        // The library would accept all that wait, before anything else is done.
        if connections.count + newborn.count >= limits.connections { pause() }
        return bufferevent
    }

    /// Runs after the library's accept callback, before anything is read.
    private func adoptNewborn() {
        for connection in newborn {
            // The library's callbacks have its connection as their argument; there is no other public way to it before
            // a request is complete. Where it gave up meanwhile, it has taken the callbacks back.
            var argument: UnsafeMutableRawPointer?
            bufferevent_getcb(connection.bufferevent, nil, nil, nil, &argument)
            if let argument {
                let library = OpaquePointer(argument)
                connection.adopt(library)
                connections[library] = connection
                takePlace(connection)
            } else {
                connection.close()
            }
            bufferevent_decref(connection.bufferevent)
        }
        newborn = []
        if isPaused { makeRoom() }
    }

    /// A source that has as many connections as one may have gets no more.
    private func takePlace(_ connection: HTTPConnection) {
        guard let source = ConnectionSource(peerOf: bufferevent_getfd(connection.bufferevent)),
            limits.boundsLoopback || !source.isLoopback
        else { return }
        if places.take(source) {
            connection.source = source
        } else {
            listeners.onRefusal?(connection.clientAddress)
            doomed.append(connection)
        }
    }

    /// Accepts again, where every place is taken at the cost of whoever has been longest about a handshake or a request.
    private func makeRoom() {
        if connections.count >= limits.connections {
            let now = MonotonicClock.now()
            let slow = connections.values.filter { $0.state == .reading && now - $0.since > HTTPLoop.patience }
            // Its end lets the next in.
            slow.min { $0.since < $1.since }?.cut()
        } else {
            resume()
        }
    }

    /// Where every place is taken, whoever sends nothing for so long makes room. Nanoseconds.
    private static let patience: UInt64 = 1_000_000_000

    /// The library is about to free a connection.
    func didClose(_ connection: HTTPConnection) {
        if case .waiting(let exchange) = connection.state, let request = waiting.removeValue(forKey: exchange) {
            leave(request, as: exchange)
        } else if connection.state == .responding, let call = connection.abandonable {
            router.abandon(call)
        }
        if let failure = connection.tlsFailure {
            tlsFailures += 1
            listeners.onTLSFailure?(failure)
        }
        connection.close()
        if let library = connection.library { connections[library] = nil }
        if let source = connection.source { places.leave(source) }
        if isPaused, connections.count < limits.connections { resume() }
        endIfDone()
    }

    func connection(of request: OpaquePointer) -> HTTPConnection? {
        evhttp_request_get_connection(request).flatMap { connections[$0] }
    }

    private func pause() {
        isPaused = true
        for bound in bounds { evconnlistener_disable(evhttp_bound_socket_get_listener(bound)) }
    }

    private func resume() {
        isPaused = false
        for bound in bounds { evconnlistener_enable(evhttp_bound_socket_get_listener(bound)) }
    }

    // MARK: Chores: what must not be done inside a callback of the connection it is done to

    func cutSoon(_ connection: HTTPConnection) {
        doomed.append(connection)
        wakeForChores()
    }

    func replacePageSoon(of connection: HTTPConnection) {
        pages.append(connection)
        wakeForChores()
    }

    private func wakeForChores() {
        if let chores { event_active(chores, Int32(EV_TIMEOUT), 0) }
    }

    private func doChores() {
        adoptNewborn()
        let (pages, doomed) = (pages, doomed)
        (self.pages, self.doomed) = ([], [])
        for connection in pages where connection.state != .closed { replacePage(of: connection) }
        for connection in doomed where connection.state != .closed { connection.cut() }
    }

    /// Those that wait go on with what they have begun with: how an answer is worded depends on no configuration.
    private func adopt(_ router: Router, _ tls: ServerTLS?) {
        self.router = router
        if self.tls != nil, let tls { self.tls = tls }
    }

    // MARK: Clients that leave

    /// A client that disconnects while its request waits is noticed within 50 ms. Most waits are over before that, and
    /// cost nothing here.
    private func lookForLeavers() {
        guard !waiting.isEmpty else { return }
        let leavers = connections.values.filter { connection in
            if case .waiting = connection.state { connection.hasLeft } else { false }
        }
        for connection in leavers where connection.state != .closed { clientLeft(connection) }
    }

    // MARK: Deadlines

    /// A quarter of the shortest bound, so that none is overrun by more.
    private var sweepInterval: Duration {
        let shortest = min(limits.request, limits.idle, limits.response, limits.answer)
        return min(max(shortest / 4, .milliseconds(10)), .seconds(1))
    }

    private func sweep() {
        let now = MonotonicClock.now()
        let late = connections.values.filter {
            $0.deadline <= now || (isPaused && $0.state == .idle && now - $0.since > HTTPLoop.patience)
        }
        for connection in late {
            switch connection.state {
            case .waiting(let exchange): answerLate(exchange)
            case .idle, .reading, .responding: connection.cut()
            case .closed: break
            }
        }
        if isPaused { makeRoom() } else { resume() }
        endIfDone()
    }

    // MARK: Other threads

    private func takeEntries() {
        for entry in inbox.take() {
            switch entry {
            case .reply(let reply, let exchange): deliver(reply, to: exchange)
            case .caller(let caller, let exchange): resume(exchange, as: caller)
            case .look(let answer):
                answer(
                    HTTPStatistics(
                        requests: requests, connections: connections.count, waiting: waiting.count,
                        tlsFailures: tlsFailures))
            case .adopt(let make, let tls): adopt(make(), tls)
            case .stop(let duration): stop(within: duration)
            }
        }
    }

    private func stop(within duration: Duration) {
        if !isStopping {
            isStopping = true
            for bound in bounds { evhttp_del_accept_socket(http, bound) }
            bounds = []
        }
        if let stopTimer {
            var time = duration.timeval
            event_add(stopTimer, &time)
        }
        endIfDone()
    }

    /// What still waits is answered 503; after ``HTTPLimits/farewell`` the loop ends, whatever is left.
    private func stopTimeIsUp() {
        guard !isForced, let stopTimer else {
            event_base_loopbreak(base)
            return
        }
        isForced = true
        for exchange in waiting.keys { answer(exchange, with: .serverEnds) }
        var time = limits.farewell.timeval
        event_add(stopTimer, &time)
        endIfDone()
    }

    private func endIfDone() {
        guard isStopping, waiting.isEmpty, newborn.isEmpty else { return }
        let isBusy = connections.values.contains { connection in
            switch connection.state {
            case .reading: connection.received > 0
            case .waiting, .responding: true
            case .idle, .closed: false
            }
        }
        if !isBusy { event_base_loopbreak(base) }
    }
}
