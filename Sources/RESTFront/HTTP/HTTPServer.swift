import Foundation
import Synchronization
import Threads

/// The life of one HTTP server: its sockets, its loop, and the thread that runs it. Start it once, stop it once; both from
/// any thread.
final class HTTPServer: Sendable {
    private let name: String
    private let listen: [ListenAddress]
    private let limits: HTTPLimits
    private let tls: ServerTLS?
    private let state = Mutex(State.new)

    private enum State {
        case new
        case running(ReplyInbox, stopping: [CheckedContinuation<Void, Never>])
        case ended
    }

    /// - Parameters:
    ///   - name: the thread's.
    ///   - tls: what the first connections are made with; nil: all of them are in clear.
    init(name: String, listen: [ListenAddress], limits: HTTPLimits, tls: ServerTLS? = nil) {
        self.name = name
        self.listen = listen
        self.limits = limits
        self.tls = tls
    }

    /// Binds every address and serves what `router` answers. Resolves host names, so it may wait.
    /// - Returns: the bound addresses, in order, with the real port where 0 was asked for.
    func start(
        _ router: () -> sending Router, listeners: HTTPListeners = .init()
    ) throws(RESTServerError) -> [ListenAddress] {
        try state.withLock { (state) throws(RESTServerError) in
            guard case .new = state else { throw RESTServerError.alreadyStarted }
            var sockets: [ListeningSocket] = []
            do throws(RESTServerError) {
                for address in listen { sockets.append(try ListeningSocket(address)) }
                let inbox = try ReplyInbox()
                let loop = try makeLoop(sockets, inbox, router(), listeners)
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
    func stop(within duration: Duration) async {
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

    /// Requests from now on are answered by another router, which is made on the HTTP thread, and connections over TLS made
    /// with `tls`, unless it is nil. Whether there is TLS stays as it is.
    func adopt(_ router: @escaping @Sendable () -> Router, tls: ServerTLS?) {
        state.withLock { state in
            if case .running(let inbox, _) = state { inbox.post(.adopt(router, tls)) }
        }
    }

    /// What the loop has counted, told by its own thread; nil if it does not run.
    func statistics() async -> HTTPStatistics? {
        await withCheckedContinuation { continuation in
            let inbox = state.withLock { state -> ReplyInbox? in
                if case .running(let inbox, _) = state { inbox } else { nil }
            }
            guard let inbox else { return continuation.resume(returning: nil) }
            inbox.look { continuation.resume(returning: $0) }
        }
    }

    private func makeLoop(
        _ sockets: [ListeningSocket], _ inbox: ReplyInbox, _ router: sending Router,
        _ listeners: HTTPListeners
    ) throws(RESTServerError) -> sending HTTPLoop {
        do throws(RESTServerError) {
            return try HTTPLoop(
                sockets: sockets, limits: limits, tls: tls, inbox: inbox, router: router, listeners: listeners)
        } catch {
            inbox.close()
            throw error
        }
    }

    private func run(_ loop: sending HTTPLoop) {
        Thread.start(name: name, stackSize: 4 << 20, owning: loop) { [self] loop in
            blockSignals()
            loop.run()
            let waiting = state.withLock { state in
                guard case .running(_, let stopping) = state else { return [CheckedContinuation<Void, Never>]() }
                state = .ended
                return stopping
            }
            for continuation in waiting { continuation.resume() }
        }
    }
}

/// Who is told of what goes on, on the HTTP thread.
struct HTTPListeners: Sendable {
    var onRequest: (@Sendable (RequestRecord) -> Void)?
    var onTLSFailure: (@Sendable (TLSFailure) -> Void)?
    /// With the client's address.
    var onRefusal: (@Sendable (String) -> Void)?
}

/// Signals are for the main thread; and a peer that is gone must be an error of the write, not a SIGPIPE.
private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}
