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

    static let emergency = SectionKey("emergency", "Emergency calls.")
    static let numbers = Key(
        "emergency.numbers", .emergencyNumbers, default: ["112": "sos", "911": "sos", "110": "sos.police"],
        "Numbers that are emergency calls, and what follows `urn:service:` for them. Given, it replaces the default.")
    static let emergencyTrunks = Key(
        "emergency.trunks", .list(of: .located(.trunkName), 0...16), default: [],
        "Names of the trunks that take emergency calls, each tried if the one before fails. `[]`: each call is answered "
            + "501, and the application dials natively.")

    static let rows: [Row] = [
        routes.row, prefix.row, trunks.row, servedNumbers.row, emergency.row, numbers.row, emergencyTrunks.row,
    ]
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
            section.reportUndefined(names ?? [], of: RoutingKeys.trunks.name, trunks)
            guard let prefix, let names else { return nil }
            return Configuration.Route(prefix: prefix.value, trunks: names.map(\.value))
        }
    }
}

extension Configuration.Emergency {
    /// `trunks` are the names defined.
    init(_ section: Section, trunks defined: [String]) {
        numbers = section.value(RoutingKeys.numbers)
        let names = section.value(RoutingKeys.emergencyTrunks)
        section.reportUndefined(names, of: RoutingKeys.emergencyTrunks.name, defined)
        trunks = names.map(\.value)
    }
}

extension Section {
    /// Reports the names of a list that no trunk has.
    fileprivate func reportUndefined(_ names: [Located<String>], of key: String, _ trunks: [String]) {
        for (index, name) in names.enumerated() where !trunks.contains(name.value) {
            let near = Suggestion.nearest(to: name.value, among: trunks).map { "; did you mean \(Quoted($0))?" }
            let allowed = trunks.isEmpty ? "none yet: define one" : trunks.prefix(20).joined(separator: ", ")
            report(
                name.position,
                "\(label(of: key))[\(index)]: there is no trunk \(Quoted(name.value))"
                    + (near ?? "; allowed: \(allowed)"))
        }
    }
}
