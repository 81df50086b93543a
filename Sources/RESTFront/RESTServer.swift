import CallCore
import Foundation
import Synchronization

/// The REST side of the gateway: listens, authenticates, validates, and speaks CAMARA. Calls themselves are carried out by
/// a ``CallControl``.
///
/// One thread serves all connections and never waits; answers of the call layer come back to it through a queue. Start it
/// once, stop it once; both from any thread.
public final class RESTServer: Sendable {
    private let calls: any CallControl
    private let setup: Mutex<Setup>
    private let makeSessionID: @Sendable () -> SessionID
    private let makeCorrelator: @Sendable () -> String
    private let now: @Sendable () -> Date
    private let server: HTTPServer

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
        setup = Mutex(Setup(options: options, authenticator: authenticator))
        self.calls = calls
        self.makeSessionID = makeSessionID
        self.makeCorrelator = makeCorrelator
        self.now = now
        server = HTTPServer(name: "http", listen: options.listen, limits: options.limits, tls: options.tls)
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
        let described = describe(setup.withLock { $0.options })
        let setup = setup.withLock { setup in
            setup.description = described
            return setup
        }
        return try server.start(
            { makeRouter(setup) },
            listeners: .init(
                onRequest: setup.options.onRequest, onTLSFailure: setup.options.onTLSFailure,
                onRefusal: setup.options.onRefusal))
    }

    /// Stops accepting, answers what is in flight and ends. What is not answered after `duration` is answered 503 and its
    /// call given up. Returns when the thread has ended; at once if the server does not run.
    public func stop(within duration: Duration) async {
        await server.stop(within: duration)
    }

    /// What the HTTP thread has counted, told by itself; nil if it does not run.
    public func statistics() async -> HTTPStatistics? {
        await server.statistics()
    }

    /// Requests from now on are answered by these options and this authenticator; one that waits goes on as it began.
    /// Connections from now on are made with the certificates of `options.tls`, open ones stay. Where it listens, whether with
    /// TLS, the bounds of connections and requests, and who is told of them stay as they are. Clients' buckets of
    /// requests begin anew where their limits change.
    public func apply(_ options: Options, authenticator: any Authenticator) {
        let old = setup.withLock { $0 }
        let isDescribed = old.options.security == options.security
        var changed = old.options
        changed.security = options.security
        let description = isDescribed ? old.description : describe(changed)
        let new = setup.withLock { setup in
            setup.description = description
            setup.options.emergencyNumbers = options.emergencyNumbers
            setup.options.takesEmergencyCalls = options.takesEmergencyCalls
            setup.options.takesLocations = options.takesLocations
            setup.options.clientLimits = options.clientLimits
            setup.options.security = options.security
            setup.authenticator = authenticator
            return setup
        }
        server.adopt({ [self] in makeRouter(new) }, tls: options.tls)
    }

    /// What requests are answered by.
    private struct Setup: Sendable {
        var options: Options
        var authenticator: any Authenticator
        /// Made at the start.
        var description: DescriptionAPI?
    }

    private func backend(_ options: Options) -> Backend {
        Backend(
            calls: calls, registrations: options.registrations, subscriptions: options.subscriptions,
            emergencyNumbers: options.emergencyNumbers, takesEmergencyCalls: options.takesEmergencyCalls,
            takesLocations: options.takesLocations, makeSessionID: makeSessionID, now: now)
    }

    private func describe(_ options: Options) -> DescriptionAPI {
        let backend = backend(options)
        return DescriptionAPI(
            OpenAPIDocument(
                mounts: options.mounts.filter { backend.api($0.api) != nil }, prefix: options.prefix,
                hasRegistrar: options.registrations != nil,
                version: options.version, security: options.security))
    }

    private func makeRouter(_ setup: Setup) -> Router {
        let options = setup.options
        let mounts = backend(options).served(options.mounts, prefix: options.prefix)
        return Router(
            mounts: mounts + (setup.description.map { [(options.prefix, $0)] } ?? []),
            calls: calls, authenticator: setup.authenticator,
            limiter: options.clientLimits.map { limits in
                ClientLimiter(
                    limits, liveSessions: { [calls] in calls.liveSessions(of: $0) }, clock: MonotonicClock.now)
            }, makeCorrelator: makeCorrelator)
    }
}
