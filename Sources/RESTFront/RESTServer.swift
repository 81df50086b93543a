import CallCore
import Foundation
import Synchronization

/// The REST side of the gateway: listens, authenticates, validates, and speaks CAMARA. Calls themselves are carried out by
/// a ``CallControl``.
///
/// One thread serves all connections and never waits; answers of the call layer come back to it through a queue. Start it
/// once, stop it once; both from any thread.
public final class RESTServer: Sendable {
    private let options: Options
    private let calls: any CallControl
    private let authenticator: any Authenticator
    private let makeSessionID: @Sendable () -> SessionID
    private let makeCorrelator: @Sendable () -> String
    private let now: @Sendable () -> Date
    private let state = Mutex(State.new)

    private enum State {
        case new
        case running(ReplyInbox, stopping: [CheckedContinuation<Void, Never>])
        case ended
    }

    /// - Parameters:
    ///   - makeSessionID: makes the `mediaSessionId` of each POST; by default 160 bits of the system's generator.
    ///   - makeCorrelator: makes the correlator of a request that brings none; by default a random UUID.
    ///   - now: the time of day, which times in request bodies are compared with.
    public init(
        options: Options, calls: any CallControl, authenticator: any Authenticator,
        makeSessionID: @escaping @Sendable () -> SessionID = RESTServer.systemSessionID,
        makeCorrelator: @escaping @Sendable () -> String = RESTServer.systemCorrelator,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.options = options
        self.calls = calls
        self.authenticator = authenticator
        self.makeSessionID = makeSessionID
        self.makeCorrelator = makeCorrelator
        self.now = now
    }

    /// One for all ids: it draws from the system in blocks, and the lock is the HTTP thread's alone.
    private static let generator = Mutex(SystemRandom())

    /// A session id from the system's generator.
    public static let systemSessionID: @Sendable () -> SessionID = {
        generator.withLock { SessionID.random(using: &$0) }
    }

    /// A random UUID from the system's generator.
    public static let systemCorrelator: @Sendable () -> String = {
        generator.withLock { RandomText.uuid(using: &$0) }
    }

    /// Binds every address and serves. Resolves host names, so it may wait.
    /// - Returns: The bound addresses, in the order of `options.listen`, with the real port where 0 was asked for.
    /// - Throws: ``RESTServerError``; nothing is left bound then.
    public func start() throws(RESTServerError) -> [ListenAddress] {
        try state.withLock { (state) throws(RESTServerError) in
            guard case .new = state else { throw RESTServerError.alreadyStarted }
            var sockets: [ListeningSocket] = []
            do throws(RESTServerError) {
                for address in options.listen { sockets.append(try ListeningSocket(address)) }
                let inbox = try ReplyInbox()
                let loop = try makeLoop(sockets, inbox)
                state = .running(inbox, stopping: [])
                run(loop)
            } catch {
                for socket in sockets {
                    close(socket.descriptor)
                    socket.removeFile()
                }
                throw error
            }
            return sockets.map(\.address)
        }
    }

    /// Stops accepting, answers what is in flight and ends. What is not answered after `duration` is answered 503 and its
    /// call given up. Returns when the thread has ended; at once if the server does not run.
    public func stop(within duration: Duration) async {
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                guard case .running(let inbox, let others) = state else { return false }
                state = .running(inbox, stopping: others + [continuation])
                inbox.post(.stop(within: duration))
                return true
            }
            if !isRunning { continuation.resume() }
        }
    }

    private func makeLoop(_ sockets: [ListeningSocket], _ inbox: ReplyInbox) throws(RESTServerError) -> HTTPLoop {
        let backend = Backend(
            calls: calls, registrations: options.registrations, subscriptions: options.subscriptions,
            emergencyNumbers: options.emergencyNumbers, makeSessionID: makeSessionID, now: now)
        let description = DescriptionAPI(
            OpenAPIDocument(
                mounts: options.mounts.filter { backend.api($0.api) != nil }, prefix: options.prefix,
                hasRegistrar: options.registrations != nil,
                version: options.version, security: options.security))
        let router = Router(
            mounts: backend.served(options.mounts, prefix: options.prefix) + [(options.prefix, description)],
            calls: calls, authenticator: authenticator,
            limiter: options.clientLimits.map { limits in
                ClientLimiter(
                    limits, liveSessions: { [calls] in calls.liveSessions(of: $0) }, clock: MonotonicClock.now)
            }, makeCorrelator: makeCorrelator)
        do throws(RESTServerError) {
            return try HTTPLoop(
                sockets: sockets, limits: options.limits, inbox: inbox, router: router, onRequest: options.onRequest)
        } catch {
            inbox.close()
            throw error
        }
    }

    private func run(_ loop: HTTPLoop) {
        // The loop belongs to the thread from here on; this one has no other use of it.
        let handover = Handover(loop: loop)
        let thread = Thread { [self] in
            blockSignals()
            handover.loop.run()
            let waiting = state.withLock { state in
                guard case .running(_, let stopping) = state else { return [CheckedContinuation<Void, Never>]() }
                state = .ended
                return stopping
            }
            for continuation in waiting { continuation.resume() }
        }
        thread.name = "http"
        thread.stackSize = 4 << 20
        thread.start()
    }

    private struct Handover: @unchecked Sendable {
        let loop: HTTPLoop
    }
}

/// Signals are for the main thread; and a peer that is gone must be an error of the write, not a SIGPIPE.
private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}
