import CallCore

/// Who the gateway is towards a trunk: itself, or one of the numbers that have an account of their own.
struct Account: Hashable {
    /// By its index.
    var trunk: Int
    /// Nil: the trunk's `auth`.
    var number: PhoneNumber?
}

extension SIPAgent {
    /// Whose credentials a call's requests to `trunk` carry; nil: no challenge is answered.
    func account(at trunk: Int, of call: any NegotiatingCall) -> Account? {
        account(at: trunk, for: call.ownNumber)
    }

    /// The same for whoever acts for `number`, which is asked for only where numbers have accounts.
    func account(at trunk: Int, for number: @autoclosure () -> PhoneNumber?) -> Account? {
        guard hasCredentials else { return nil }
        if let accounts = options.trunks[trunk].registration?.accounts, !accounts.isEmpty, let number = number(),
            let credentials = accounts[number]
        {
            let account = Account(trunk: trunk, number: number)
            if authentications[account] == nil { authentications[account] = TrunkAuthentication(credentials) }
            return account
        }
        let account = Account(trunk: trunk)
        return authentications[account] == nil ? nil : account
    }
}
