import CBench

/// Searches in received bytes.
enum Search {
    /// Position of `needle` in the `length` bytes at `bytes`.
    static func first(_ needle: StaticString, in bytes: UnsafePointer<UInt8>, _ length: Int) -> Int? {
        let position = needle.utf8Start.withMemoryRebound(to: CChar.self, capacity: needle.utf8CodeUnitCount) {
            cbench_find(bytes, length, $0, needle.utf8CodeUnitCount)
        }
        return position < 0 ? nil : position
    }

    /// Whether the `length` bytes at `bytes` are `word`, which is in lower case, in any case.
    static func matches(_ word: StaticString, _ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        guard length == word.utf8CodeUnitCount else { return false }
        let expected = word.utf8Start
        for index in 0..<length where bytes[index] | 0x20 != expected[index] | 0x20 { return false }
        return true
    }
}
