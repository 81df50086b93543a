/// The keys below `api.auth`.
enum AuthenticationKeys {
    static let section = SectionKey("api.auth", "How a request's client is known.")
    static let mode = Key.required(
        "api.auth.mode", ValueType<AuthenticationMode>.word(),
        "`jwt`: a signed bearer token. `introspection`: a bearer token that its issuer is asked about (RFC 7662). "
            + "`insecure`: every request is client \"anonymous\"; only with local listeners.")
    static let issuer = Key.required(
        with: "mode jwt", "api.auth.issuer", .string("text"),
        "The token's `iss`, exactly. With mode introspection optional: compared if the answer has one.")
    static let audience = Key.required(
        with: "mode jwt", "api.auth.audience", .string("text"),
        "What the token's `aud` must be or contain. With mode introspection optional: compared if the answer has one.")
    static let jwks = Key.required(
        with: "mode jwt", "api.auth.jwks", .keySetSource,
        "The keys tokens are signed with. From a URL they are fetched again while the gateway runs.")
    static let phoneNumberClaim = Key(
        "api.auth.phoneNumberClaim", .string("name of a claim", maximum: 64), default: "phone_number",
        "The claim with the phone number of a three-legged token. Not with mode insecure.")
    static let clientIDClaim = Key(
        "api.auth.clientIdClaim", .list(of: .string("name of a claim", maximum: 64), 1...8),
        default: ["client_id", "azp", "sub"],
        "The claims with the client's id; the first one present counts. Not with mode insecure.")
    static let certificates = Key.optional(
        "api.auth.caFile", .certificatesPath, default: "the system's",
        "The certificate authorities that the provider is checked against, in place of the system's. Only with a "
            + "provider that is asked by URL.")

    static let introspection = SectionKey(
        "api.auth.introspection", "Whom the gateway asks about tokens. Only with mode introspection.")
    static let url = Key.required(
        with: "mode introspection", "api.auth.introspection.url", .serviceURL, "The introspection endpoint.")
    static let clientID = Key.required(
        with: "mode introspection", "api.auth.introspection.clientId", .string("text"),
        "The gateway's own client id there.")
    static let clientSecret = Key.required(
        with: "mode introspection", "api.auth.introspection.clientSecret", .secret, "Its secret.")

    static let rows: [Row] = [
        section.row, mode.row, issuer.row, audience.row, jwks.row, phoneNumberClaim.row, clientIDClaim.row,
        certificates.row, introspection.row, url.row, clientID.row, clientSecret.row,
    ]
}

/// The words of `api.auth.mode`.
enum AuthenticationMode: String, CaseIterable {
    case jwt, introspection, insecure
}

extension Configuration.Authentication {
    init(_ section: Section, listen: [HTTPListener]) {
        let asked = section.section(AuthenticationKeys.introspection)
        let mode = section.value(AuthenticationKeys.mode)
        // Insecure stands in for a value that a problem has been reported about.
        self = .insecure
        switch mode {
        case .jwt?:
            asked.refuseIntrospection(with: .jwt)
            if let jwt = Configuration.JWT(section, isChosen: true) { self = .jwt(jwt) }
        case .introspection?:
            section.refuse(AuthenticationKeys.jwks, with: .introspection, allowed: "only with mode jwt")
            if let introspection = Configuration.Introspection(asked, in: section, isChosen: true) {
                self = .introspection(introspection)
            }
        case .insecure?:
            asked.refuseIntrospection(with: .insecure)
            section.refuseJWT(with: .insecure)
            Self.checkInsecure(section, listen)
        case nil:
            // The mode is missing or no word: what is wrong with the values shows all the same.
            _ = Configuration.JWT(section, isChosen: false)
            _ = Configuration.Introspection(asked, in: section, isChosen: false)
        }
    }

    private static func checkInsecure(_ section: Section, _ listen: [HTTPListener]) {
        for listener in listen where !listener.isLocal {
            section.report(
                AuthenticationKeys.mode,
                "insecure with the listener \(listener), which others can reach; allowed: insecure only if all of "
                    + "api.listen is loopback or unix:, else jwt or introspection")
        }
        let allowed = "only with mode jwt or introspection"
        section.refuse(AuthenticationKeys.phoneNumberClaim, with: .insecure, allowed: allowed)
        section.refuse(AuthenticationKeys.clientIDClaim, with: .insecure, allowed: allowed)
        section.refuse(AuthenticationKeys.certificates, with: .insecure, allowed: allowed)
    }
}

extension Configuration.JWT {
    /// From `api.auth`; nil if anything it needs is missing or wrong, which has been reported.
    init?(_ section: Section, isChosen: Bool) {
        let issuer = section.value(AuthenticationKeys.issuer)
        let audience = section.value(AuthenticationKeys.audience)
        let keySet = section.value(AuthenticationKeys.jwks)
        let claims = Configuration.Claims(section)
        if isChosen {
            section.require(AuthenticationKeys.issuer, for: .jwt)
            section.require(AuthenticationKeys.audience, for: .jwt)
            section.require(AuthenticationKeys.jwks, for: .jwt)
        }
        let certificates = section.value(AuthenticationKeys.certificates)
        guard let issuer, let audience, let keySet else { return nil }
        if case .file = keySet, section.has(AuthenticationKeys.certificates) {
            section.reportKey(
                AuthenticationKeys.certificates,
                "has no effect with a key set in a file; allowed: only if api.auth.jwks is a URL")
        }
        self.init(
            issuer: issuer, audience: audience, keySet: keySet, claims: claims, certificatesPath: certificates)
    }
}

extension Configuration.Introspection {
    /// From `api.auth.introspection` in `outer`; nil if anything it needs is missing or wrong, which has been reported.
    init?(_ section: Section, in outer: Section, isChosen: Bool) {
        let url = section.value(AuthenticationKeys.url)
        let clientID = section.value(AuthenticationKeys.clientID)
        let clientSecret = section.value(AuthenticationKeys.clientSecret)
        let issuer = outer.value(AuthenticationKeys.issuer)
        let audience = outer.value(AuthenticationKeys.audience)
        let claims = Configuration.Claims(outer)
        let certificates = outer.value(AuthenticationKeys.certificates)
        if isChosen {
            section.require(AuthenticationKeys.url, for: .introspection)
            section.require(AuthenticationKeys.clientID, for: .introspection)
            section.require(AuthenticationKeys.clientSecret, for: .introspection)
        }
        guard let url, let clientID, let clientSecret else { return nil }
        self.init(
            url: url, clientID: clientID, clientSecret: clientSecret, issuer: issuer,
            audience: audience, claims: claims, certificatesPath: certificates)
    }
}

extension Configuration.Claims {
    /// From `api.auth`.
    init(_ section: Section) {
        phoneNumber = section.value(AuthenticationKeys.phoneNumberClaim)
        clientID = section.value(AuthenticationKeys.clientIDClaim)
    }
}

extension Section {
    fileprivate func require<Value>(_ key: Key<Value>, for mode: AuthenticationMode) {
        guard !has(key) else { return }
        reportMissing(key.name, allowed: "\(key.type.allowed) (mode \(mode.rawValue) needs it)")
    }

    /// Of `api.auth`.
    fileprivate func refuseJWT(with mode: AuthenticationMode) {
        refuse(AuthenticationKeys.issuer, with: mode, allowed: "only with mode jwt or introspection")
        refuse(AuthenticationKeys.audience, with: mode, allowed: "only with mode jwt or introspection")
        refuse(AuthenticationKeys.jwks, with: mode, allowed: "only with mode jwt")
    }

    /// Of `api.auth.introspection`.
    fileprivate func refuseIntrospection(with mode: AuthenticationMode) {
        refuse(AuthenticationKeys.url, with: mode, allowed: "only with mode introspection")
        refuse(AuthenticationKeys.clientID, with: mode, allowed: "only with mode introspection")
        refuse(AuthenticationKeys.clientSecret, with: mode, allowed: "only with mode introspection")
    }

    fileprivate func refuse<Value>(_ key: Key<Value>, with mode: AuthenticationMode, allowed: String) {
        guard has(key) else { return }
        reportKey(key, "has no effect with mode \(mode.rawValue); allowed: \(allowed)")
    }
}
