import CallCore

/// Which trunks a call may take: the longest prefix of the dialled number or address wins (configuration `routes`).
public struct RouteTable: Sendable {
    /// A prefix and the trunks behind it.
    public struct Route: Sendable {
        /// Of the dialled number, `+49`, or of an address; empty matches all.
        public var prefix: String
        /// Indices of trunks, in the order to be tried.
        public var trunks: [Int]

        /// Takes every value as given.
        public init(prefix: String, trunks: [Int]) {
            self.prefix = prefix
            self.trunks = trunks
        }
    }

    /// Longest prefix first.
    private let routes: [Route]

    /// Takes every value as given.
    public init(_ routes: [Route]) {
        self.routes = routes.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
    }

    /// The same with other indices: that of the trunk `n` is `indices[n]`.
    func mapped(to indices: [Int]) -> RouteTable {
        RouteTable(
            routes.map { route in
                Route(
                    prefix: route.prefix,
                    trunks: route.trunks.compactMap { indices.indices.contains($0) ? indices[$0] : nil })
            })
    }

    /// The trunks for `receiver`; empty if no route matches.
    public func trunks(for receiver: Address) -> [Int] {
        let key =
            switch receiver {
            case .number(let number): number.text
            case .uri(let user, let host): "\(user)@\(host)"
            case .local(let digits, _): digits
            case .anonymous: ""
            }
        return routes.first { key.utf8.starts(with: $0.prefix.utf8) }?.trunks ?? []
    }
}
