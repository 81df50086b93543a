extension UnsafeBufferPointer<UInt8> {
    /// Where, from `start` on, the first byte is that cannot stand in a JSON string as it is (RFC 8259 §7): a quote, a
    /// backslash or a control character; the end if there is none.
    package func endOfPlainRun(from start: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(self)
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let marks = PlainRun.marks(in: word)
            if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, PlainRun.marks(in: UInt64(bytes[index]) | PlainRun.spaces << 8) == 0 { index += 1 }
        return index
    }
}

/// Eight bytes looked at together.
private enum PlainRun {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    static let spaces = ones &* 0x20

    /// The upper bit of the first byte that needs an escape; bits above it mean nothing. 0 if none does.
    static func marks(in word: UInt64) -> UInt64 {
        let controls = (word &- spaces) & ~word
        return (controls | zeros(in: word ^ ones &* 0x22) | zeros(in: word ^ ones &* 0x5C)) & ones << 7
    }

    /// Subtracting one borrows from a byte's upper bit only where the byte is 0.
    private static func zeros(in word: UInt64) -> UInt64 {
        (word &- ones) & ~word
    }
}
