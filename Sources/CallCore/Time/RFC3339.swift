import Foundation

/// The `date-time` of RFC 3339 §5.6, as CAMARA's bodies carry it: always with a zone, here always with milliseconds and `Z`.
/// By hand, because Foundation's formatters cost more than the rest of an event.
public enum RFC3339 {
    /// `2024-11-05T05:40:23.682Z`. Years outside 0…9999 are clamped: the form has four digits.
    public static func text(_ date: Date) -> String {
        let bounds = (lowest: -62_167_219_200_000.0, highest: 253_402_300_799_999.0)
        let rounded = (date.timeIntervalSince1970 * 1_000).rounded()
        let milliseconds = Int(min(max(rounded.isNaN ? 0 : rounded, bounds.lowest), bounds.highest))
        let day = floorDivide(milliseconds, 86_400_000)
        let (year, month, dayOfMonth) = civil(day: day)
        var rest = milliseconds - day * 86_400_000
        let fields = [3_600_000, 60_000, 1_000].map { unit in
            defer { rest %= unit }
            return rest / unit
        }
        return String(unsafeUninitializedCapacity: 24) { buffer in
            var index = 0
            func put(_ value: Int, digits: Int, then separator: UInt8) {
                var value = value
                for position in stride(from: index + digits - 1, through: index, by: -1) {
                    buffer[position] = UInt8(ascii: "0") + UInt8(value % 10)
                    value /= 10
                }
                buffer[index + digits] = separator
                index += digits + 1
            }
            put(year, digits: 4, then: UInt8(ascii: "-"))
            put(month, digits: 2, then: UInt8(ascii: "-"))
            put(dayOfMonth, digits: 2, then: UInt8(ascii: "T"))
            put(fields[0], digits: 2, then: UInt8(ascii: ":"))
            put(fields[1], digits: 2, then: UInt8(ascii: ":"))
            put(fields[2], digits: 2, then: UInt8(ascii: "."))
            put(rest, digits: 3, then: UInt8(ascii: "Z"))
            return index
        }
    }

    /// The moment that `text` names, to the millisecond; nil unless it is a whole `date-time` with zone. A leap second is
    /// the first moment of the next minute.
    public static func date(_ text: String) -> Date? {
        var reader = Reader(bytes: Array(text.utf8))
        guard (20...64).contains(reader.bytes.count),
            let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T", "t"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var milliseconds = 0
        if reader.skip(".") {
            var weight = 100
            guard let first = reader.number(1) else { return nil }
            milliseconds = first * weight
            while let digit = reader.number(1) {
                weight /= 10
                milliseconds += digit * weight
            }
        }
        guard let offset = reader.zone(), reader.isAtEnd else { return nil }
        let minutes = (self.day(year, month, day) * 24 + hour) * 60 + minute - offset
        return Date(timeIntervalSince1970: Double(minutes * 60_000 + second * 1_000 + milliseconds) / 1_000)
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        /// Exactly `count` digits, or nil and no step.
        mutating func number(_ count: Int) -> Int? {
            guard index + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[index..<(index + count)] {
                guard byte.isASCIIDigit else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            index += count
            return value
        }

        mutating func skip(_ allowed: Unicode.Scalar...) -> Bool {
            guard index < bytes.count, allowed.contains(Unicode.Scalar(bytes[index])) else { return false }
            index += 1
            return true
        }

        /// Minutes east of Greenwich.
        mutating func zone() -> Int? {
            if skip("Z", "z") { return 0 }
            let sign: Int
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            return sign * (hours * 60 + minutes)
        }
    }

    // The proleptic Gregorian calendar in years that begin in March, so that the leap day comes last; 400 of them have
    // 146,097 days, and 0000-03-01 lies 719,468 days before 1970.

    private static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ value: Int, _ by: Int) -> Int {
        value >= 0 ? value / by : -((by - 1 - value) / by)
    }
}
