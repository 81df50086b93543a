import Metrics

/// What an HTTP loop has done since its start, and what it holds. Counted by its thread alone.
public struct HTTPStatistics: Sendable, Equatable {
    /// Requests, by where they went.
    public internal(set) var requests = RequestCounts()
    /// Connections now.
    public internal(set) var connections = 0
    /// Requests that wait for an answer of another thread now.
    public internal(set) var waiting = 0
    /// Handshakes of clients that have failed.
    public internal(set) var tlsFailures = 0
}

/// Requests by route, method and status, and how long each route's took.
///
/// A route is a path with its identifiers left out, one of a few dozen, so a client cannot make the table grow: what no
/// mount has counts as the empty route.
public struct RequestCounts: Sendable, Equatable {
    /// The buckets of ``OfRoute/duration``, in milliseconds.
    public static let bounds: [UInt64] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
    /// Routes beyond it count as the empty one.
    static let maximumRoutes = 100

    /// The requests of one route.
    public struct OfRoute: Sendable, Equatable {
        /// By method and status; few of each, so a list is found through faster than a table.
        public internal(set) var results: [Result] = []
        /// From a request's last byte to its response's first.
        public internal(set) var duration = Histogram(milliseconds: RequestCounts.bounds)

        mutating func add(_ method: HTTPMethod, _ status: Int, nanoseconds: UInt64) {
            duration.record(nanoseconds: nanoseconds)
            if let place = results.firstIndex(where: { $0.status == status && $0.method == method }) {
                results[place].count += 1
            } else {
                results.append(Result(method: method, status: status, count: 1))
            }
        }
    }

    /// How often a method came to a status.
    public struct Result: Sendable, Equatable {
        /// The method.
        public let method: HTTPMethod
        /// The HTTP status; 0 where the client left before there was one.
        public let status: Int
        /// How often.
        public internal(set) var count: Int
    }

    /// By route; empty for paths that no mount has.
    public private(set) var routes: [String: OfRoute] = [:]

    mutating func add(_ route: String, _ method: HTTPMethod, _ status: Int, nanoseconds: UInt64) {
        if routes.count < RequestCounts.maximumRoutes || routes[route] != nil {
            routes[route, default: OfRoute()].add(method, status, nanoseconds: nanoseconds)
        } else {
            routes["", default: OfRoute()].add(method, status, nanoseconds: nanoseconds)
        }
    }
}
