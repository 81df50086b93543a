extension UnsafeBufferPointer<UInt8> {
    /// Where, from `start` on, the first byte is that cannot stand in a JSON string as it is (RFC 8259 §7): a quote, a
    /// backslash or a control character; the end if there is none.
    package func endOfPlainRun(from start: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(self)
        var index = start
        while index + PlainRun.width <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let marks = PlainRun.marks(in: word)
            if marks != 0 { return index + PlainRun.first(of: marks) }
            index += PlainRun.width
        }
        while index < bytes.count, PlainRun.isPlain(bytes[index]) { index += 1 }
        return index
    }

    /// Copies the bytes of `range` up to the first one that cannot stand in a JSON string as it is.
    /// - Parameter room: takes as many bytes as `range` has. Behind the copied ones anything may be written to it.
    /// - Returns: where in `self` it stopped.
    package func copyPlainRun(of range: Range<Int>, into room: UnsafeMutableRawPointer) -> Int {
        let bytes = UnsafeRawBufferPointer(self)
        var index = range.lowerBound
        var target = room
        // Eight bytes are copied before it is known how many of them are plain: a line of SDP has 25 to 100.
        while index + PlainRun.width <= range.upperBound {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word, as: UInt64.self)
            let marks = PlainRun.marks(in: word)
            if marks != 0 { return index + PlainRun.first(of: marks) }
            index += PlainRun.width
            target += PlainRun.width
        }
        while index < range.upperBound, PlainRun.isPlain(bytes[index]) {
            target.storeBytes(of: bytes[index], as: UInt8.self)
            index += 1
            target += 1
        }
        return index
    }
}

/// Eight bytes looked at together.
private enum PlainRun {
    static let width = 8
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The upper bit of the first byte that needs an escape; bits above it mean nothing. 0 if none does.
    @inline(__always)
    static func marks(in bytes: UInt64) -> UInt64 {
        let word = UInt64(littleEndian: bytes)
        // Of bytes below 0x80, subtracting sets the upper bit where the byte is less; `~word` leaves out the others. With
        // 2 flipped, a quote is less than 0x21 as the controls are, and nothing else is; with the bits of a backslash
        // flipped, only that is less than 1.
        let quotesAndControls = (word ^ ones &* 2) &- ones &* 0x21
        let backslashes = (word ^ ones &* 0x5C) &- ones
        return (quotesAndControls | backslashes) & ~word & ones << 7
    }

    /// Which byte that is.
    @inline(__always)
    static func first(of marks: UInt64) -> Int { marks.trailingZeroBitCount / 8 }
}
