import TestPeer

extension ScenePlan {
    /// Requests need a token, registrations may be short, and sinks may be on this machine.
    static let events = ScenePlan { configuration, places in
        try guarded.prepare(&configuration, places)
        configuration.registrations = "{minimum: 1s, default: 1h, maximum: 24h, perNumber: 3}"
        configuration.events = try sinksOnThisMachine()
    }

    /// The flow mapping of `events` that lets in the sinks of ``EventInbox``.
    static func sinksOnThisMachine(_ more: String = "") throws -> String {
        let authority = try EventInbox.authority.get().ca
        return "{allowSinks: [127.0.0.0/8, localhost], caFile: \"\(authority)\"\(more.isEmpty ? "" : ", \(more)")}"
    }
}
