import CallCore
import Curl
import Foundation
import Threads

/// Asks the token provider over HTTP: a thread of its own, with libcurl. Asking never waits; completions are called on that
/// thread, once each. The thread ends with the fetcher.
final class HTTPFetcher: Sendable {
    struct Settings: Sendable {
        /// A file of trusted certificates in PEM, in place of the system's.
        var certificates: String?
        /// Questions at a time; a further one fails ``ProviderFailure/busy``.
        var maximumInFlight = 64
        var userAgent = "webrtc-gateway"
    }

    private let inbox = CommandInbox<FetchCommand>()

    /// Starts the thread.
    /// - Throws: ``CurlError`` with what the machine lacks.
    init(_ settings: Settings) throws(CurlError) {
        let loop = FetchLoop(inbox, try FetchTransport(settings))
        Thread.start(name: "tokens", stackSize: 1 << 20, owning: loop) { $0.run() }
    }

    deinit { _ = inbox.post(.stop) }

    /// Asks; for any thread.
    func fetch(_ request: FetchRequest, completion: @escaping FetchRequest.Completion) {
        if inbox.post(.fetch(request, completion)) != nil { completion(.failure(.stopped)) }
    }

    /// Calls `action` on the fetching thread at `time` of the monotonic clock, in place of what was set before. For any
    /// thread.
    func setAlarm(at time: UInt64, _ action: @escaping @Sendable () -> Void) {
        _ = inbox.post(.alarm(at: time, action))
    }
}

/// What other threads ask of the fetching thread.
enum FetchCommand: Sendable {
    case fetch(FetchRequest, FetchRequest.Completion)
    /// Calls the function at that moment of the monotonic clock, in place of the one set before.
    case alarm(at: UInt64, @Sendable () -> Void)
    case stop
}

/// The fetching thread's work. Everything here belongs to that thread.
final class FetchLoop {
    private let inbox: CommandInbox<FetchCommand>
    private let transport: FetchTransport
    private var alarm: (time: UInt64, action: @Sendable () -> Void)?
    private var isStopping = false

    init(_ inbox: CommandInbox<FetchCommand>, _ transport: FetchTransport) {
        self.inbox = inbox
        self.transport = transport
        inbox.open(wake: transport.wakeUp)
    }

    /// Runs until it is told to stop.
    func run() {
        // OpenSSL writes to sockets that the provider may have closed; and signals are for the main thread.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while true {
            inbox.drain().forEach(carryOut)
            if isStopping { break }
            if let due = alarm, due.time <= MonotonicClock.now() {
                alarm = nil
                due.action()
                continue
            }
            if transport.perform() { continue }
            transport.wait(milliseconds: patience)
        }
        for case .fetch(_, let completion) in inbox.close() { completion(.failure(.stopped)) }
        transport.failAll(.stopped)
    }

    private func carryOut(_ command: FetchCommand) {
        switch command {
        case .fetch(let request, let completion): transport.start(request, completion)
        case .alarm(let time, let action): alarm = (time, action)
        case .stop: isStopping = true
        }
    }

    private var patience: Int32 {
        guard let alarm else { return 60_000 }
        let now = MonotonicClock.now()
        // Rounded up: too early would be once more for nothing.
        return alarm.time <= now ? 0 : Int32(min((alarm.time - now + 999_999) / 1_000_000, 60_000))
    }
}
