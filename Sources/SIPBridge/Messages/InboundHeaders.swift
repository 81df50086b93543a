import CSofiaSIP

/// Headers of our responses to an INVITE of the network (ims-headers design).
enum InboundHeaders {
    private static let chargingName = "P-Charging-Vector: icid-value="

    /// The caller's charging id, with the name of the network that ends the call (RFC 7315 §4.6); nil where there is none, or it
    /// is not ours to tell.
    static func chargingLine(answering caller: csip_caller, isTrusted: Bool, domain: String) -> String? {
        guard isTrusted, let vector = caller.charging_vector.flatMap({ chargingVector(String(cString: $0)) }) else {
            return nil
        }
        return "P-Charging-Vector: \(vector);term-ioi=\(domain)"
    }

    /// The charging id in such a line.
    static func chargingID(in line: String) -> String {
        let value = line.utf8.dropFirst(chargingName.utf8.count)
        return String(Substring(value.prefix { $0 != UInt8(ascii: ";") }))
    }

    /// `icid-value` and `orig-ioi` of a P-Charging-Vector, each a token or host (RFC 7315 §5.6); others are not repeated.
    static func chargingVector(_ value: String) -> String? {
        guard value.utf8.count <= 512 else { return nil }
        var icid: Substring?
        var origin: Substring?
        for part in value.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let text = plain(pair[1]) else { continue }
            switch pair[0].filter({ $0 != " " }).lowercased() {
            case "icid-value": icid = text
            case "orig-ioi": origin = text
            default: break
            }
        }
        guard let icid else { return nil }
        return "icid-value=\(icid)" + (origin.map { ";orig-ioi=\($0)" } ?? "")
    }

    /// A parameter's value without its quotes, if it needs none.
    private static func plain(_ text: Substring) -> Substring? {
        var text = text
        while text.last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        if text.utf8.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "-._~+!%*:[]".utf8.contains(byte)
            }
        }
        return isPlain && (1...128).contains(text.utf8.count) ? text : nil
    }

    /// `Reason: SIP;cause=200`: another fork has taken the call (RFC 3326 §3.1).
    static func isAnsweredElsewhere(
        _ reasons: (csip_reason, csip_reason, csip_reason, csip_reason), count: Int
    ) -> Bool {
        [reasons.0, reasons.1, reasons.2, reasons.3].prefix(count).contains { reason in
            reason.cause == 200 && reason.protocol.map { String(cString: $0).uppercased() } == "SIP"
        }
    }
}
