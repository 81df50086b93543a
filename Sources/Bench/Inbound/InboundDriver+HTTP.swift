import CBench
import Glibc

/// The called application: PUT Ringing, PUT Connected, GET.
extension InboundDriver {
    func progress(_ connection: HTTPConnection, _ event: cbench_event) throws {
        if event.writable, connection.hasPendingOutput {
            connection.writeMore()
            if !connection.hasPendingOutput { try pool.watchOutput(of: connection, false) }
        }
        guard event.readable else { return }
        let arrival = connection.receive()
        let now = Nanoseconds.now
        switch arrival {
        case .nothing: return
        case .closed(let exchange):
            pool.discard(connection)
            if let exchange { fail(exchange.call, .connectionLost(exchange.operation)) }
        case .malformed(let exchange):
            pool.discard(connection)
            if let exchange { fail(exchange.call, .malformedResponse(exchange.operation)) }
        case .response(let response, let exchange):
            calls.call(exchange.call)?.pointee.connection = nil
            let body = connection.input + response.bodyStart
            let failure = judge(exchange, response.status, body, response.bodyLength)
            connection.finishResponse(at: now)
            if response.keepsConnection { pool.giveBack(connection) } else { pool.discard(connection) }
            if let failure { fail(exchange.call, failure) } else { try follow(exchange, now: now) }
        }
        if let next = waiting.first {
            waiting.removeFirst()
            try request(next.0, next.1, now: now)
        }
    }

    /// What is wrong with a response; nil if it is as it should be.
    private func judge(
        _ exchange: HTTPConnection.Exchange, _ status: Int, _ body: UnsafePointer<UInt8>, _ length: Int
    ) -> Failure? {
        guard status == 200 else { return .status(exchange.operation, status) }
        let expected: StaticString = exchange.operation == .ring ? "Ringing" : "Connected"
        guard let shown = SessionJSON.string("\"status\"", in: body, length) else { return .notConnected("nothing") }
        guard let start = shown.baseAddress, shown.count == expected.utf8CodeUnitCount,
            memcmp(start, expected.utf8Start, shown.count) == 0
        else { return .notConnected(String(decoding: shown, as: UTF8.self)) }
        guard exchange.operation == .read else { return nil }
        guard SessionJSON.hasMember("\"answer\"", in: body, length) else { return .answerMissing }
        // The caller's number is the call's: a mixed-up session shows.
        guard let caller = SessionJSON.string("\"originatorAddress\"", in: body, length),
            let start = caller.baseAddress,
            let plus = Search.first("+1", in: start, caller.count),
            Decimal.read(start + plus + 2, limit: caller.count - plus - 2)
                == (exchange.call.number, CallReference.digits)
        else { return .wrongCaller }
        return nil
    }

    private func follow(_ exchange: HTTPConnection.Exchange, now: Nanoseconds) throws {
        guard let call = calls.call(exchange.call) else { return }
        switch exchange.operation {
        case .ring:
            call.pointee.progress.insert(.rung)
            try request(.answer, exchange.call, now: now)
        case .answer:
            call.pointee.progress.insert(.taken)
            if call.pointee.progress.contains(.acknowledged) { try request(.read, exchange.call, now: now) }
        case .read:
            call.pointee.progress.insert(.read)
            hangUp(exchange.call)
        case .create, .delete: return
        }
    }

    /// Sends a request about a call's session, as soon as there is a connection for it.
    func request(_ operation: HTTPConnection.Operation, _ reference: CallReference, now: Nanoseconds) throws {
        guard let call = calls.call(reference) else { return }
        let connection: HTTPConnection
        do {
            guard let free = try pool.take(at: now, isUrgent: false) else {
                return waiting.append((operation, reference))
            }
            connection = free
        } catch BenchError.system("connect", _) {
            return fail(reference, .noConnection)
        }
        let bytes = requests.onSession(
            operation, calls.sessionID(reference), call.pointee.sessionIDLength, originator: call.pointee.originator)
        guard let start = bytes.baseAddress else { return }
        call.pointee.connection = connection.index
        connection.send(start, bytes.count, exchange: .init(operation: operation, call: reference))
        if connection.hasPendingOutput { try pool.watchOutput(of: connection, true) }
    }
}
