/// Country codes of E.164. They form a prefix code: the first digits say how long the code is.
enum CountryCode {
    /// How many leading `digits` are the country code (ITU-T E.164.D: zones 1 and 7 have one digit, the codes below
    /// two, all others three); nil where no code begins with them.
    static func length(in digits: some Collection<UInt8>) -> Int? {
        guard let first = digits.first, first.isASCIIDigit, first != UInt8(ascii: "0") else { return nil }
        if first == UInt8(ascii: "1") || first == UInt8(ascii: "7") { return 1 }
        guard let second = digits.dropFirst().first, second.isASCIIDigit else { return nil }
        let zone = Int(first - UInt8(ascii: "0")) * 10 + Int(second - UInt8(ascii: "0"))
        return twoDigits.contains(zone) ? 2 : 3
    }

    private static let twoDigits: Set<Int> = [
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
        60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ]
}
