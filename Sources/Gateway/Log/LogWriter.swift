import Foundation
import Synchronization

/// Writes lines to a descriptor on a thread of its own.
///
/// Standard error is often a pipe, and its reader may stall: a direct write(2) would then stop the SIP thread and with
/// it every call. So a caller only appends to a bounded queue under a short lock. A full queue drops the line and
/// counts it; the count is reported as soon as the writer gets on.
final class LogWriter: Sendable {
    /// How much may wait.
    struct Limits: Sendable {
        var lines = 16_384
        var bytes = 8 << 20
    }

    private struct State {
        var lines: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        /// Since the start, those of `dropped` included.
        var droppedInAll = 0
        var isClosed = false
    }

    /// Lines below this level are not made. Every copy of a log shares it, so that it can be changed for all of them.
    let level: Atomic<Int>
    private let descriptor: Int32
    private let limits: Limits
    private let reportDropped: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    /// Signalled when the queue stops being empty, and on closing.
    private let wake = DispatchSemaphore(value: 0)
    private let pause = DispatchSemaphore(value: 0)
    private let gathering = DispatchTimeInterval.milliseconds(10)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the thread, which lives until `close`. `reportDropped` makes the line that says how many were dropped.
    init(
        descriptor: Int32 = STDERR_FILENO, limits: Limits = Limits(), level: Int = 0,
        reportDropped: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.level = Atomic(level)
        self.descriptor = descriptor
        self.limits = limits
        self.reportDropped = reportDropped
        Thread.detachNewThread { self.run() }
    }

    /// Queues one line with its newline. From any thread; never waits for the descriptor.
    func append(_ line: [UInt8]) {
        let mustWake = state.withLock { state in
            guard !state.isClosed, state.lines.count < limits.lines, state.bytes + line.count <= limits.bytes else {
                state.dropped += 1
                state.droppedInAll += 1
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            return state.lines.count == 1
        }
        if mustWake { wake.signal() }
    }

    /// Lines dropped since the start. Any thread.
    var dropped: Int { state.withLock { $0.droppedInAll } }

    /// Writes what is queued and ends the thread; later lines are dropped. False if `timeout` passes before that.
    /// May be called again to wait longer.
    func close(timeout: DispatchTimeInterval = .seconds(2)) -> Bool {
        state.withLock { $0.isClosed = true }
        wake.signal()
        pause.signal()
        return finished.wait(timeout: .now() + timeout) == .success
    }

    private func run() {
        while true {
            wake.wait()
            // A busy gateway logs thousands of lines a second: gathered for a moment they cost one wake-up and one
            // system call together. An end is not kept waiting: it signals once more.
            if !state.withLock({ $0.isClosed }) { _ = pause.wait(timeout: .now() + gathering) }
            let taken = state.withLock { state in
                let taken = state
                state = State(droppedInAll: state.droppedInAll, isClosed: state.isClosed)
                return taken
            }
            // One system call for a burst; one thread writes, so lines stay whole.
            var output: [UInt8] = []
            output.reserveCapacity(taken.bytes)
            for line in taken.lines { output += line }
            if taken.dropped > 0 { output += reportDropped(taken.dropped) }
            if !output.isEmpty { _ = WholeWrite.write(output, to: descriptor) }
            if taken.isClosed {
                finished.signal()
                return
            }
        }
    }
}
