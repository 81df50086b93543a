/// A request's query as `name=value` pairs, in the order they came. A `+` is a plus: OpenAPI's `style: form` writes a
/// space as `%20` (RFC 6570 §3.2.8).
struct QueryParameters {
    private let query: String

    /// Takes the query as it was sent, escapes included; nil for a request without one.
    init(_ query: String?) {
        self.query = query ?? ""
    }

    /// The values of all parameters of that name, without their escapes; nil stands for one whose escapes are broken. A
    /// parameter without `=` has the empty value.
    func values(of name: String) -> [String?] {
        query.utf8.split(separator: UInt8(ascii: "&")).compactMap { parameter -> String?? in
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, ResourcePath.decode(first) == name else { return nil }
            return .some(parts.count == 2 ? ResourcePath.decode(parts[1]) : "")
        }
    }
}
