extension StringProtocol {
    /// Without white space at either end.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    /// Equal but for case, as header names and parameters are compared.
    func isSame(as other: some StringProtocol) -> Bool {
        lowercased() == other.lowercased()
    }
}
