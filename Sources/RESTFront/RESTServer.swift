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
        self.options = options
        self.calls = calls
        self.authenticator = authenticator
        self.makeSessionID = makeSessionID
        self.makeCorrelator = makeCorrelator
        self.now = now
        server = HTTPServer(name: "http", listen: options.listen, limits: options.limits)
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
        try server.start({ makeRouter() }, onRequest: options.onRequest)
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

    private func makeRouter() -> Router {
        let backend = Backend(
            calls: calls, registrations: options.registrations, subscriptions: options.subscriptions,
            emergencyNumbers: options.emergencyNumbers, takesEmergencyCalls: options.takesEmergencyCalls,
            takesLocations: options.takesLocations, makeSessionID: makeSessionID, now: now)
        let description = DescriptionAPI(
            OpenAPIDocument(
                mounts: options.mounts.filter { backend.api($0.api) != nil }, prefix: options.prefix,
                hasRegistrar: options.registrations != nil,
                version: options.version, security: options.security))
        return Router(
            mounts: backend.served(options.mounts, prefix: options.prefix) + [(options.prefix, description)],
            calls: calls, authenticator: authenticator,
            limiter: options.clientLimits.map { limits in
                ClientLimiter(
                    limits, liveSessions: { [calls] in calls.liveSessions(of: $0) }, clock: MonotonicClock.now)
            }, makeCorrelator: makeCorrelator)
    }
}
