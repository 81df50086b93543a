import CallCore

#if canImport(Glibc)
import Glibc
#endif

/// A quick look at a body that asks for a call: whether it is certain, without reading all of it, that no emergency call is
/// asked for. JSON has many ways to say a thing (RFC 8259 §7), so whatever is not said in the plainest one is not certain.
enum OrdinaryBody {
    static func isCertain(_ body: UnsafeBufferPointer<UInt8>, by numbers: EmergencyNumbers) -> Bool {
        // No name is hidden by escapes, and there is no type of call that might be one.
        guard find("\\u", in: body, from: 0) == nil, find("callType", in: body, from: 0) == nil,
            var index = find("\"receiverAddress\"", in: body, from: 0),
            find("receiverAddress", in: body, from: index + 2) == nil
        else { return false }
        index += "\"receiverAddress\"".utf8.count
        for wanted in [UInt8(ascii: ":"), UInt8(ascii: "\"")] {
            while index < body.count, isSpace(body[index]) { index += 1 }
            guard index < body.count, body[index] == wanted else { return false }
            index += 1
        }
        guard let end = body.firstIndex(of: UInt8(ascii: "\""), in: index..<body.count) else { return false }
        let value = body[index..<end]
        guard !value.contains(UInt8(ascii: "\\")), let text = String(validating: value, as: UTF8.self) else {
            return false
        }
        return numbers.service(for: text) == nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(byte)
    }

    private static func find(
        _ text: StaticString, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        let length = text.utf8CodeUnitCount
        guard let base = bytes.baseAddress, bytes.count >= length, start >= 0 else { return nil }
        let end = bytes.count - length + 1
        var index = start
        while index < end, let found = bytes.firstIndex(of: text.utf8Start[0], in: index..<end) {
            if bytes[found + 1] == text.utf8Start[1], memcmp(base + found, text.utf8Start, length) == 0 { return found }
            index = found + 1
        }
        return nil
    }
}
