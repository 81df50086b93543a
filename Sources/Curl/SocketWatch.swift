import Foundation
import LibCurl
import LibEvent

/// Which of libcurl's sockets are ready, and when libcurl wants to be called at the latest: libevent's base with an event for
/// each socket. It belongs to the thread that waits; ``ring`` alone is for all.
///
/// libevent's callbacks only note what is ready. So libcurl is never called from within libevent, and may take an event
/// away at any moment without pulling it from under the dispatch.
final class SocketWatch {
    /// A socket, and what it is ready for in libcurl's bits.
    struct Ready: Sendable {
        let socket: curl_socket_t
        let bits: Int32
    }

    private let base: OpaquePointer
    /// What other threads write to.
    private let bell: Int32
    private var bellEvent: OpaquePointer?
    private var timeUp: OpaquePointer?
    /// The events by their sockets' numbers, which are small and dense.
    private var events: [OpaquePointer?] = []
    private var ready: [Ready] = []
    /// Those that libcurl is just told of; the room of both is used again.
    private var taken: [Ready] = []
    /// The last wait did not look at the sockets.
    private var hasSkipped = false
    /// Of the monotonic clock in nanoseconds; nil for never.
    private var deadline: UInt64?

    /// - Throws: ``CurlError/library(_:)`` if the process has no descriptor or memory left.
    init() throws(CurlError) {
        guard let config = event_config_new() else { throw .library("no event base") }
        defer { event_config_free(config) }
        // A connection's interest changes several times an attempt: the kernel is told of the last before each wait.
        event_config_set_flag(config, Int32(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.rawValue))
        // One thread uses the base, whatever another user of the library has asked for.
        event_config_set_flag(config, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        guard let base = event_base_new_with_config(config) else { throw .library("no event base") }
        let bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard bell >= 0 else {
            event_base_free(base)
            throw .library("no eventfd: \(String(cString: strerror(errno)))")
        }
        self.base = base
        self.bell = bell
        bellEvent = event_new(
            base, bell, Int16(EV_READ | EV_PERSIST),
            { bell, _, _ in
                var count: eventfd_t = 0
                _ = eventfd_read(bell, &count)
            }, nil)
        // Nothing to do: its coming ends the wait.
        timeUp = event_new(base, -1, 0, { _, _, _ in }, nil)
        guard let bellEvent, timeUp != nil, event_add(bellEvent, nil) == 0 else {
            throw .library("no event for the wake-up")
        }
    }

    /// libcurl no longer calls by then.
    deinit {
        for event in events + [bellEvent, timeUp] { if let event { event_free(event) } }
        event_base_free(base)
        close(bell)
    }

    /// Ends the present wait, or the next. For any thread, while this exists.
    var ring: @Sendable () -> Void {
        { [bell] in _ = eventfd_write(bell, 1) }
    }

    // MARK: - What libcurl asks for

    /// Watches `socket` for what `interest` (`CURL_POLL_…`) says, in place of what was asked before.
    func watch(_ socket: curl_socket_t, _ interest: Int32) {
        guard socket >= 0 else { return }
        let place = Int(socket)
        if place >= events.count {
            events.append(contentsOf: repeatElement(nil, count: place + 1 - events.count))
        }
        if let event = events[place] { event_del(event) }
        guard interest != CURL_POLL_REMOVE else {
            if let event = events[place] { event_free(event) }
            events[place] = nil
            return
        }
        var kind = EV_PERSIST
        if interest & CURL_POLL_IN != 0 { kind |= EV_READ }
        if interest & CURL_POLL_OUT != 0 { kind |= EV_WRITE }
        let me = Unmanaged.passUnretained(self).toOpaque()
        if let event = events[place] {
            event_assign(event, base, socket, Int16(kind), noteReady, me)
        } else {
            events[place] = event_new(base, socket, Int16(kind), noteReady, me)
        }
        // Where there is no memory for it, the transfer ends by its time-out. Telling libcurl would end all of them.
        if let event = events[place] { event_add(event, nil) }
    }

    /// libcurl wants to be called in `milliseconds` in place of the time before; less than 0 for never.
    func setTimer(milliseconds: Int) {
        deadline = milliseconds < 0 ? nil : SocketWatch.now() + UInt64(milliseconds) * 1_000_000
    }

    // MARK: - The thread's turn

    /// Waits until a socket is ready, libcurl's time has come, somebody has rung or the time is over.
    func wait(milliseconds: Int32) {
        var left = max(0, Int(milliseconds))
        if let deadline {
            let now = SocketWatch.now()
            // Rounded up: too early would be once more for nothing.
            left = deadline <= now ? 0 : min(left, Int((deadline - now + 999_999) / 1_000_000))
        }
        // A transfer has just been added. Without a look in between, the socket that one transfer leaves and the next one
        // takes costs the kernel's list one change instead of two; but the sockets' turn comes the next time.
        if left == 0, let deadline, deadline <= SocketWatch.now(), !hasSkipped {
            hasSkipped = true
            return
        }
        hasSkipped = false
        guard left > 0, let timeUp else {
            // Once: sockets that stay ready would keep a loop without end busy.
            event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK)
            return
        }
        var time = timeval(tv_sec: left / 1_000, tv_usec: left % 1_000 * 1_000)
        event_add(timeUp, &time)
        event_base_loop(base, EVLOOP_ONCE)
    }

    /// Calls `body` with each socket that has become ready since it was called last.
    func forEachReady(_ body: (Ready) -> Void) {
        swap(&ready, &taken)
        for socket in taken { body(socket) }
        taken.removeAll(keepingCapacity: true)
    }

    /// Whether libcurl's time has come. It is then told of, and sets the next.
    func takeDueTimer() -> Bool {
        guard let due = deadline, due <= SocketWatch.now() else { return false }
        deadline = nil
        return true
    }

    fileprivate func note(_ socket: curl_socket_t, _ what: Int32) {
        var bits: Int32 = 0
        if what & EV_READ != 0 { bits |= CURL_CSELECT_IN }
        if what & EV_WRITE != 0 { bits |= CURL_CSELECT_OUT }
        ready.append(Ready(socket: socket, bits: bits))
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

private let noteReady: event_callback_fn = { socket, what, context in
    guard let context else { return }
    Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().note(socket, Int32(what))
}
