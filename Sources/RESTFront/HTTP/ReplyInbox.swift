import CallCore
import Foundation
import LibEvent
import Synchronization

/// The way back to the HTTP thread: a queue under a lock and an eventfd that wakes the loop, once for as many entries as
/// there are until it looks. Posting never waits for more than another poster.
final class ReplyInbox: ReplySink {
    /// What the HTTP thread is told.
    enum Entry: Sendable {
        case reply(Result<Outcome, CAMARAError>, exchange: UInt64)
        /// Who sends the request of an exchange.
        case caller(Result<Caller, CAMARAError>, exchange: UInt64)
        /// Somebody wants to know what the loop has counted.
        case look(@Sendable (HTTPStatistics?) -> Void)
        /// Requests from now on are another router's, which is made on the HTTP thread; connections are made with other
        /// certificates, if there are any.
        case adopt(@Sendable () -> Router, ServerTLS?)
        /// Stop accepting; end when what is in flight is answered, at the latest after the duration.
        case stop(within: Duration)
    }

    /// Readable while entries wait.
    let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var entries: [Entry] = []
        var isClosed = false
    }

    init() throws(RESTServerError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .cannotRun("eventfd: \(String(cString: strerror(errno)))") }
    }

    deinit { Foundation.close(descriptor) }

    func post(_ reply: Result<Outcome, CAMARAError>, to exchange: UInt64) {
        post(.reply(reply, exchange: exchange))
    }

    func post(caller: Result<Caller, CAMARAError>, to exchange: UInt64) {
        post(.caller(caller, exchange: exchange))
    }

    /// Any thread. What comes after ``close()`` is dropped: nobody waits for it any more.
    func post(_ entry: Entry) {
        _ = add(entry)
    }

    /// Any thread: `answer` is called on the HTTP thread, or with nil if that has ended or ends before.
    func look(_ answer: @escaping @Sendable (HTTPStatistics?) -> Void) {
        if !add(.look(answer)) { answer(nil) }
    }

    /// False if the inbox is closed.
    private func add(_ entry: Entry) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.entries.append(entry)
            return (true, state.entries.count == 1)
        }
        // Not under the lock: the HTTP thread would wake up only to wait for it.
        if isFirst { _ = eventfd_write(descriptor, 1) }
        return isTaken
    }

    /// HTTP thread: all that came so far.
    func take() -> [Entry] {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
        return state.withLock { state in exchange(&state.entries, with: []) }
    }

    /// HTTP thread, once, when the loop has ended.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return exchange(&state.entries, with: [])
        }
        for case .look(let answer) in left { answer(nil) }
    }

    private func exchange<Value>(_ place: inout Value, with value: Value) -> Value {
        let old = place
        place = value
        return old
    }
}
