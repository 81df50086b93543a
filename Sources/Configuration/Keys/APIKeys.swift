/// The keys below `api`, but for `api.auth`.
enum APIKeys {
    static let section = SectionKey("api", "The HTTP side.")
    static let listen = Key(
        "api.listen", .list(of: .httpListener, 1...16),
        default: ["127.0.0.1:8080"].compactMap { HTTPListener($0) },
        "Where connections are accepted. Port 0 lets the system choose.")
    static let prefix = Key("api.prefix", .urlPrefix, default: "", "In front of the path of every mount.")
    static let maxBody = Key(
        "api.maxBody", .size((1 << 10)...(16 << 20)), default: 256 << 10, "The largest request body.")

    static let limits = SectionKey("api.limits", "What one client may ask for.")
    static let requestsPerSecond = Key(
        "api.limits.requestsPerSecond", .int(1...1_000_000), default: 50,
        "A client's requests in the long run; one more is answered 429 TOO_MANY_REQUESTS.")
    static let burst = Key(
        "api.limits.burst", .int(1...1_000_000), default: 100, "A client's requests at once, after a pause.")
    static let sessions = Key(
        "api.limits.sessions", .int(1...1_000_000), default: 1_000,
        "A client's sessions that have not ended; one more is answered 429 QUOTA_EXCEEDED.")

    static let rows: [Row] =
        [
            section.row, listen.row, prefix.row, maxBody.row,
            .notYet(
                "api.cors", "Web origins that may call.", remedy: "let a proxy add the headers and remove the key"),
            limits.row, requestsPerSecond.row, burst.row, sessions.row,
        ] + APITLSKeys.rows + AuthenticationKeys.rows
}

extension Configuration.API {
    init(_ section: Section) {
        listen = section.value(APIKeys.listen)
        prefix = section.value(APIKeys.prefix)
        maxBody = section.value(APIKeys.maxBody)
        // Noted as read in any case; without the section nothing is missing from it.
        let tls = section.section(APITLSKeys.section)
        self.tls = section.has(APITLSKeys.section) ? Configuration.ServerTLS(tls) : nil
        authentication = Configuration.Authentication(section.section(AuthenticationKeys.section), listen: listen)
        limits = Configuration.ClientLimits(section.section(APIKeys.limits))
    }
}

extension Configuration.ClientLimits {
    init(_ section: Section) {
        requestsPerSecond = section.value(APIKeys.requestsPerSecond)
        burst = section.value(APIKeys.burst)
        sessions = section.value(APIKeys.sessions)
    }
}
