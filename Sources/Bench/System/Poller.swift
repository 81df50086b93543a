import CBench
import Glibc

/// Readiness of descriptors, by epoll.
final class Poller {
    private let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<cbench_event>

    init() throws {
        descriptor = cbench_poller_create()
        guard descriptor >= 0 else { throw BenchError.system("epoll_create1", errno) }
        events = .allocate(capacity: 256)
        events.initialize(repeating: cbench_event())
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Watches `fd` under `key` for input, and for room to write if `writable`; `known` when it is watched already.
    func watch(_ fd: Int32, key: UInt64, writable: Bool = false, known: Bool = false) throws {
        guard cbench_poller_watch(descriptor, fd, key, writable, known) == 0 else {
            throw BenchError.system("epoll_ctl", errno)
        }
    }

    /// What happened within `timeout`; the slice is valid until the next wait.
    func wait(_ timeout: Nanoseconds) throws -> Slice<UnsafeMutableBufferPointer<cbench_event>> {
        let count = cbench_poller_wait(descriptor, events.baseAddress, Int32(events.count), Int64(timeout))
        guard count >= 0 else { throw BenchError.system("epoll_pwait2", errno) }
        return events[0..<Int(count)]
    }
}
