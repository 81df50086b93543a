import Configuration
import Glibc

/// How a log line is written: pure, from its parts to the bytes that go out, the newline included.
struct LogLine: Sendable {
    /// Longer messages and values are cut: one line must not fill the queue.
    static let maximumMessage = 2048
    static let maximumValue = 1024

    var format: Configuration.LogFormat
    var masksNumbers: Bool

    /// One line. `time` is in milliseconds since 1970, UTC.
    func bytes(
        time: Int, level: Configuration.LogLevel, message: String, context: [LogField], fields: [LogField]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        // The record of a call has some twenty fields.
        bytes.reserveCapacity(fields.count < 12 ? 256 : 1024)
        let message = cut(masksNumbers ? NumberMask.masked(message) : message, Self.maximumMessage)
        switch format {
        case .json:
            bytes += "{\"time\":\"".utf8
            Self.append(time: time, to: &bytes)
            bytes += "\",\"level\":\"".utf8
            bytes += level.rawValue.utf8
            bytes += "\",\"message\":".utf8
            LogEscaping.appendJSON(message, to: &bytes)
            for field in context { appendJSON(field, to: &bytes) }
            for field in fields { appendJSON(field, to: &bytes) }
            bytes += "}\n".utf8
        case .text:
            Self.append(time: time, to: &bytes)
            bytes.append(UInt8(ascii: " "))
            bytes += level.rawValue.utf8
            bytes.append(UInt8(ascii: " "))
            bytes += LogEscaping.escaped(message).utf8
            for field in context { appendText(field, to: &bytes) }
            for field in fields { appendText(field, to: &bytes) }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private func appendJSON(_ field: LogField, to bytes: inout [UInt8]) {
        bytes += ",\"".utf8
        field.name.withUTF8Buffer { bytes += $0 }
        bytes += "\":".utf8
        switch field.value {
        case .integer, .boolean, .duration: bytes += plain(field.value).utf8
        case .text, .phone: LogEscaping.appendJSON(plain(field.value), to: &bytes)
        }
    }

    /// `name=value`, in quotes (as JSON) unless it is one word.
    private func appendText(_ field: LogField, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: " "))
        field.name.withUTF8Buffer { bytes += $0 }
        bytes.append(UInt8(ascii: "="))
        let text = plain(field.value)
        let isWord = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x3d }
        if isWord {
            bytes += text.utf8
        } else {
            LogEscaping.appendJSON(text, to: &bytes)
        }
    }

    private func plain(_ value: LogField.Value) -> String {
        switch value {
        case .text(let text): cut(masksNumbers ? NumberMask.masked(text) : text, Self.maximumValue)
        case .phone(let text): cut(masksNumbers ? NumberMask.maskedNumber(text) : text, Self.maximumValue)
        case .integer(let number): String(number)
        case .boolean(let value): String(value)
        case .duration(let duration): String(Int(duration / .milliseconds(1)))
        }
    }

    private func cut(_ text: String, _ maximum: Int) -> String {
        guard text.utf8.count > maximum else { return text }
        return String(decoding: Array(text.utf8.prefix(maximum)), as: UTF8.self) + "…"
    }

    /// Appends a time since 1970 as RFC 3339 has it, with milliseconds, in UTC.
    static func append(time: Int, to bytes: inout [UInt8]) {
        let milliseconds = max(0, time)
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        append(Int(parts.tm_year) + 1900, digits: 4, then: "-", to: &bytes)
        append(Int(parts.tm_mon) + 1, digits: 2, then: "-", to: &bytes)
        append(Int(parts.tm_mday), digits: 2, then: "T", to: &bytes)
        append(Int(parts.tm_hour), digits: 2, then: ":", to: &bytes)
        append(Int(parts.tm_min), digits: 2, then: ":", to: &bytes)
        append(Int(parts.tm_sec), digits: 2, then: ".", to: &bytes)
        append(milliseconds % 1000, digits: 3, then: "Z", to: &bytes)
    }

    private static func append(_ number: Int, digits: Int, then mark: Unicode.Scalar, to bytes: inout [UInt8]) {
        var power = 1
        for _ in 1..<digits { power *= 10 }
        while power > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / power % 10))
            power /= 10
        }
        bytes.append(UInt8(ascii: mark))
    }
}
