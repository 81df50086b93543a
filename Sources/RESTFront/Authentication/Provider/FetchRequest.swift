import Foundation

/// One question to the provider.
struct FetchRequest: Sendable {
    typealias Completion = @Sendable (Result<FetchResponse, ProviderFailure>) -> Void

    var url: ProviderURL
    /// Form fields to POST (application/x-www-form-urlencoded); nil for a GET.
    var form: [(name: String, value: String)]?
    /// The client's id and secret, sent as RFC 6749 §2.3.1 says.
    var credentials: (id: String, secret: String)?
    /// From the look-up of the name to the end of the answer.
    var timeout: Duration
    /// Longest body taken, in bytes.
    var maximumBytes: Int

    /// The form as it is sent.
    var body: String? {
        form.map { fields in
            fields.map { "\(FetchRequest.encode($0.name))=\(FetchRequest.encode($0.value))" }.joined(separator: "&")
        }
    }

    /// The value of the `Authorization` header. Id and secret are encoded before they are joined, so a colon in either
    /// is none of the separator.
    var authorization: String? {
        credentials.map { id, secret in
            let pair = "\(FetchRequest.encode(id)):\(FetchRequest.encode(secret))"
            return "Basic " + Data(pair.utf8).base64EncodedString()
        }
    }

    /// Everything but RFC 3986's unreserved characters as `%XX`, which every form decoder reads.
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

/// The provider's 200.
struct FetchResponse: Sendable {
    var body: Data
    /// The value of `Cache-Control`, several lines joined; empty without one.
    var cacheControl = ""

    /// How long the answer is fresh by its own word (RFC 9111 §5.2.2), in seconds; nil if it does not say. `no-store`
    /// and `no-cache` are 0.
    var maximumAge: Int? {
        var age: Int?
        for directive in cacheControl.split(separator: ",") {
            let parts = directive.split(separator: "=", maxSplits: 1)
            let name = parts.first.map { $0.filter { !$0.isWhitespace }.lowercased() }
            switch name {
            case "no-store", "no-cache": return 0
            case "max-age":
                let digits = parts.count == 2 ? parts[1].filter { !$0.isWhitespace && $0 != "\"" } : ""
                // Too large a number means for ever (RFC 9111 §1.2.2); anything else that is no number says nothing.
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
                age = min(age ?? .max, Int(digits) ?? Int(Int32.max))
            default: continue
            }
        }
        return age
    }
}
