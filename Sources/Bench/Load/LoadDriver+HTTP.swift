import CBench
import Glibc

/// The HTTP client: POST, then GET, then DELETE.
extension LoadDriver {
    func progress(_ connection: HTTPConnection, _ event: cbench_event) throws {
        if event.writable, connection.hasPendingOutput {
            connection.writeMore()
            if !connection.hasPendingOutput { try api?.pool.watchOutput(of: connection, false) }
        }
        guard event.readable else { return }
        let arrival = connection.receive()
        let now = Nanoseconds.now
        switch arrival {
        case .nothing: return
        case .closed(let exchange):
            api?.pool.discard(connection)
            if let exchange { fail(exchange.call, .connectionLost(exchange.operation)) }
        case .malformed(let exchange):
            api?.pool.discard(connection)
            if let exchange { fail(exchange.call, .malformedResponse(exchange.operation)) }
        case .response(let response, let exchange):
            calls.call(exchange.call)?.pointee.connection = nil
            let body = connection.input + response.bodyStart
            let outcome = judge(exchange, response, body, now: now)
            connection.finishResponse(at: now)
            if response.keepsConnection {
                api?.pool.giveBack(connection)
            } else {
                api?.pool.discard(connection)
            }
            try follow(outcome, exchange.call, now: now)
        }
        try requestNextWaiting(now: now)
    }

    private enum Outcome { case wait, read, established, deleted, refused, failed(Failure) }

    private func judge(
        _ exchange: HTTPConnection.Exchange, _ response: HTTPResponse, _ body: UnsafePointer<UInt8>, now: Nanoseconds
    ) -> Outcome {
        guard let call = calls.call(exchange.call) else { return .wait }
        let length = response.bodyLength
        switch (exchange.operation, response.status) {
        case (.create, 201):
            let taken = now - call.pointee.posted
            tally.postToCreated.append(taken)
            if taken > LoadDriver.normalLatency { tally.lastTrouble = now }
            if call.pointee.progress.contains(.emergency) { tally.emergencyToCreated.append(taken) }
            guard let id = SessionJSON.string("\"mediaSessionId\"", in: body, length), let start = id.baseAddress,
                (1...CallTable.sessionIDCapacity).contains(id.count)
            else { return .failed(.noSessionID) }
            memcpy(calls.sessionID(exchange.call), start, id.count)
            call.pointee.sessionIDLength = id.count
            call.pointee.progress.insert(.created)
            return call.pointee.progress.contains(.acknowledged) ? .read : .wait
        case (.read, 200):
            // The ACK came first, so the gateway has taken the 200: nothing but Connected is right.
            guard let status = SessionJSON.string("\"status\"", in: body, length) else {
                return .failed(.notConnected("nothing"))
            }
            guard status.elementsEqual("Connected".utf8) else {
                return .failed(.notConnected(String(decoding: status, as: UTF8.self)))
            }
            guard SessionJSON.hasMember("\"answer\"", in: body, length) else { return .failed(.answerMissing) }
            call.pointee.progress.insert(.read)
            return .established
        case (.delete, 204):
            call.pointee.progress.insert(.deleted)
            return .deleted
        case (.create, 503)
        where takesRefusals && response.hasRetryAfter && !call.pointee.progress.contains(.emergency):
            tally.postToRefusal.append(now - call.pointee.posted)
            return .refused
        default:
            return .failed(.status(exchange.operation, response.status))
        }
    }

    private func follow(_ outcome: Outcome, _ reference: CallReference, now: Nanoseconds) throws {
        switch outcome {
        case .wait: break
        case .read: try request(.read, reference, now: now)
        case .established: try established(reference, now: now)
        case .deleted: finishIfComplete(reference, now: now)
        case .refused: refused(reference, now: now)
        case .failed(let failure): fail(reference, failure)
        }
    }
}
