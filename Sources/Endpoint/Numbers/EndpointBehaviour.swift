/// What the endpoint does when a number is dialled: the row of ``EndpointNumber/table`` its last three digits select.
package struct EndpointBehaviour: Sendable {
    package let row: EndpointNumber
    package let script: EndpointScript

    /// - Parameter number: the user part of a Request-URI, as it came; parameters after `;` do not count. Anything that
    ///   does not end in three digits is a number like any other.
    package init?(number: String) {
        let code = EndpointBehaviour.lastDigits(of: number)
        guard let row = EndpointNumber.table.first(where: { $0.matches(code) }) else { return nil }
        self.row = row
        script = row.script(code ?? 0)
    }

    private static func lastDigits(of number: String) -> Int? {
        let user = number.utf8.prefix { $0 != UInt8(ascii: ";") }
        guard user.count >= 3 else { return nil }
        var value = 0
        for byte in user.suffix(3) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
