/// The keys below `api`.
enum APIKeys {
    static let section = SectionKey("api", "The HTTP side.")
    static let listen = Key(
        "api.listen", .list(of: .httpListener, 1...16),
        default: ["127.0.0.1:8080"].compactMap { HTTPListener($0) },
        "Where connections are accepted. Port 0 lets the system choose.")
    static let prefix = Key("api.prefix", .urlPrefix, default: "", "In front of the path of every mount.")
    static let maxBody = Key(
        "api.maxBody", .size((1 << 10)...(16 << 20)), default: 256 << 10, "The largest request body.")

    static let auth = SectionKey("api.auth", "How a request's client is known.")
    static let mode = Key.required(
        "api.auth.mode", ValueType<AuthMode>.word(notYet: ["introspection"]),
        "`jwt`: a signed bearer token. `insecure`: every request is client \"anonymous\"; only with local listeners.")
    static let issuer = Key.required(
        with: "mode jwt", "api.auth.issuer", .string("text"), "The token's `iss`, exactly.")
    static let audience = Key.required(
        with: "mode jwt", "api.auth.audience", .string("text"),
        "What the token's `aud` must be or contain.")
    static let jwks = Key.required(
        with: "mode jwt", "api.auth.jwks", .jwksPath, "The keys tokens are signed with.")
    static let phoneNumberClaim = Key(
        "api.auth.phoneNumberClaim", .string("name of a claim", maximum: 64), default: "phone_number",
        "The claim with the phone number of a three-legged token. Only with mode jwt.")
    static let clientIDClaim = Key(
        "api.auth.clientIdClaim", .list(of: .string("name of a claim", maximum: 64), 1...8),
        default: ["client_id", "azp", "sub"],
        "The claims with the client's id; the first one present counts. Only with mode jwt.")

    static let rows: [Row] = [
        section.row, listen.row, prefix.row, maxBody.row,
        .notYet("api.tls", "TLS on the API's listeners.", remedy: "put a TLS proxy in front and remove the key"),
        .notYet("api.cors", "Web origins that may call.", remedy: "let a proxy add the headers and remove the key"),
        .notYet("api.limits", "Requests and sessions per client."),
        auth.row, mode.row, issuer.row, audience.row, jwks.row, phoneNumberClaim.row, clientIDClaim.row,
        .notYet("api.auth.introspection", "RFC 7662.", remedy: "use mode jwt and remove the key"),
    ]
}

/// The words of `api.auth.mode`.
enum AuthMode: String, CaseIterable {
    case jwt, insecure
}

extension Configuration.API {
    init(_ section: Section) {
        listen = section.value(APIKeys.listen)
        prefix = section.value(APIKeys.prefix)
        maxBody = section.value(APIKeys.maxBody)
        authentication = Configuration.Authentication(section.section(APIKeys.auth), listen: listen)
    }
}

extension Configuration.Authentication {
    init(_ section: Section, listen: [HTTPListener]) {
        let mode = section.value(APIKeys.mode)
        guard mode != .insecure else {
            Self.checkInsecure(section, listen)
            self = .insecure
            return
        }
        let issuer = section.value(APIKeys.issuer)
        let audience = section.value(APIKeys.audience)
        let jwks = section.value(APIKeys.jwks)
        let phoneNumberClaim = section.value(APIKeys.phoneNumberClaim)
        let clientIDClaims = section.value(APIKeys.clientIDClaim)
        if mode == .jwt {
            Self.require(APIKeys.issuer, in: section)
            Self.require(APIKeys.audience, in: section)
            Self.require(APIKeys.jwks, in: section)
        }
        guard let issuer, let audience, let jwks else {
            self = .insecure  // stands in for the value that a problem has been reported about
            return
        }
        self = .jwt(
            Configuration.JWT(
                issuer: issuer, audience: audience, jwksPath: jwks, phoneNumberClaim: phoneNumberClaim,
                clientIDClaims: clientIDClaims))
    }

    private static func require(_ key: Key<String?>, in section: Section) {
        guard !section.has(key) else { return }
        section.reportMissing(key.name, allowed: "\(key.type.allowed) (mode jwt needs it)")
    }

    private static func checkInsecure(_ section: Section, _ listen: [HTTPListener]) {
        for listener in listen where !listener.isLocal {
            section.report(
                APIKeys.mode,
                "insecure with the listener \(listener), which others can reach; allowed: insecure only if all of "
                    + "api.listen is loopback or unix:, else jwt")
        }
        for key in [APIKeys.issuer, APIKeys.audience, APIKeys.jwks] { refuse(key, in: section) }
        refuse(APIKeys.phoneNumberClaim, in: section)
        refuse(APIKeys.clientIDClaim, in: section)
    }

    private static func refuse<Value>(_ key: Key<Value>, in section: Section) {
        guard section.has(key) else { return }
        section.reportKey(key, "has no effect with mode insecure; allowed: only with mode jwt")
    }
}
