import Glibc

/// A signal the gateway acts on.
enum ProcessSignal: CaseIterable, Sendable {
    /// SIGTERM: drain and end.
    case terminate
    /// SIGINT, Ctrl-C: as SIGTERM.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangUp
    /// SIGUSR1: log what is alive.
    case statistics

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        case .statistics: SIGUSR1
        }
    }
}

/// Signals as calls on a thread of their own, where everything is allowed: no handler runs in signal context.
enum Signals {
    /// Blocks the signals of `ProcessSignal` and ignores SIGPIPE.
    ///
    /// On the main thread before any other thread exists: threads inherit the mask, and a thread without it would
    /// take the signal and end the process. SIGPIPE becomes EPIPE at the write that meets a closed connection.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var set = handledSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Takes ``prepare()`` back, for a command that does not act on signals: they end it.
    static func restore() {
        var set = handledSet()
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Starts the thread that waits for signals, for the rest of the process's life, and calls `handler` there for
    /// each one, in turn. A signal that came since `prepare` is delivered too. Nil if no thread can be had.
    @discardableResult
    static func watch(_ handler: @escaping @Sendable (ProcessSignal) -> Void) -> pthread_t? {
        // The thread inherits the mask; set here too, so that it holds whoever calls.
        var set = handledSet()
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &set, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        let watcher = Unmanaged.passRetained(Watcher(handler))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Watcher>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, watcher.toOpaque())
        guard status == 0 else {
            watcher.release()
            return nil
        }
        pthread_detach(thread)
        return thread
    }

    private static func handledSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in ProcessSignal.allCases { sigaddset(&set, signal.number) }
        return set
    }

    /// What the thread runs.
    private final class Watcher: Sendable {
        private let handler: @Sendable (ProcessSignal) -> Void

        init(_ handler: @escaping @Sendable (ProcessSignal) -> Void) { self.handler = handler }

        func run() {
            var set = handledSet()
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                if let signal = ProcessSignal.allCases.first(where: { $0.number == number }) { handler(signal) }
            }
        }
    }
}
