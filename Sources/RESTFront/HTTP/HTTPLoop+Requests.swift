import CallCore
import Foundation
import LibEvent

/// A request whose answer the call layer owes, or of which nobody has said yet who sends it.
struct WaitingRequest {
    let request: OpaquePointer
    let connection: HTTPConnection
    let exchange: Router.Exchange
    let began: UInt64
    /// The call to give up if the client leaves.
    let abandonable: SessionID?
    /// What is left to do until then; nil once it has been done.
    var pending: Router.Pending?
}

/// From the library's requests to the router's and back.
extension HTTPLoop {
    /// A request has come in whole.
    func handle(_ request: OpaquePointer) {
        let began = MonotonicClock.now()
        guard let connection = connection(of: request), (connection.tls != nil) == (tls != nil) else {
            refuse(request)
            return
        }
        connection.didReadRequest()
        let command = evhttp_request_get_command(request)
        let (path, query) = target(of: request)
        var incoming = HTTPRequest(method: HTTPMethod(command), path: path, query: query)
        var framing = RequestFraming()
        framing.isHTTP10 = connection.head.isHTTP10
        readFields(of: request, into: &incoming, &framing)
        if let problem = framing.problem(bodyIsRead: command.hasBodyRead) {
            let exchange = router.unreadableExchange(incoming.method, correlator: incoming.value(of: .correlator))
            var response = router.response(to: problem, in: exchange)
            response.headers.append(HTTPResponse.Header(name: "Connection", value: "close"))
            send(response, for: request, on: connection, exchange, began: began)
            return
        }
        incoming.body = body(of: request)
        turns.add(at: began, look: look)
        nextExchange += 1
        let id = nextExchange
        let (exchange, outcome) = router.handle(incoming, as: id, replyTo: inbox) { waited(at: began) }
        proceed(outcome, with: request, on: connection, exchange, id, began: began)
    }

    /// A request comes on a connection that was adopted before it was read, and over TLS wherever that is spoken. One that does
    /// not is on a connection that the library has made by itself, without memory for ours.
    private func refuse(_ request: OpaquePointer) {
        connection(of: request)?.didReadRequest()
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close")
        evhttp_send_reply(request, 500, nil, nil)
    }

    /// How long a request may have waited that would open a session.
    func waited(at now: UInt64) -> UInt64 { turns.wait(at: now, look: look) }

    /// Tells one look of the loop from another: the library keeps its time, in ticks of some milliseconds. Turns that are
    /// shorter count as one.
    var look: UInt64 {
        var time = LibEvent.timeval()
        event_base_gettimeofday_cached(base, &time)
        return UInt64(time.tv_sec) &* 1_000_000 &+ UInt64(time.tv_usec)
    }

    private func proceed(
        _ outcome: Router.Handled, with request: OpaquePointer, on connection: HTTPConnection,
        _ exchange: Router.Exchange, _ id: UInt64, began: UInt64
    ) {
        switch outcome {
        case .answered(let response): send(response, for: request, on: connection, exchange, began: began)
        case .waiting(let abandonable):
            waiting[id] = WaitingRequest(
                request: request, connection: connection, exchange: exchange, began: began, abandonable: abandonable)
            connection.wait(for: id)
        case .authenticating(let pending):
            waiting[id] = WaitingRequest(
                request: request, connection: connection, exchange: exchange, began: began, abandonable: nil,
                pending: pending)
            connection.wait(for: id)
        }
    }

    /// It is known who sends a request, or that nobody can tell. Of those whose client has left, what ends something is
    /// carried out, the rest is not: who hangs up and goes has hung up, and nobody waits for anything else.
    func resume(_ id: UInt64, as caller: Result<Caller, CAMARAError>) {
        if let (pending, exchange) = orphans.removeValue(forKey: id) {
            _ = router.resume(pending, as: caller, in: exchange, id: id, replyTo: inbox)
            return
        }
        guard let waited = waiting[id], let pending = waited.pending else { return }
        if waited.connection.hasLeft {
            waiting[id]?.pending = nil
            clientLeft(waited.connection)
            if pending.isEnd {
                _ = router.resume(pending, as: caller, in: waited.exchange, id: id, replyTo: inbox)
            }
            return
        }
        waiting[id] = nil
        let (exchange, outcome) = router.resume(pending, as: caller, in: waited.exchange, id: id, replyTo: inbox)
        if case .answered = outcome { waited.connection.didAnswer() }
        proceed(outcome, with: waited.request, on: waited.connection, exchange, id, began: waited.began)
    }

    /// A reply of the call layer. One whose request is gone is dropped.
    func deliver(_ reply: Result<Outcome, CAMARAError>, to id: UInt64) {
        // The loop looks for leavers now and then only; one that has left unseen would never know of its call.
        if let waited = waiting[id], waited.abandonable != nil, waited.connection.hasLeft {
            clientLeft(waited.connection)
            return
        }
        guard let waited = waiting.removeValue(forKey: id) else { return }
        waited.connection.didAnswer(abandonable: waited.abandonable)
        send(
            router.response(to: reply, in: waited.exchange), for: waited.request, on: waited.connection,
            waited.exchange, began: waited.began)
    }

    /// Answers a waiting request without the call layer, and gives its call up.
    func answer(_ id: UInt64, with error: CAMARAError) {
        guard let waited = waiting.removeValue(forKey: id) else { return }
        if let call = waited.abandonable { router.abandon(call) }
        waited.pending?.withdraw()
        waited.connection.didAnswer()
        send(
            router.response(to: error, in: waited.exchange), for: waited.request, on: waited.connection,
            waited.exchange, began: waited.began)
    }

    func answerLate(_ id: UInt64) {
        answer(id, with: .noAnswerInTime)
    }

    /// The client of a waiting request has closed its connection; so does the server, and nothing is left behind.
    func clientLeft(_ connection: HTTPConnection) {
        connection.cut()
    }

    /// Gives up a request whose answer nobody will see.
    func giveUp(_ waited: WaitingRequest) {
        if let call = waited.abandonable { router.abandon(call) }
        record(waited.exchange, status: 0, began: waited.began)
    }

    /// Gives up a waiting request whose connection is about to be freed because the client has left or was cut off. The
    /// library has taken the request off the connection by then and left it to us. One of which is not known yet who sends
    /// it may have to be carried out all the same.
    func leave(_ waited: WaitingRequest, as id: UInt64) {
        if let pending = waited.pending {
            if pending.isEnd, orphans.count < HTTPLoop.maximumOrphans {
                orphans[id] = (pending, waited.exchange)
            } else {
                pending.withdraw()
            }
        }
        giveUp(waited)
        evhttp_request_free(waited.request)
    }

    /// Replaces an error page of the library by the API's form: it answers what it cannot read in HTML and asks nobody.
    /// The page is still in the output buffer, because sockets are written only when the loop has polled again.
    func replacePage(of connection: HTTPConnection) {
        guard let status = connection.pageStatus else { return }
        let error: CAMARAError =
            status == 413
            ? .bodyTooLarge
            : CAMARAError(
                status, .invalidArgument, "The request cannot be read: it is not valid HTTP, or its head is too large.")
        let correlator = String(decoding: connection.head.correlator, as: UTF8.self)
        let exchange = router.unreadableExchange(.other, correlator: correlator)
        let response = router.response(to: error, in: exchange)
        var text = "HTTP/1.1 \(status) \(status == 413 ? "Content Too Large" : "Bad Request")\r\n"
        for header in response.headers { text += "\(header.name): \(header.value)\r\n" }
        text += "Content-Length: \(response.body.count)\r\nConnection: close\r\n\r\n"
        connection.replaceOutput(by: Array(text.utf8) + response.body)
        record(exchange, status: status, began: connection.since)
    }

    private func send(
        _ response: HTTPResponse, for request: OpaquePointer, on connection: HTTPConnection,
        _ exchange: Router.Exchange,
        began: UInt64
    ) {
        let headers = evhttp_request_get_output_headers(request)
        for header in response.headers { evhttp_add_header(headers, header.name, header.value) }
        if isStopping { evhttp_add_header(headers, "Connection", "close") }
        let output = evhttp_request_get_output_buffer(request)
        if exchange.method == .head {
            // The same headers as GET, the same length, no body (RFC 9110 §9.3.2).
            if response.status != 204 { evhttp_add_header(headers, "Content-Length", String(response.body.count)) }
        } else if !response.body.isEmpty {
            response.body.withUnsafeBytes { bytes in
                _ = evbuffer_add(output, bytes.baseAddress, bytes.count)
            }
        }
        evhttp_request_set_on_complete_cb(
            request,
            { _, argument in
                guard let argument else { return }
                Unmanaged<HTTPConnection>.fromOpaque(argument).takeUnretainedValue().didSendResponse()
            }, Unmanaged.passUnretained(connection).toOpaque())
        record(exchange, status: response.status, began: began)
        evhttp_send_reply(request, Int32(response.status), response.phrase, nil)
        connection.writeAtOnce()
    }

    func record(_ exchange: Router.Exchange, status: Int, began: UInt64) {
        let taken = MonotonicClock.now() - began
        requests.add(exchange.route, exchange.method, status, nanoseconds: taken)
        listeners.onRequest?(
            RequestRecord(
                method: exchange.method, route: exchange.route, status: status,
                duration: .nanoseconds(Int64(taken)), correlator: exchange.correlator,
                session: exchange.session, isRefusedForLoad: exchange.isRefusedForLoad))
    }

    private func target(of request: OpaquePointer) -> (path: String, query: String?) {
        guard let uri = evhttp_request_get_evhttp_uri(request), let path = evhttp_uri_get_path(uri) else {
            return ("", nil)
        }
        return (String(cString: path), evhttp_uri_get_query(uri).map { String(cString: $0) })
    }

    private func readFields(
        of request: OpaquePointer, into incoming: inout HTTPRequest, _ framing: inout RequestFraming
    ) {
        var entry = evhttp_request_get_input_headers(request).pointee.tqh_first
        while let header = entry?.pointee {
            entry = header.next.tqe_next
            guard let key = header.key, let text = header.value else { continue }
            let name = UnsafeRawBufferPointer(start: key, count: strlen(key)).bindMemory(to: UInt8.self)
            let value = UnsafeRawBufferPointer(start: text, count: strlen(text)).bindMemory(to: UInt8.self)
            framing.add(name: name, value: value)
            if let field = HeaderField.allCases.first(where: { name.equalsIgnoringCase($0.name) }) {
                incoming.fields.append((field, String(decoding: value, as: UTF8.self)))
            }
        }
    }

    private func body(of request: OpaquePointer) -> Data {
        guard let input = evhttp_request_get_input_buffer(request) else { return Data() }
        let count = evbuffer_get_length(input)
        guard count > 0, let bytes = evbuffer_pullup(input, -1) else { return Data() }
        return Data(bytes: bytes, count: count)
    }
}

extension HTTPMethod {
    init(_ command: evhttp_cmd_type) {
        switch command {
        case EVHTTP_REQ_GET: self = .get
        case EVHTTP_REQ_HEAD: self = .head
        case EVHTTP_REQ_POST: self = .post
        case EVHTTP_REQ_PUT: self = .put
        case EVHTTP_REQ_DELETE: self = .delete
        case EVHTTP_REQ_OPTIONS: self = .options
        default: self = .other
        }
    }
}

extension evhttp_cmd_type {
    /// Whether the library reads a body for the method; for the others it takes one for the next request.
    fileprivate var hasBodyRead: Bool {
        switch self {
        case EVHTTP_REQ_GET, EVHTTP_REQ_POST, EVHTTP_REQ_PUT, EVHTTP_REQ_DELETE, EVHTTP_REQ_OPTIONS, EVHTTP_REQ_PATCH,
            EVHTTP_REQ_CONNECT:
            true
        default: false
        }
    }
}
