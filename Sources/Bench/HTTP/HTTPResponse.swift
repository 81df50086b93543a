/// The head of an HTTP/1.1 response and where its body is.
struct HTTPResponse {
    enum Reading {
        case incomplete
        case complete(HTTPResponse)
        case malformed
    }

    let status: Int
    /// Position and length of the body in the bytes read.
    let bodyStart: Int
    let bodyLength: Int
    let keepsConnection: Bool
    /// Whether there is a Retry-After in seconds.
    let hasRetryAfter: Bool

    var end: Int { bodyStart + bodyLength }

    /// Reads a response at the start of the `length` bytes at `bytes`. Bodies are delimited by Content-Length: a
    /// response without it has none, and only 204 may do so.
    static func read(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Reading {
        guard let headEnd = Search.first("\r\n\r\n", in: bytes, length) else { return .incomplete }
        guard headEnd >= 12, Search.matches("http/1.1 ", bytes, 9) else { return .malformed }
        let (status, digits) = Decimal.read(bytes + 9, limit: 3)
        guard digits == 3 else { return .malformed }
        var contentLength: Int?
        var keepsConnection = true
        var hasRetryAfter = false
        var position = (Search.first("\r\n", in: bytes, headEnd + 2) ?? headEnd) + 2
        while position < headEnd {
            let line = bytes + position
            let lineLength = Search.first("\r\n", in: line, headEnd + 2 - position) ?? 0
            guard let colon = Search.first(":", in: line, lineLength) else { return .malformed }
            var start = colon + 1
            while start < lineLength, line[start] == UInt8(ascii: " ") { start += 1 }
            if Search.matches("content-length", line, colon) {
                let (value, digits) = Decimal.read(line + start, limit: lineLength - start)
                guard digits > 0, digits == lineLength - start else { return .malformed }
                contentLength = Int(value)
            } else if Search.matches("connection", line, colon) {
                keepsConnection = !Search.matches("close", line + start, lineLength - start)
            } else if Search.matches("retry-after", line, colon) {
                let digits = Decimal.read(line + start, limit: lineLength - start).1
                hasRetryAfter = digits > 0 && digits == lineLength - start
            } else if Search.matches("transfer-encoding", line, colon) {
                return .malformed
            }
            position += lineLength + 2
        }
        guard contentLength != nil || status == 204 else { return .malformed }
        let response = HTTPResponse(
            status: Int(status), bodyStart: headEnd + 4, bodyLength: contentLength ?? 0,
            keepsConnection: keepsConnection, hasRetryAfter: hasRetryAfter)
        return response.end <= length ? .complete(response) : .incomplete
    }
}

/// Reads members of a session's JSON without decoding it: a quoted member name cannot occur inside a JSON string, where
/// its quotes would be escaped.
enum SessionJSON {
    /// The text of the string member `name`, given with its quotes (`"status"`), if it has no escapes.
    static func string(
        _ name: StaticString, in bytes: UnsafePointer<UInt8>, _ length: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        guard let found = Search.first(name, in: bytes, length) else { return nil }
        var position = found + name.utf8CodeUnitCount
        var colons = 0
        while position < length {
            switch bytes[position] {
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: " "): break
            case UInt8(ascii: "\"") where colons == 1:
                let start = bytes + position + 1
                guard let end = Search.first("\"", in: start, length - position - 1) else { return nil }
                return UnsafeBufferPointer(start: start, count: end)
            default: return nil
            }
            position += 1
        }
        return nil
    }

    /// The number member `name`, given with its quotes, if it is whole and not negative.
    static func number(_ name: StaticString, in bytes: UnsafePointer<UInt8>, _ length: Int) -> Int? {
        guard let found = Search.first(name, in: bytes, length) else { return nil }
        var position = found + name.utf8CodeUnitCount
        while position < length, bytes[position] == UInt8(ascii: ":") || bytes[position] == UInt8(ascii: " ") {
            position += 1
        }
        let (value, digits) = Decimal.read(bytes + position, limit: length - position)
        let end = position + digits
        guard digits > 0, end < length else { return nil }
        return [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: " ")].contains(bytes[end]) ? Int(value) : nil
    }

    static func hasMember(_ name: StaticString, in bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        Search.first(name, in: bytes, length) != nil
    }
}
