import CSofiaSIP
import CallCore

/// Headers of a redirection that the INVITE following it repeats: where the call has been before (ims-headers design).
enum PassedHeaders {
    /// Bytes of one header that are repeated; a longer one is not, because half a list tells nothing.
    static let maximumBytes = CSIP_MAX_LIST_BYTES

    /// The header lines, LF between them; nil for none.
    static func lines(of response: borrowing csip_response, _ passed: TrunkHeaders.Passed) -> String? {
        var lines: [String] = []
        if passed.contains(.historyInfo), let value = plain(response.history_info) {
            lines.append("History-Info: \(value)")
        }
        if passed.contains(.diversion), let value = plain(response.diversion) { lines.append("Diversion: \(value)") }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// A value that can stand on a line of its own: nothing in it ends one.
    static func plain(_ value: UnsafePointer<CChar>?) -> String? {
        guard let value else { return nil }
        let text = String(cString: value)
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        return isPlain && (1...maximumBytes).contains(text.utf8.count) ? text : nil
    }
}

extension EarlyMedia {
    /// The value of P-Early-Media, which has a direction for each medium (RFC 5009 §8): played if the network sends any.
    /// Nil where it names no direction.
    init?(_ value: String) {
        var found: EarlyMedia?
        for part in value.split(separator: ",") {
            switch part.prefix(while: { $0 != ";" }).filter({ $0 != " " && $0 != "\t" }).lowercased() {
            case "sendrecv", "sendonly": found = .played
            case "recvonly", "inactive": found = found ?? .silent
            default: break
            }
        }
        guard let found else { return nil }
        self = found
    }
}
