import Testing

@testable import CallCore

@Suite struct JSONEscapeTests {
    /// The longest escapes there are, and a mixture; one byte behind the room stays as it is.
    @Test(arguments: [[0x01], [0x22], [0x41], [0x41, 0x01, 0x5C, 0x0D, 0x0A, 0xC3, 0xA9]] as [[UInt8]])
    func itKeepsToItsRoom(pattern: [UInt8]) {
        for length in 0..<70 {
            let bytes = (0..<length).map { pattern[$0 % pattern.count] }
            let capacity = length * JSONEscape.longest
            let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity + 1)
            defer { room.deallocate() }
            room.initialize(repeating: 0xA5)
            guard let target = room.baseAddress else { continue }
            let count = bytes.withUnsafeBufferPointer { JSONEscape.write($0, 0..<length, into: target) }
            #expect(count <= capacity)
            #expect(room[capacity] == 0xA5)
            #expect(room.prefix(count).elementsEqual(bytes.flatMap(Self.escaped)))
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x0D: Array(#"\r"#.utf8)
        case 0x0A: Array(#"\n"#.utf8)
        case 0x22, 0x5C: [0x5C, byte]
        case ..<0x20: Array("\\u000\(String(byte, radix: 16))".utf8)
        default: [byte]
        }
    }
}
