import Testing

@testable import CallCore

/// RFC 8259 §7: what must be escaped is a quote, a backslash, and what is below a space.
@Suite struct PlainRunTests {
    private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x22 && byte != 0x5C }

    /// Every byte at every place of texts of these lengths, all of them plain else.
    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 24, 31])
    func theFirstByteThatIsNotPlainEndsARun(length: Int) {
        for filling: UInt8 in [0x20, 0x7F, 0xFF] {
            let plain = [UInt8](repeating: filling, count: length)
            #expect(ends(plain, from: 0, at: length))
            for place in 0..<length {
                let others = (UInt8.min...UInt8.max).filter { byte in
                    var bytes = plain
                    bytes[place] = byte
                    return !ends(bytes, from: 0, at: Self.isPlain(byte) ? length : place)
                }
                #expect(others.isEmpty, "at \(place)")
            }
        }
    }

    @Test func itIsTheFirstOfSeveral() {
        let specials: [UInt8] = [0x00, 0x1F, 0x22, 0x5C]
        for first in 0..<20 {
            for second in first..<20 {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 20)
                bytes[second] = specials[second % 4]
                bytes[first] = specials[first % 4]
                #expect(ends(bytes, from: 0, at: first))
                #expect(ends(bytes, from: first + 1, at: second > first ? second : 20))
            }
        }
    }

    /// Whether the run from `start` ends there, found or copied; nothing but the room is written to.
    private func ends(_ bytes: [UInt8], from start: Int, at end: Int) -> Bool {
        bytes.withUnsafeBufferPointer { text in
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count - start + 1, alignment: 1)
            defer { room.deallocate() }
            room.initializeMemory(as: UInt8.self, repeating: 0xA5)
            guard let target = room.baseAddress else { return false }
            return text.endOfPlainRun(from: start) == end
                && text.copyPlainRun(of: start..<bytes.count, into: target) == end
                && room.prefix(end - start).elementsEqual(bytes[start..<end]) && room.last == 0xA5
        }
    }
}
