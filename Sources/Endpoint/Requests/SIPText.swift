/// Checks of text from the network before it is used in a message or shown.
enum SIPText {
    /// A token of RFC 3261 §25.1, at most 64 characters.
    static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && text.utf8.allSatisfy(isTokenByte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-.!%*_+`'~".utf8.contains(byte)
        }
    }

    /// The user part of a number for a Contact: `+` and digits only, at most 32.
    static func isNumber(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "+") ? text.utf8.dropFirst() : text.utf8[...]
        return (1...32).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// At most `limit` bytes of a C string, with nothing in it that a terminal would act on.
    static func shown(_ text: UnsafePointer<CChar>?, limit: Int) -> String {
        guard let text else { return "" }
        var bytes: [UInt8] = []
        var next = text
        while next.pointee != 0, bytes.count < limit {
            let byte = UInt8(bitPattern: next.pointee)
            bytes.append((0x21...0x7E).contains(byte) ? byte : UInt8(ascii: "?"))
            next += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
