/// An HTTP response.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// The first value of a header field.
    package subscript(_ name: String) -> String? {
        headers.first { $0.name.isSame(as: name) }?.value
    }

    /// The body as JSON; null if it is none.
    package var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// `409 ABORTED` for an error in CAMARA's form, `201 Connected` for a session, else the status.
    package var outcome: String {
        let word = json["code"]?.string ?? json["status"]?.string
        return word.map { "\(status) \($0)" } ?? String(status)
    }

    var closesConnection: Bool { self["Connection"]?.isSame(as: "close") ?? false }

    /// Takes one whole response off the front of `buffer`; nil while it is not complete. Interim responses are skipped.
    static func take(from buffer: inout [UInt8], atEnd: Bool) throws(SocketError) -> HTTPResponse? {
        guard let end = HTTPResponse.endOfHead(buffer) else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let parts = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw SocketError(explaining: "not an HTTP response: \(lines.first ?? "")")
        }
        let headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (name: pair[0].trimmed.lowercased(), value: pair.count > 1 ? pair[1].trimmed : "")
        }
        if (100..<200).contains(status) {
            buffer.removeFirst(end)
            return try take(from: &buffer, atEnd: atEnd)
        }
        func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        let rest = buffer[end...]
        let body: [UInt8]
        if status == 204 || status == 304 {
            (body, buffer) = ([], Array(rest))
        } else if value("transfer-encoding")?.isSame(as: "chunked") ?? false {
            guard let (whole, used) = HTTPResponse.chunks(rest) else { return nil }
            (body, buffer) = (whole, Array(rest.dropFirst(used)))
        } else if let length = value("content-length").flatMap({ Int($0) }) {
            guard rest.count >= length else { return nil }
            (body, buffer) = (Array(rest.prefix(length)), Array(rest.dropFirst(length)))
        } else {
            guard atEnd else { return nil }
            (body, buffer) = (Array(rest), [])
        }
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 && bytes[index - 3] == 13 {
            return index + 1
        }
        return nil
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], used: Int)? {
        var body: [UInt8] = []
        var index = bytes.startIndex
        while let newline = bytes[index...].firstIndex(of: 10) {
            let line = String(decoding: bytes[index..<newline], as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" }.trimmed, radix: 16) else { return nil }
            let start = newline + 1
            guard bytes.endIndex >= start + size + 2 else { return nil }
            body += bytes[start..<(start + size)]
            index = start + size + 2
            if size == 0 { return (body, index - bytes.startIndex) }
        }
        return nil
    }
}
