/// The JSON a token's claims are read from: only the kinds that claims of interest have.
enum JSONValue: Decodable, Sendable, Equatable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case strings([String])
    /// Null counts as absent; anything else is of no interest.
    case null
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let truth = try? container.decode(Bool.self) {
            self = .bool(truth)
        } else if let texts = try? container.decode([String].self) {
            self = .strings(texts)
        } else {
            self = .other
        }
    }
}
