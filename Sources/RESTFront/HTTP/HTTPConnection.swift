import CServerTLS
import CallCore
import Foundation
import LibEvent

/// What the server keeps about one connection besides what the library keeps. Lives on the HTTP thread, from the
/// library's wish for a bufferevent to its close callback.
final class HTTPConnection {
    /// Where the connection is in its cycle; each state but `closed` has the deadline that goes with it.
    enum State: Equatable {
        /// Between responses and requests.
        case idle
        /// A request is coming in; a new connection is expected to send one.
        case reading
        /// The call layer has been asked, or who sends the request.
        case waiting(exchange: UInt64)
        /// A response is going out.
        case responding
        case closed
    }

    let bufferevent: OpaquePointer
    /// The bufferevent's TLS, which it owns; nil in clear.
    let tls: OpaquePointer?
    /// The library's connection; nil until it has made one.
    private(set) var library: OpaquePointer?
    private(set) var state = State.reading
    /// When the state began and when it has lasted too long, monotonic nanoseconds.
    private(set) var since: UInt64
    private(set) var deadline: UInt64
    /// Whose place it has; nil if it takes none.
    var source: ConnectionSource?
    /// Bytes of the request that is coming in.
    private(set) var received = 0
    private(set) var head = HeadPeek()
    /// The status of an error page the library has written by itself; see ``HTTPLoop/replacePage(of:)``.
    private(set) var pageStatus: Int?

    /// The call whose session the response on its way tells; nobody knows it before.
    private(set) var abandonable: SessionID?

    private unowned let loop: HTTPLoop
    private var inputCallback: OpaquePointer?
    private var outputCallback: OpaquePointer?

    init(bufferevent: OpaquePointer, loop: HTTPLoop) {
        self.bufferevent = bufferevent
        tls = bufferevent_openssl_get_ssl(bufferevent)
        self.loop = loop
        since = MonotonicClock.now()
        deadline = since + loop.limits.request.nanoseconds
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        inputCallback = evbuffer_add_cb(
            bufferevent_get_input(bufferevent),
            { buffer, change, argument in
                guard let buffer, let change, let argument, change.pointee.n_added > 0 else { return }
                Unmanaged<HTTPConnection>.fromOpaque(argument).takeUnretainedValue()
                    .didReceive(change.pointee.n_added, into: buffer)
            }, pointer)
        outputCallback = evbuffer_add_cb(
            bufferevent_get_output(bufferevent),
            { buffer, change, argument in
                guard let buffer, let change, let argument, change.pointee.n_added > 0 else { return }
                Unmanaged<HTTPConnection>.fromOpaque(argument).takeUnretainedValue().willSend(buffer)
            }, pointer)
    }

    /// Binds the connection to the library's, and with it to its end.
    func adopt(_ connection: OpaquePointer) {
        library = connection
        evhttp_connection_set_closecb(
            connection,
            { _, argument in
                guard let argument else { return }
                let connection = Unmanaged<HTTPConnection>.fromOpaque(argument).takeUnretainedValue()
                connection.loop.didClose(connection)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// The request has come in whole; it is answered at once or waits.
    func didReadRequest() {
        received = 0
        enter(.responding, for: loop.limits.response)
    }

    /// Waits for the call layer. The library reads nothing meanwhile, so it would not notice that the client leaves; the
    /// loop looks for that (``HTTPLoop/lookForLeavers()``).
    func wait(for exchange: UInt64) {
        enter(.waiting(exchange: exchange), for: loop.limits.answer)
    }

    /// Whether the client has closed or reset the connection; data that waits, such as a pipelined request, is no end.
    var hasLeft: Bool {
        if let tls { return server_tls_has_left(tls) }
        var byte: UInt8 = 0
        let count = recv(bufferevent_getfd(bufferevent), &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// A response begins to go out.
    /// - Parameter abandonable: The call to give up if the connection ends before the response is out.
    func didAnswer(abandonable: SessionID? = nil) {
        self.abandonable = abandonable
        enter(.responding, for: loop.limits.response)
    }

    /// Writes what waits in the output now: left alone, the library would wait for its next poll to tell that the socket
    /// has room, which costs every response two system calls and the wait behind all other events of the turn. What the
    /// socket does not take goes out that way. Over TLS the output is not what the socket carries: the library writes it.
    func writeAtOnce() {
        guard tls == nil, let output = bufferevent_get_output(bufferevent) else { return }
        // A socket bufferevent keeps the front of its output from everyone but itself.
        evbuffer_unfreeze(output, 1)
        evbuffer_write(output, bufferevent_getfd(bufferevent))
        evbuffer_freeze(output, 1)
        guard evbuffer_get_length(output) == 0 else { return }
        bufferevent_disable(bufferevent, Int16(EV_WRITE))
        // Not now: the library may still be inside its callback of the request.
        bufferevent_trigger(bufferevent, Int16(EV_WRITE), Int32(BEV_TRIG_DEFER_CALLBACKS.rawValue))
    }

    /// The response is out; the next request may be there already (pipelining).
    func didSendResponse() {
        abandonable = nil
        guard let input = bufferevent_get_input(bufferevent), evbuffer_get_length(input) > 0 else {
            enter(.idle, for: loop.limits.idle)
            return
        }
        begin(input)
        // All of it counts as come, so that what comes next is no beginning, and shows whether the library has taken any.
        received = evbuffer_get_length(input)
    }

    /// Ends the connection as if the client had: the library frees it and calls back.
    func cut() {
        bufferevent_trigger_event(bufferevent, Int16(BEV_EVENT_READING | BEV_EVENT_EOF), 0)
    }

    /// The connection is about to be freed.
    func close() {
        state = .closed
        if let inputCallback { evbuffer_remove_cb_entry(bufferevent_get_input(bufferevent), inputCallback) }
        if let outputCallback { evbuffer_remove_cb_entry(bufferevent_get_output(bufferevent), outputCallback) }
        inputCallback = nil
        outputCallback = nil
        if let tls { server_tls_end(tls) }
    }

    /// Puts `bytes` in the place of all that waits in the output, none of which has been written.
    func replaceOutput(by bytes: [UInt8]) {
        guard let output = bufferevent_get_output(bufferevent) else { return }
        // A socket bufferevent keeps the front of its output from everyone but itself; one over TLS does not.
        if tls == nil { evbuffer_unfreeze(output, 1) }
        evbuffer_drain(output, evbuffer_get_length(output))
        if tls == nil { evbuffer_freeze(output, 1) }
        didReplacePage()
        evbuffer_add(output, bytes, bytes.count)
    }

    private func enter(_ state: State, for duration: Duration) {
        self.state = state
        since = MonotonicClock.now()
        deadline = since + duration.nanoseconds
    }

    private func didReceive(_ count: Int, into input: OpaquePointer) {
        if state == .idle || received == 0 { begin(input) }
        received += count
        if state == .reading, received == evbuffer_get_length(input), loop.refusesForLoad(input, on: self) {
            received = 0
            return enter(.idle, for: loop.limits.idle)
        }
        // The library bounds the head and the body, but not the lines between chunks, nor what it reads away of a body
        // that is too large.
        if evbuffer_get_length(input) > loop.limits.head + loop.limits.body + 64 * 1024
            || received > loop.limits.head + loop.limits.body * 64
        {
            loop.cutSoon(self)
        }
    }

    private func begin(_ input: OpaquePointer) {
        received = 0
        enter(.reading, for: loop.limits.request)
        var piece = iovec()
        guard evbuffer_peek(input, -1, nil, &piece, 1) > 0, let bytes = piece.iov_base else { return }
        head.read(
            UnsafeBufferPointer(start: bytes.assumingMemoryBound(to: UInt8.self), count: Int(piece.iov_len)))
    }

    private func willSend(_ output: OpaquePointer) {
        // While a request is being read, nobody writes but the library: "100 Continue", or an error page of its own.
        guard state == .reading || state == .idle, pageStatus == nil else { return }
        var piece = iovec()
        guard evbuffer_peek(output, -1, nil, &piece, 1) > 0, let bytes = piece.iov_base else { return }
        let line = UnsafeRawBufferPointer(start: bytes, count: Int(piece.iov_len)).prefix(12)
        guard line.count == 12, let status = Int(String(decoding: line.suffix(3), as: UTF8.self)), status >= 200 else {
            return
        }
        pageStatus = status
        loop.replacePageSoon(of: self)
    }

    /// The library's page has been replaced; its response goes out.
    private func didReplacePage() {
        enter(.responding, for: loop.limits.response)
    }
}

extension Duration {
    var timeval: LibEvent.timeval {
        LibEvent.timeval(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
    }
}
