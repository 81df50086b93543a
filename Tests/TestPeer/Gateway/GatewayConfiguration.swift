/// A configuration file for a gateway under test: the keys tests differ in, the rest left to its defaults.
package struct GatewayConfiguration: Sendable {
    /// One trunk.
    package struct Trunk: Sendable {
        package var name: String
        /// SIP URIs of the peers.
        package var peers: [String]
        package var domain: String?
        package var trusted = true
        /// More lines of the trunk's mapping, such as `reliable1xx: required`.
        package var lines: [String] = []

        package init(_ name: String, peers: [String], domain: String? = nil, trusted: Bool = true, lines: [String] = [])
        {
            self.name = name
            self.peers = peers
            self.domain = domain
            self.trusted = trusted
            self.lines = lines
        }
    }

    package var httpPort: UInt16
    /// Where applications send to, if not straight to ``httpPort``: what is there goes on to it over TLS.
    package var clientPort: UInt16?
    package var sipPort: UInt16
    /// Where SIP is heard over TLS; nil: nowhere.
    package var tlsPort: UInt16?
    /// The flow mapping of `sip.tls`; needed with ``tlsPort``.
    package var tls: String?
    /// Lines under `api:`, such as `maxBody: 64KiB`.
    package var api: [String] = []
    /// The flow mapping of `api.limits`: high, because most tests are one client that hurries.
    package var limits = "{requestsPerSecond: 1000000, burst: 1000000, sessions: 1000000}"
    /// Lines under `api.auth:`.
    package var auth = ["mode: insecure"]
    /// Host of From.
    package var domain = "operator.example"
    /// `sip.advertise`; nil for the bound address.
    package var advertise: String?
    /// The flow mapping under `sip.timers`.
    package var timers = "{t1: 500ms, t2: 4s, timerB: 32s, ring: 180s}"
    package var trunks: [Trunk] = []
    /// Prefix and the trunks' names in order.
    package var routes: [(prefix: String, trunks: [String])] = []
    /// The flow mapping of `sessionCreate`.
    package var sessionCreate = "{waitForProgress: 250ms, timeout: 4s, offerTimeout: 30s, calleeOutcome: error}"
    /// The flow mapping of `sessions`.
    package var sessions = "{keepEnded: 5m, maxDuration: 4h}"
    /// `storage.url`.
    package var storage = "memory:"
    /// The flow mapping of `registrations`; nil for the defaults.
    package var registrations: String?
    /// The flow mapping of `events`; nil for the defaults, under which no sink on this machine is allowed.
    package var events: String?
    /// Whole further sections. Calls a test has left up do not keep the program from ending.
    package var more = ["drain: {deadline: 0s}"]

    /// The trunk of that name, to be changed in place; one that is not there is added.
    package subscript(trunk name: String) -> Trunk {
        get { trunks.first { $0.name == name } ?? Trunk(name, peers: []) }
        set {
            if let index = trunks.firstIndex(where: { $0.name == name }) {
                trunks[index] = newValue
            } else {
                trunks.append(newValue)
            }
        }
    }

    /// With free ports.
    package init() throws {
        httpPort = try FreePort.next()
        sipPort = try FreePort.next()
    }

    /// The file.
    package var yaml: String {
        var lines = ["api:", "  listen: [\"127.0.0.1:\(httpPort)\"]"]
        lines += api.map { "  \($0)" }
        lines += ["  limits: \(limits)", "  auth:"] + auth.map { "    \($0)" }
        var listen = ["udp:127.0.0.1:\(sipPort)", "tcp:127.0.0.1:\(sipPort)"]
        if let tlsPort { listen.append("tls:127.0.0.1:\(tlsPort)") }
        lines += [
            "sip:", "  listen: [\(listen.map { "\"\($0)\"" }.joined(separator: ", "))]", "  domain: \(domain)",
            "  timers: \(timers)",
        ]
        if let tls { lines.append("  tls: \(tls)") }
        if let advertise { lines.append("  advertise: \(advertise)") }
        lines.append("trunks:")
        for trunk in trunks {
            lines += ["  - name: \(trunk.name)", "    trusted: \(trunk.trusted)", "    peers:"]
            lines += trunk.peers.map { "      - {uri: \"\($0)\"}" }
            if let domain = trunk.domain { lines.append("    domain: \(domain)") }
            lines += trunk.lines.map { "    \($0)" }
        }
        lines.append("routes:")
        for route in routes {
            lines.append("  - {prefix: \"\(route.prefix)\", trunks: [\(route.trunks.joined(separator: ", "))]}")
        }
        lines += ["sessionCreate: \(sessionCreate)", "sessions: \(sessions)", "storage: {url: \"\(storage)\"}"]
        if let registrations { lines.append("registrations: \(registrations)") }
        if let events { lines.append("events: \(events)") }
        lines += more
        return lines.joined(separator: "\n") + "\n"
    }
}
