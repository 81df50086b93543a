/// The little of content negotiation (RFC 9110 §8.3, §12.5.1) that an API with one media type needs.
enum MediaType {
    /// Whether a `Content-Type` names JSON, whatever its parameters; none at all is read as JSON.
    static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType, !contentType.isEmpty else { return true }
        // What nearly everyone sends is not taken apart.
        if contentType == "application/json" { return true }
        let type = typeAndParameters(contentType[...]).type
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    /// Whether an `Accept` lets `application/json` be the answer. The most specific range decides; a list that names
    /// nothing readable refuses nothing.
    static func acceptsJSON(_ accept: String?) -> Bool {
        guard let accept else { return true }
        if accept == "*/*" || accept == "application/json" { return true }
        var best: (precision: Int, isAccepted: Bool)?
        var hasRange = false
        for element in accept.split(separator: ",") {
            let (type, parameters) = typeAndParameters(element)
            guard type.contains("/") else { continue }
            hasRange = true
            let precision: Int
            switch type {
            case "application/json": precision = 3
            case "application/*": precision = 2
            case "*/*": precision = 1
            default: continue
            }
            let isAccepted = !parameters.contains { parameter in
                let pair = parameter.split(separator: "=", maxSplits: 1).map { trimmed($0) }
                return pair.count == 2 && pair[0] == "q" && (Double(pair[1]) ?? 1) == 0
            }
            if precision > best?.precision ?? 0 { best = (precision, isAccepted) }
        }
        return best?.isAccepted ?? !hasRange
    }

    private static func typeAndParameters(_ text: Substring) -> (type: String, parameters: ArraySlice<Substring>) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        return (trimmed(parts.first ?? ""), parts.dropFirst())
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text.lowercased()
    }
}
