import CallCore

/// How a peer writes the numbers of one plan, as its own telephones dial them (configuration `trunks[].numbers`, format
/// `national`): `+4930123456` as `030123456` with the prefixes `+49` and `0`. It works both ways.
public struct NationalNumbers: Sendable, Hashable {
    /// What the plan's global numbers begin with: `+`, or `+` and digits.
    public var globalPrefix: String
    /// What stands there in the peer's writing: digits, or nothing.
    public var localPrefix: String

    /// Takes every value as given.
    public init(globalPrefix: String, localPrefix: String) {
        self.globalPrefix = globalPrefix
        self.localPrefix = localPrefix
    }

    /// The number in the peer's writing; nil if it is none of the plan's.
    func text(of number: PhoneNumber) -> String? {
        guard number.text.utf8.starts(with: globalPrefix.utf8) else { return nil }
        return localPrefix + number.text.dropFirst(globalPrefix.count)
    }

    /// The global number that the peer has written in its own way, or with the international prefix `00` (ITU-T E.164
    /// §I.2.2.2); nil for what is no number of the plan.
    func number(of text: some StringProtocol) -> PhoneNumber? {
        let digits = text.utf8
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        if digits.starts(with: "00".utf8), !localPrefix.utf8.starts(with: "00".utf8) {
            return PhoneNumber("+" + text.dropFirst(2))
        }
        guard digits.starts(with: localPrefix.utf8) else { return nil }
        return PhoneNumber(globalPrefix + text.dropFirst(localPrefix.count))
    }
}
