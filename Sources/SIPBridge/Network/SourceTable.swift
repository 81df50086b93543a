/// Which trunk a request comes from: the most specific network that holds its source wins, then the trunk that stands first
/// in the configuration (mapping §3).
struct SourceTable: Sendable {
    /// Longest prefix first; equal ones in the order of the configuration.
    private let sources: [(network: IPNetwork, trunk: Int)]

    /// - Parameter order: the indices of the configuration's trunks, in its order; nil: all of them.
    init(_ trunks: [Trunk], order: [Int]? = nil) {
        let all = (order ?? Array(trunks.indices)).flatMap { index in
            trunks[index].inbound.map { (network: $0, trunk: index, length: $0.prefixLength) }
        }
        // Sorting alone promises no order among equals.
        sources = all.enumerated().sorted { ($1.element.length, $0.offset) < ($0.element.length, $1.offset) }
            .map { ($0.element.network, $0.element.trunk) }
    }

    /// The trunk of a numeric address; nil for a stranger's.
    func trunk(of address: String) -> Int? {
        guard let bytes = IPNetwork.plainBytes(of: address) else { return nil }
        return sources.first { $0.network.contains(bytes) }?.trunk
    }
}
