import CallCore
import Foundation
import Metrics
import Synchronization

/// Asks the threads that every call needs, once a second, whether they are there: for `/livez`, for the service manager's
/// watchdog, and for the metrics. On a thread of its own, so that it goes on when others do not.
final class ThreadWatch: Sendable {
    /// How long both took to answer.
    struct Delays: Sendable {
        var sip: Histogram
        var http: Histogram
    }

    private struct State {
        var sip = Probe()
        var http = Probe()
        var isStopped = false
    }

    /// Longer than any answer takes that is still of use: a POST is answered after `sessionCreate.timeout`.
    static let patience = Duration.seconds(10)

    private let state = Mutex(State())
    private let interval: Duration
    private let askSIP: @Sendable () async -> Void
    private let askHTTP: @Sendable () async -> Void
    private let onAlive: @Sendable () -> Void
    private let wake = DispatchSemaphore(value: 0)
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - askSIP: returns when the SIP thread has come to it.
    ///   - askHTTP: returns when the HTTP thread has come to it.
    ///   - onAlive: told after each look that has found both alive, on the watch's thread.
    init(
        every interval: Duration = .seconds(1), clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now,
        askSIP: @escaping @Sendable () async -> Void, askHTTP: @escaping @Sendable () async -> Void,
        onAlive: @escaping @Sendable () -> Void
    ) {
        self.interval = interval
        self.clock = clock
        self.askSIP = askSIP
        self.askHTTP = askHTTP
        self.onAlive = onAlive
    }

    /// Begins; once.
    func start() {
        let thread = Thread { [self] in
            while !state.withLock({ $0.isStopped }) {
                look()
                _ = wake.wait(timeout: .now() + interval / .seconds(1))
            }
        }
        thread.name = "watch"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Ends; at once, without waiting for answers.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
    }

    /// Whether both threads have answered in time.
    var isAlive: Bool {
        let now = clock()
        let patience = ThreadWatch.patience.nanoseconds
        return state.withLock {
            $0.sip.isAlive(at: now, patience: patience) && $0.http.isAlive(at: now, patience: patience)
        }
    }

    var delays: Delays { state.withLock { Delays(sip: $0.sip.delays, http: $0.http.delays) } }

    private func look() {
        let now = clock()
        let (asksSIP, asksHTTP) = state.withLock { ($0.sip.ask(at: now), $0.http.ask(at: now)) }
        if asksSIP {
            Task {
                await askSIP()
                let now = clock()
                state.withLock { $0.sip.answered(at: now) }
            }
        }
        if asksHTTP {
            Task {
                await askHTTP()
                let now = clock()
                state.withLock { $0.http.answered(at: now) }
            }
        }
        if isAlive { onAlive() }
    }
}
