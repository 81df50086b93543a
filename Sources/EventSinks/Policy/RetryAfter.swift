import CallCore
import Foundation

/// The value of `Retry-After` (RFC 9110 §10.2.3): seconds, or a date of RFC 9110 §5.6.7 in its preferred form. The two
/// obsolete forms are not read: a sink that still sends them is retried by backoff.
enum RetryAfter {
    /// Nanoseconds from `now`; nil if there is nothing to honour. A date in the past is 0.
    static func delay(_ value: some Collection<UInt8>, now: Date) -> UInt64? {
        let text = String(decoding: value, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than a number holds still mean: not for a long time.
            return Duration.seconds(min(Int64(text) ?? .max, 1 << 32)).nanoseconds
        }
        guard let date = date(text) else { return nil }
        return UInt64(max(0, min(date.timeIntervalSince(now), Double(1 << 32))) * 1_000_000_000)
    }

    /// `Tue, 05 Nov 2024 05:40:23 GMT`
    private static func date(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[1].utf8.count == 2,
            let month = months.firstIndex(of: String(parts[2])), parts[3].utf8.count == 4, parts[4].utf8.count == 8,
            parts[5] == "GMT"
        else { return nil }
        let monthDigits = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return RFC3339.date("\(parts[3])-\(monthDigits)-\(parts[1])T\(parts[4])Z")
    }
}
