/// Strings as C strings, for one call.
package func withCStrings<let count: Int, Result>(
    _ texts: InlineArray<count, String>, _ body: (InlineArray<count, UnsafePointer<CChar>>) -> Result
) -> Result {
    withCStrings(texts, InlineArray<0, String?>(repeating: nil)) { strings, _ in body(strings) }
}

/// Strings as C strings, for one call; of the second ones NULL for each that is missing. They are copied, side by side.
package func withCStrings<let count: Int, let optionalCount: Int, Result>(
    _ texts: InlineArray<count, String>, _ optionalTexts: InlineArray<optionalCount, String?>,
    _ body: (InlineArray<count, UnsafePointer<CChar>>, InlineArray<optionalCount, UnsafePointer<CChar>?>) -> Result
) -> Result {
    // One byte at least, so that there is an address.
    var size = 1
    for place in texts.indices { size += texts[place].utf8.count + 1 }
    for place in optionalTexts.indices { size += optionalTexts[place].map { $0.utf8.count + 1 } ?? 0 }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { memory in
        // Unsafe by name only: the memory is not empty.
        var room = CStringRoom(next: memory.baseAddress.unsafelyUnwrapped)
        return body(
            InlineArray { room.copy(texts[$0]) }, InlineArray { place in optionalTexts[place].map { room.copy($0) } })
    }
}

/// Where the next string is copied to.
private struct CStringRoom {
    var next: UnsafeMutablePointer<CChar>

    mutating func copy(_ text: String) -> UnsafePointer<CChar> {
        let start = next
        var text = text
        text.withUTF8 { utf8 in
            if let bytes = UnsafeRawPointer(utf8.baseAddress) {
                UnsafeMutableRawPointer(start).copyMemory(from: bytes, byteCount: utf8.count)
            }
            next += utf8.count
        }
        next.pointee = 0
        next += 1
        return UnsafePointer(start)
    }
}

/// A string as a C string, for one call; NULL where it is missing.
package func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
