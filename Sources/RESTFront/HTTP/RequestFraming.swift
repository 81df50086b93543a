import CallCore

/// What a request's headers say about where it ends. Two readers that disagree on that are a way past a proxy
/// (request smuggling, RFC 9112 §11.2), so whatever is ambiguous is refused and its connection closed.
struct RequestFraming {
    var hosts = 0
    var contentLengths = 0
    var transferEncodings = 0
    /// Every Content-Length is digits alone: the library also takes signs and white space.
    var hasPlainLengths = true
    /// Some Content-Length is not zero.
    var announcesBody = false
    /// The one transfer coding is `chunked`.
    var isChunked = false
    /// Every field name is a token (RFC 9110 §5.6.2). `Content-Length :` would be read by others, but not by the library.
    var hasPlainNames = true
    var isHTTP10 = false

    /// Takes one header into account.
    mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        if name.isEmpty || !name.allSatisfy(RequestFraming.isTokenByte) { hasPlainNames = false }
        if name.equalsIgnoringCase("host") {
            hosts += 1
        } else if name.equalsIgnoringCase("content-length") {
            contentLengths += 1
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            if value.isEmpty || !value.allSatisfy(digits.contains) { hasPlainLengths = false }
            if !value.allSatisfy({ $0 == UInt8(ascii: "0") }) { announcesBody = true }
        } else if name.equalsIgnoringCase("transfer-encoding") {
            transferEncodings += 1
            isChunked = value.equalsIgnoringCase("chunked")
        }
    }

    /// Why the request must be refused; nil if it says clearly where it ends.
    /// - Parameter bodyIsRead: whether the library reads a body for this method.
    func problem(bodyIsRead: Bool) -> CAMARAError? {
        if !hasPlainNames { return .invalidArgument("A header name is not a token.") }
        if hosts != 1, !(isHTTP10 && hosts == 0) {
            return .invalidArgument("The Host header must be present once.")
        }
        if contentLengths > 1 { return .invalidArgument("Content-Length is given more than once.") }
        if !hasPlainLengths { return .invalidArgument("Content-Length is not a number.") }
        if transferEncodings > 0 {
            if contentLengths > 0 {
                return .invalidArgument("Content-Length and Transfer-Encoding exclude each other.")
            }
            if transferEncodings > 1 || !isChunked || isHTTP10 {
                return .invalidArgument("The only transfer coding is chunked, once, from HTTP/1.1 on.")
            }
        }
        if !bodyIsRead, announcesBody || transferEncodings > 0 {
            return .invalidArgument("A request of this method has no body.")
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
            UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the bytes are `text` (lower-case ASCII) in any case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            if lower != text.utf8Start[index] { return false }
        }
        return true
    }
}
