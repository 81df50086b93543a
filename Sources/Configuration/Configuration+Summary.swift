extension Configuration {
    /// One line for an operator: how many of what, and where it listens. Names no secret.
    public var summary: String {
        let names = trunks.prefix(8).map(\.name).joined(separator: ", ") + (trunks.count > 8 ? ", …" : "")
        let mode =
            switch api.authentication {
            case .jwt: "jwt"
            case .introspection: "introspection"
            case .insecure: "insecure"
            }
        let store =
            switch storage {
            case .memory: "nothing outlives a restart"
            case .sqlite(let path): "store in \(path)"
            }
        let security = api.tls.map { $0.clientCA == nil ? " over TLS" : " over mutual TLS" } ?? ""
        return [
            "\(Self.count(trunks.count, "trunk")) (\(names))",
            Self.count(routes.count, "route"),
            "api on \(api.listen.map(\.description).joined(separator: ", "))\(security) with \(mode) authentication",
            "sip on \(sip.listen.map(\.description).joined(separator: ", "))",
            store,
        ].joined(separator: "; ")
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
