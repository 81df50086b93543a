/// A configuration that takes another's place in a gateway that runs.
extension Configuration {
    /// What a running gateway can take from a new file, and what only a restart brings.
    public struct Reload: Equatable, Sendable {
        /// The new file's, but for what only a restart brings, which is the old one's.
        public let effective: Configuration
        /// Keys that differ and take effect at the next start, in the order of the table.
        public let restartOnly: [String]
    }

    /// What becomes of this configuration if the file at `path`, read as `new`, takes its place.
    /// - Throws: what of `new` needs a part of it that only a restart brings; nothing of it can be taken then.
    public func reload(_ new: Configuration, path: String) throws(ConfigurationError) -> Reload {
        var effective = new
        var names: [String] = []
        for part in Part.restartOnly where part.differs(self, new) {
            part.copy(self, &effective)
            names.append(part.key)
        }
        let problems = names.contains("sip.listen") ? effective.unreachablePeers(from: sip) : []
        guard problems.isEmpty else { throw ConfigurationError(path: path, problems: problems) }
        return Reload(effective: effective, restartOnly: names)
    }

    /// Trunks that only the listeners of the new file could send to.
    private func unreachablePeers(from old: SIP) -> [Problem] {
        trunks.flatMap { trunk in
            trunk.nextHops.compactMap { uri in
                old.unreachable(uri).map { _ in
                    Problem(
                        .start,
                        "trunks: \(trunk.name): \(uri) needs a listener of sip.listen that only a restart brings; "
                            + "restart, or leave the trunk out until then")
                }
            }
        }
    }

    /// One or more keys of the file as a part of the value.
    struct Part: Sendable {
        let key: String
        let differs: @Sendable (Configuration, Configuration) -> Bool
        let copy: @Sendable (_ from: Configuration, _ to: inout Configuration) -> Void

        init<Value: Equatable & Sendable>(_ key: String, _ path: WritableKeyPath<Configuration, Value> & Sendable) {
            self.key = key
            differs = { $0[keyPath: path] != $1[keyPath: path] }
            copy = { $1[keyPath: path] = $0[keyPath: path] }
        }

        /// Who is believed at all: what clients may register hangs on it too.
        private static let authenticationMode = Part(
            "api.auth.mode", differs: { $0.api.authentication.mode != $1.api.authentication.mode },
            copy: { $1.api.authentication = $0.api.authentication })

        /// Whether the API speaks TLS at all; with which certificates may change.
        private static let apiTLS = Part(
            "api.tls", differs: { ($0.api.tls == nil) != ($1.api.tls == nil) }, copy: { $1.api.tls = $0.api.tls })

        private init(
            _ key: String, differs: @escaping @Sendable (Configuration, Configuration) -> Bool,
            copy: @escaping @Sendable (Configuration, inout Configuration) -> Void
        ) {
            (self.key, self.differs, self.copy) = (key, differs, copy)
        }

        /// What the parts that run have taken at the start, and hold for good.
        static let restartOnly: [Part] = [
            Part("api.listen", \.api.listen), Part("api.prefix", \.api.prefix), Part("api.maxBody", \.api.maxBody),
            apiTLS, authenticationMode,
            Part("sip.listen", \.sip.listen), Part("sip.advertise", \.sip.advertise), Part("sip.domain", \.sip.domain),
            Part("sip.timers.t1", \.sip.timers.t1), Part("sip.timers.t2", \.sip.timers.t2),
            Part("sip.timers.timerB", \.sip.timers.timerB), Part("sip.timers.ring", \.sip.timers.ring),
            Part("sessions.maxDuration", \.sessions.maxDuration), Part("registrations", \.registrations),
            Part("events", \.events), Part("storage", \.storage), Part("node", \.node), Part("admin", \.admin),
            Part("callRecords", \.callRecords), Part("log.format", \.log.format),
            Part("log.maskNumbers", \.log.maskNumbers),
        ]

        /// What is taken while the gateway runs.
        static let swapped: [Part] = [
            Part("api.tls", \.api.tls), Part("api.auth", \.api.authentication), Part("api.limits", \.api.limits),
            Part("sip.tls", \.sip.tls),
            Part("sip.unknownSource", \.sip.unknownSource),
            Part("trunks", \.trunks), Part("routes", \.routes), Part("servedNumbers", \.servedNumbers),
            Part("emergency", \.emergency), Part("sessionCreate", \.sessionCreate),
            Part("sessions.keepEnded", \.sessions.keepEnded), Part("sessions.maxLive", \.sessions.maxLive),
            Part("sessions.maxEnded", \.sessions.maxEnded), Part("sessions.maxEndedBytes", \.sessions.maxEndedBytes),
            Part("drain", \.drain), Part("log.level", \.log.level),
        ]
    }

    /// The keys that differ from `old` and are taken while the gateway runs, in the order of the table.
    public func swappedKeys(from old: Configuration) -> [String] {
        Part.swapped.filter { $0.differs(old, self) }.map(\.key)
    }
}

extension Configuration.Trunk {
    /// Where its requests go.
    fileprivate var nextHops: [SIPURI] { outboundProxy.first.map { [$0] } ?? peers.map(\.uri) }
}

extension Configuration.Authentication {
    fileprivate enum Mode { case insecure, jwt, introspection }

    fileprivate var mode: Mode {
        switch self {
        case .insecure: .insecure
        case .jwt: .jwt
        case .introspection: .introspection
        }
    }
}
