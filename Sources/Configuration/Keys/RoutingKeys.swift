/// The keys of `routes`, `emergency` and `servedNumbers`.
enum RoutingKeys {
    static let servedNumbers = Key(
        "servedNumbers", .list(of: .numberPrefix, 0...10_000), default: [],
        "Prefixes of the numbers whose calls from the network are for us: others get 404. Empty: any number.")
    static let routes = SectionListKey(
        "routes", 0...10_000, default: "with one trunk, every number to it; with several, required",
        "Which trunks a dialled number goes to. The longest prefix wins. `[]`: no outbound calls.")
    static let prefix = Key.required(
        "routes[].prefix", .located(.numberPrefix), "What the dialled number starts with; distinct.")
    static let trunks = Key.required(
        "routes[].trunks", .list(of: .located(.trunkName), 1...16),
        "Names of trunks, each tried if the one before fails.")

    static let emergency = SectionKey("emergency", "Emergency calls. No trunk takes one yet: each is answered 501.")
    static let numbers = Key(
        "emergency.numbers", .emergencyNumbers, default: ["112": "sos", "911": "sos", "110": "sos.police"],
        "Numbers that are emergency calls, and what follows `urn:service:` for them. Given, it replaces the default.")
    static let emergencyTrunks = Key(
        "emergency.trunks", .nothingYet, default: [], "The trunks that take emergency calls; none yet.")

    static let rows: [Row] = [
        routes.row, prefix.row, trunks.row, servedNumbers.row, emergency.row, numbers.row, emergencyTrunks.row,
    ]
}

/// The element of a list that must be empty for now.
enum NothingYet: Equatable, Sendable {}

extension ValueType where Value == [NothingYet] {
    /// `[]`.
    static var nothingYet: ValueType {
        let allowed = "[] for now"
        return ValueType(allowed: allowed) { node, label, decoding in
            guard case .sequence(let nodes) = node.content else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            if !nodes.isEmpty { decoding.report(node, label, "entries are not supported yet; allowed: \(allowed)") }
            return []
        } render: { _ in
            "[]"
        }
    }
}

extension Configuration.Route {
    /// All routes. `trunks` are the names defined, with those of trunks that have other problems.
    static func list(_ root: Section, trunks: [String]) -> [Configuration.Route] {
        guard let sections = root.sections(RoutingKeys.routes) else {
            if root.isAbsent(RoutingKeys.routes), trunks.count > 1 {
                root.reportMissing(
                    RoutingKeys.routes.name, allowed: "\(RoutingKeys.routes.row.allowed) (several trunks need it)")
            }
            return trunks.count == 1 ? [Configuration.Route(prefix: "", trunks: trunks)] : []
        }
        var prefixes: [String: Position] = [:]
        let defined = Set(trunks)
        return sections.compactMap { section in
            let prefix = section.value(RoutingKeys.prefix)
            let names = section.value(RoutingKeys.trunks)
            if let prefix {
                if let first = prefixes[prefix.value] {
                    section.report(
                        RoutingKeys.prefix, "\(Quoted(prefix.value)) is routed twice, first at line \(first.line)")
                } else {
                    prefixes[prefix.value] = prefix.position
                }
            }
            for (index, name) in (names ?? []).enumerated() where !defined.contains(name.value) {
                let near = Suggestion.nearest(to: name.value, among: trunks).map { "; did you mean \(Quoted($0))?" }
                let allowed = trunks.isEmpty ? "none yet: define one" : trunks.prefix(20).joined(separator: ", ")
                section.report(
                    name.position,
                    "\(section.label(of: RoutingKeys.trunks.name))[\(index)]: there is no trunk \(Quoted(name.value))"
                        + (near ?? "; allowed: \(allowed)"))
            }
            guard let prefix, let names else { return nil }
            return Configuration.Route(prefix: prefix.value, trunks: names.map(\.value))
        }
    }
}

extension Configuration.Emergency {
    init(_ section: Section) {
        numbers = section.value(RoutingKeys.numbers)
        _ = section.value(RoutingKeys.emergencyTrunks)
    }
}
