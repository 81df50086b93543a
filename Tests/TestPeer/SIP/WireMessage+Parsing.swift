extension WireMessage {
    /// Why bytes are no SIP message.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// RFC 3261 §7.3.3 and the registry of header fields.
    private static let compactForms = [
        "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
        "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
        "l": "Content-Length", "m": "Contact", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To",
        "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
    ]

    /// Takes one datagram apart. Without a Content-Length the body is the rest of it (RFC 3261 §18.3).
    package init(datagram: [UInt8]) throws(Malformed) {
        guard let end = WireMessage.endOfHeaders(in: datagram) else {
            throw Malformed(description: "no empty line after the header fields")
        }
        let (start, headers) = try WireMessage.head(datagram[..<end])
        let rest = datagram[end...]
        let length = try WireMessage.contentLength(headers) ?? rest.count
        guard length <= rest.count else {
            throw Malformed(description: "Content-Length \(length) with a body of \(rest.count)")
        }
        self.init(start, headers: headers, body: Array(rest.prefix(length)), received: datagram)
    }

    /// Takes the first whole message off `stream`; nil while it is not complete (RFC 3261 §18.3: Content-Length rules).
    package init?(takenFrom stream: inout [UInt8]) throws(Malformed) {
        while stream.starts(with: [13, 10]) { stream.removeFirst(2) }
        guard let end = WireMessage.endOfHeaders(in: stream) else { return nil }
        let (start, headers) = try WireMessage.head(stream[..<end])
        guard let length = try WireMessage.contentLength(headers) else {
            throw Malformed(description: "no Content-Length on a stream")
        }
        guard stream.count >= end + length else { return nil }
        let whole = Array(stream[..<(end + length)])
        self.init(start, headers: headers, body: Array(whole[end...]), received: whole)
        stream.removeFirst(whole.count)
    }

    private static func endOfHeaders(in bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private static func contentLength(_ headers: [Header]) throws(Malformed) -> Int? {
        guard let header = headers.first(where: { $0.name.isSame(as: "Content-Length") }) else { return nil }
        guard let length = Int(header.value), length >= 0 else {
            throw Malformed(description: "Content-Length is \(header.value)")
        }
        return length
    }

    private static func head(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> (Start, [Header]) {
        var lines: [String] = []
        for line in bytes.split(separator: 10) {
            let content = line.last == 13 ? line.dropLast() : line
            let text = String(decoding: content, as: UTF8.self)
            if let first = content.first, first == 32 || first == 9, !lines.isEmpty {
                lines[lines.count - 1] += " " + text.trimmed  // a folded line (RFC 3261 §7.3.1)
            } else if !content.isEmpty {
                lines.append(text)
            }
        }
        guard let first = lines.first else { throw Malformed(description: "no first line") }
        let headers = try lines.dropFirst().map { line throws(Malformed) in
            guard let colon = line.firstIndex(of: ":") else {
                throw Malformed(description: "a header field without colon: \(line)")
            }
            let name = String(line[..<colon]).trimmed
            let value = String(line[line.index(after: colon)...]).trimmed
            return Header(compactForms[name.lowercased()] ?? name, value)
        }
        return (try start(first), headers)
    }

    private static func start(_ line: String) throws(Malformed) -> Start {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        if parts.count >= 2, parts[0] == "SIP/2.0" {
            guard let status = Int(parts[1]), (100...699).contains(status) else {
                throw Malformed(description: "status \(parts[1])")
            }
            return .response(status, phrase: parts.count > 2 ? parts[2] : "")
        }
        guard parts.count == 3, parts[2] == "SIP/2.0", !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Malformed(description: "first line: \(line)")
        }
        return .request(SIPMethod(parts[0]), uri: parts[1])
    }
}
