import CallCore
import LibEvent

#if canImport(Glibc)
import Glibc
#endif

/// Answers that need no request of the library's.
extension HTTPLoop {
    /// Refuses a request for a call at once if there is no time for it and all of it has come: answers it, and takes it out of
    /// the input before the library has seen it.
    /// - Returns: whether that has been done; never over TLS, where what is written to the socket is not what is said.
    func refusesForLoad(_ input: OpaquePointer, on connection: HTTPConnection) -> Bool {
        var piece = iovec()
        let length = evbuffer_get_length(input)
        guard !isStopping, connection.tls == nil, evbuffer_peek(input, -1, nil, &piece, 1) == 1,
            piece.iov_len == length,
            let start = piece.iov_base,
            let output = bufferevent_get_output(connection.bufferevent), evbuffer_get_length(output) == 0
        else { return false }
        let bytes = UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: length)
        let now = MonotonicClock.now()
        guard let refusal = router.refusalForLoad(of: bytes, waited: { waited(at: now) }) else { return false }
        turns.add(at: now, look: look)
        evbuffer_drain(input, length)
        outgoing.removeAll(keepingCapacity: true)
        outgoing.append(contentsOf: refusal.response.head)
        outgoing.append(contentsOf: refusal.correlator.utf8)
        outgoing.append(contentsOf: refusal.response.tail)
        record(refusal.exchange, status: 503, began: connection.since)
        let sent = send(
            bufferevent_getfd(connection.bufferevent), outgoing, outgoing.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        // Nothing was on its way before: who has no room for so little reads nothing at all, or is gone.
        if sent != outgoing.count { cutSoon(connection) }
        return true
    }
}
