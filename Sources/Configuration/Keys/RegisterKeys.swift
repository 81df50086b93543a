/// The keys below `trunks[].register`.
enum RegisterKeys {
    static let section = SectionKey("trunks[].register", "Registration with the peer (RFC 3261 §10).")
    static let mode = Key(
        "trunks[].register.mode", .word(), default: Configuration.RegisterMode.none,
        "`trunk`: one address of record for the trunk; `account`: each number while a device is registered for it.")
    static let user = Key.optional(
        "trunks[].register.user", .uriUser, default: "`auth.username` without what follows an `@`",
        "Mode `trunk`: the user of the address of record and of Contact.")
    static let expires = Key(
        "trunks[].register.expires", .duration(.seconds(1)...(.seconds(604_800))), default: .seconds(3_600),
        "Mode `trunk`: the time that is asked for; the registrar's counts.")
    static let numbers = Key(
        "trunks[].register.numbers", .list(of: .numberPrefix, 0...1_000), default: [],
        "Mode `account`: what numbers with an account here start with; the first trunk that fits has it. Empty: all.")
    static let accounts = Key.optional(
        "trunks[].register.accounts", .numberAccounts, default: "each number has the trunk's `auth`",
        "Mode `account`: the numbers with an account here, and their own credentials, for REGISTER and for calls.")
    static let retry = Key(
        "trunks[].register.retry", .duration(.milliseconds(10)...(.seconds(1_800))), default: .seconds(30),
        "The longest pause after a first failure; it doubles up to 30m, and at least half of it passes.")

    static let rows: [Row] = [section.row, mode.row, user.row, expires.row, numbers.row, accounts.row, retry.row]
}

extension Configuration.Register {
    /// From `trunks[].register`. Nil without a registration, or where a problem has been reported.
    /// - Parameters:
    ///   - username: of the trunk's `auth`.
    ///   - realm: the only one that may ask for credentials.
    init?(_ section: Section, username: String?, realm: String?) {
        let mode = section.value(RegisterKeys.mode)
        let user = section.value(RegisterKeys.user)
        let expires = section.value(RegisterKeys.expires)
        let numbers = section.value(RegisterKeys.numbers)
        let accounts = section.value(RegisterKeys.accounts)
        let retry = section.value(RegisterKeys.retry)
        if mode != .account, !numbers.isEmpty {
            section.reportKey(RegisterKeys.numbers, "only with mode account")
        }
        if section.has(RegisterKeys.accounts), mode != .account || !numbers.isEmpty {
            section.reportKey(RegisterKeys.accounts, "only with mode account, and without numbers")
        }
        if mode != .trunk, section.has(RegisterKeys.user) {
            section.reportKey(RegisterKeys.user, "only with mode trunk")
        }
        var name = ""
        switch mode {
        case .none: return nil
        case .account: break
        case .trunk:
            name = user ?? username.map { String($0.prefix { $0 != "@" }) } ?? ""
            guard URIUser.isValid(name) else {
                if !section.has(RegisterKeys.user) {
                    section.report(
                        RegisterKeys.mode,
                        "whom to register is not known; give user (\(URIUser.allowed)), or an auth.username of such")
                }
                return nil
            }
        }
        let own = (accounts?.accounts ?? [:]).mapValues { account in
            var account = account
            account.realm = realm
            return account
        }
        self.init(mode: mode, user: name, expires: expires, numbers: numbers, accounts: own, retry: retry)
    }
}

/// The user part of a SIP URI (RFC 3261 §25.1), without escapes and parameters.
enum URIUser {
    static let allowed = "letters, digits and -_.!~*'()&=+$/, at most 128"

    static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.!~*'()&=+$/".utf8.contains(byte)
                }
            }
    }
}

extension ValueType where Value == String {
    /// The user part of a SIP URI.
    static var uriUser: ValueType {
        .text(allowed: URIUser.allowed, render: yamlText) { text, _ throws(Refusal) in
            guard URIUser.isValid(text) else { throw Refusal("is not the user of a URI") }
            return text
        }
    }
}
