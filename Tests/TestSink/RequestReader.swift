import Foundation

/// Cuts a connection's bytes into requests with Content-Length.
struct RequestReader {
    let connection: Int
    private var buffer: [UInt8] = []

    init(connection: Int) {
        self.connection = connection
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next request that is there as a whole.
    mutating func next() -> SinkRequest? {
        guard let headEnd = endOfHead() else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        let end = headEnd + 4 + (headers["content-length"].flatMap(Int.init) ?? 0)
        guard buffer.count >= end else { return nil }
        let first = lines[0].split(separator: " ")
        let request = SinkRequest(
            method: first.first.map(String.init) ?? "", path: first.count > 1 ? String(first[1]) : "", headers: headers,
            body: Data(buffer[(headEnd + 4)..<end]), connection: connection)
        buffer.removeFirst(end)
        return request
    }

    private func endOfHead() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first { index in
            buffer[index] == 13 && buffer[index + 1] == 10 && buffer[index + 2] == 13 && buffer[index + 3] == 10
        }
    }
}
