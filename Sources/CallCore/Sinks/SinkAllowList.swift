/// Where sinks may be: the public Internet, and the private networks and host names of `events.allowSinks`.
///
/// It is asked twice: when a subscription is made, for what the URL itself tells, and before each connection, for the
/// address that the name resolved to just then, so that a name that changes its address gains nothing.
public struct SinkAllowList: Hashable, Sendable {
    /// Networks that may be connected to though they are not public.
    public var networks: [SinkNetwork]
    /// Host names, lower case, whose addresses may be any.
    public var hosts: Set<String>

    /// The public Internet alone.
    public static let publicOnly = SinkAllowList(networks: [], hosts: [])

    /// Host names may be in either case.
    public init(networks: [SinkNetwork], hosts: Set<String>) {
        self.networks = networks
        self.hosts = Set(hosts.map { $0.lowercased() })
    }

    /// Takes the entries of `events.allowSinks`: a network (`127.0.0.0/8`), an address or a host name.
    /// - Throws: ``InvalidEntry`` with the first that is neither.
    public init(_ entries: [String]) throws(InvalidEntry) {
        self = .publicOnly
        for entry in entries {
            if let network = SinkNetwork(entry) {
                networks.append(network)
            } else if !entry.contains(":"), let url = try? SinkURL("https://\(entry)/"), url.address == nil {
                hosts.insert(url.host)
            } else {
                throw InvalidEntry(entry: entry)
            }
        }
    }

    /// Whether a connection to `address` may be made for a sink at `host` (lower case).
    public func permits(_ address: SinkAddress, host: String) -> Bool {
        if address.isPublic || hosts.contains(host) { return true }
        // An allow-listed network holds its addresses in either form.
        let plain = address.mapped ?? address
        return networks.contains { $0.contains(plain) || $0.contains(address) }
    }

    /// Refuses what needs no look-up: an address that is not permitted, and the names that always mean this host
    /// (RFC 6761 §6.3).
    /// - Throws: ``InvalidSink/notPublic``.
    public func check(_ url: SinkURL) throws(InvalidSink) {
        if let address = url.address {
            guard permits(address, host: url.host) else { throw .notPublic }
        } else if url.host == "localhost" || url.host.hasSuffix(".localhost") {
            guard hosts.contains(url.host) else { throw .notPublic }
        }
    }

    /// An entry of the allow-list that is neither a network nor a host name.
    public struct InvalidEntry: Error, Equatable, Sendable, CustomStringConvertible {
        /// As it stands in the configuration.
        public let entry: String

        /// What is wrong with it and what is allowed.
        public var description: String {
            "\"\(entry)\" is neither a network such as 10.0.0.0/8 nor a host name such as sink.example"
        }
    }
}
