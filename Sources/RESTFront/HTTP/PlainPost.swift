import CallCore

/// A POST as nearly every client sends it, whole in the bytes that have come: what has to be known of it to refuse it at
/// once, read without a copy. Whatever else HTTP can say makes it nil and is left to the library, and so is what is wrong.
struct PlainPost {
    /// Up to the version: `POST /webrtc/sessions`.
    let target: UnsafeBufferPointer<UInt8>
    /// The value of `x-correlator`; empty without one.
    let correlator: UnsafeBufferPointer<UInt8>
    let body: UnsafeBufferPointer<UInt8>

    /// - Parameter bytes: all that has come of the request, and nothing of the next; must outlive this.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        let empty = UnsafeBufferPointer<UInt8>(rebasing: bytes[0..<0])
        let version = " HTTP/1.1"
        guard let first = PlainPost.line(from: 0, in: bytes), first.count > version.utf8.count,
            UnsafeBufferPointer(rebasing: first.suffix(version.utf8.count)).elementsEqual(version.utf8)
        else { return nil }
        target = UnsafeBufferPointer(rebasing: first.dropLast(version.utf8.count))
        var framing = RequestFraming()
        var length: Int?
        var correlator = empty
        var position = first.count + 2
        while true {
            guard let line = PlainPost.line(from: position, in: bytes) else { return nil }
            position += line.count + 2
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":"), in: 0..<line.count) else { return nil }
            let name = UnsafeBufferPointer(rebasing: line[..<colon])
            let value = PlainPost.trimmed(UnsafeBufferPointer(rebasing: line[(colon + 1)...]))
            framing.add(name: name, value: value)
            switch name.count {
            case 10 where name.equalsIgnoringCase("connection"):
                guard value.equalsIgnoringCase("keep-alive") else { return nil }
            case 6 where name.equalsIgnoringCase("expect"), 7 where name.equalsIgnoringCase("upgrade"): return nil
            case 14 where name.equalsIgnoringCase("content-length"):
                // More digits are no length of a request that is here whole.
                guard value.count <= 6 else { return nil }
                length = value.reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
            case 12 where name.equalsIgnoringCase(Correlator.fieldName):
                guard correlator.isEmpty else { return nil }
                correlator = value
            default: break
            }
        }
        guard framing.problem(bodyIsRead: true) == nil, framing.transferEncodings == 0, let length,
            length == bytes.count - position
        else { return nil }
        self.correlator = correlator
        body = UnsafeBufferPointer(rebasing: bytes[position...])
    }

    /// The line that begins at `start`, which CRLF ends.
    private static func line(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n"), in: start..<bytes.count), end > start,
            bytes[end - 1] == UInt8(ascii: "\r")
        else { return nil }
        return UnsafeBufferPointer(rebasing: bytes[start..<(end - 1)])
    }

    private static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var range = 0..<bytes.count
        while let first = range.first, isBlank(bytes[first]) { range.removeFirst() }
        while let last = range.last, isBlank(bytes[last]) { range.removeLast() }
        return UnsafeBufferPointer(rebasing: bytes[range])
    }
}
