import CallCore
import Foundation

/// A small HTTP server for the operator's tools: a handful of pages, made anew for each request, for anybody who can
/// connect. It has a listener and a thread of its own, so that an API under load, or one that is draining, does not keep it
/// from answering. Start it once, stop it once; both from any thread.
public final class AdminServer: Sendable {
    /// One page.
    public struct Page: Sendable {
        /// `/metrics`
        public var path: String
        /// Makes it. Any thread; may wait for a few seconds.
        public var make: @Sendable () async -> Content

        /// Takes every value as given.
        public init(_ path: String, make: @escaping @Sendable () async -> Content) {
            self.path = path
            self.make = make
        }
    }

    /// What a page says.
    public struct Content: Sendable {
        /// The HTTP status.
        public var status: Int
        /// Its `Content-Type`.
        public var type: String
        /// Its body.
        public var text: String

        /// Takes every value as given.
        public init(status: Int = 200, type: String, text: String) {
            self.status = status
            self.type = type
            self.text = text
        }
    }

    private let server: HTTPServer
    private let api: AdminAPI

    /// - Parameters:
    ///   - listen: where; nobody is asked who they are.
    ///   - pages: what is answered; HEAD too.
    ///   - patience: how long a page may take; then 504.
    public init(listen: ListenAddress, pages: [Page], patience: Duration = .seconds(5)) {
        var limits = AdminServer.limits
        limits.answer = patience
        server = HTTPServer(name: "admin", listen: [listen], limits: limits)
        api = AdminAPI(pages: pages)
    }

    /// A few tools ask a few times a minute. Whoever holds more connections than that waits for a place.
    private static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.body = 1_024
        limits.head = 8 * 1_024
        limits.connections = 64
        return limits
    }

    /// Binds the address and serves.
    /// - Returns: the bound address, with the real port where 0 was asked for.
    /// - Throws: ``RESTServerError``; nothing is left bound then.
    @discardableResult
    public func start() throws(RESTServerError) -> ListenAddress {
        let bound = try server.start {
            Router(
                mounts: [("", api)], calls: nil, authenticator: InsecureAuthenticator(),
                makeCorrelator: RESTServer.systemCorrelator)
        }
        return bound[0]
    }

    /// Answers what is in flight, for at most `duration`, and ends.
    public func stop(within duration: Duration) async {
        await server.stop(within: duration)
    }
}
