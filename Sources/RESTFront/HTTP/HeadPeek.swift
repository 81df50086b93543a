import CallCore

/// What is read from a request's first bytes before the library takes them, for the answers the library gives alone:
/// it forgets the headers of a request it refuses, and its public interface never tells the version.
struct HeadPeek {
    var isHTTP10 = false
    /// The bytes of `x-correlator`, unchecked. Kept from request to request so that it allocates once.
    private(set) var correlator: [UInt8] = []

    /// Looks through `bytes`, the beginning of a request. A head that comes in pieces is seen as far as it has come.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        isHTTP10 = false
        correlator.removeAll(keepingCapacity: true)
        var start = 0
        var isRequestLine = true
        while start < bytes.count {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\n"), in: start..<bytes.count) else {
                return  // a partial line
            }
            var last = end
            if last > start, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
            if last == start { return }  // the end of the head
            let line = UnsafeBufferPointer(rebasing: bytes[start..<last])
            if isRequestLine {
                isHTTP10 = line.suffix(8).elementsEqual("HTTP/1.0".utf8)
                isRequestLine = false
            } else {
                readField(line)
            }
            start = end + 1
        }
    }

    private mutating func readField(_ line: UnsafeBufferPointer<UInt8>) {
        let nameLength = "x-correlator".utf8.count
        guard line.count > nameLength, line[nameLength] == UInt8(ascii: ":"),
            UnsafeBufferPointer(rebasing: line[..<nameLength]).equalsIgnoringCase("x-correlator")
        else { return }
        let value = line[(nameLength + 1)...]
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = value.firstIndex(where: { !isBlank($0) }), let last = value.lastIndex(where: { !isBlank($0) })
        else { return }
        correlator.append(contentsOf: value[first...last].prefix(Correlator.maximumLength + 1))
    }
}
