extension ValueType where Value == HTTPListener {
    /// An entry of `api.listen`.
    static var httpListener: ValueType {
        .text(
            allowed: "IP:PORT, [IPv6]:PORT or unix:/PATH", render: { Quoted($0.description).description },
            parse: { text, _ throws(Refusal) in try HTTPListener(text: text) })
    }
}

extension ValueType where Value == SIPListener {
    /// An entry of `sip.listen`.
    static var sipListener: ValueType {
        .text(
            allowed: "udp:IP:PORT, tcp:IP:PORT or tls:IP:PORT, IPv6 in brackets",
            render: { Quoted($0.description).description },
            parse: { text, _ throws(Refusal) in try SIPListener(text: text) })
    }
}

extension ValueType where Value == Host {
    /// A host that goes into headers; it is not looked up.
    static var host: ValueType {
        .text(allowed: "host name or IP address", render: \.description) { text, _ throws(Refusal) in
            guard let host = Host(text) else { throw Refusal("is not a host") }
            if case .address(let address) = host, address.isUnspecified {
                throw Refusal("is not a host a peer can reach")
            }
            return host
        }
    }
}

extension ValueType where Value == IPNetwork {
    /// A network peers may send from.
    static var network: ValueType {
        .text(allowed: "network like 192.0.2.0/24 or 2001:db8::/32, or IP address", render: \.description) {
            text, _ throws(Refusal) in try IPNetwork(text: text)
        }
    }
}

extension ValueType where Value == SIPURI {
    /// Where a trunk's requests go.
    static var peerURI: ValueType {
        .text(
            allowed: "sip:HOST[:PORT][;transport=udp|tcp|tls]", render: { Quoted($0.description).description },
            parse: { text, _ throws(Refusal) in try SIPURI(text: text, isRoute: false) })
    }

    /// An entry of a preloaded Route set.
    static var routeURI: ValueType {
        .text(
            allowed: "sip:HOST[:PORT][;transport=udp|tcp|tls]",
            render: { Quoted($0.description).description },
            parse: { text, _ throws(Refusal) in try SIPURI(text: text, isRoute: true) })
    }
}

extension ValueType where Value == [String: String] {
    /// Emergency numbers and the service each one stands for.
    static var emergencyNumbers: ValueType {
        let allowed = #"mapping of numbers (2 to 15 digits, in quotes) to sos or sos.NAME (RFC 5031), at most 100"#
        return ValueType(allowed: allowed) { node, label, decoding in
            guard case .mapping(let entries) = node.content, entries.count <= 100 else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            let service = ValueType<String>.emergencyService
            var numbers: [String: String] = [:]
            for entry in entries {
                let isNumber = entry.key.utf8.count >= 2 && entry.key.utf8.count <= 15
                guard isNumber, DecimalText.isDigits(entry.key.utf8) else {
                    decoding.report(
                        entry.keyPosition, "\(label): \(Quoted(entry.key)) is not a number; allowed: \(allowed)")
                    continue
                }
                numbers[entry.key] = service.decode(entry.value, "\(label).\(entry.key)", decoding)
            }
            return numbers
        } render: { numbers in
            "{" + numbers.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}

extension ValueType where Value == String {
    /// What follows `urn:service:` in an emergency call's Request-URI.
    static var emergencyService: ValueType {
        .text(allowed: "sos or sos.NAME (RFC 5031)", render: yamlText) { text, _ throws(Refusal) in
            let labels = text.split(separator: ".", omittingEmptySubsequences: false)
            let isService =
                text.utf8.count <= 64 && labels.first == "sos"
                && labels.allSatisfy { label in
                    !label.isEmpty && label.first != "-" && label.last != "-"
                        && label.utf8.allSatisfy { isLowercase($0) || $0 == UInt8(ascii: "-") }
                }
            guard isService else { throw Refusal("is not an emergency service") }
            return text
        }
    }

    private static func isLowercase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}

extension ValueType where Value == String {
    /// An entry of `events.allowSinks`; the value is the network in CIDR form, or the name in lower case.
    static var sinkPlace: ValueType {
        .text(allowed: "network like 10.0.0.0/8, IP address or host name", render: { Quoted($0).description }) {
            text, _ throws(Refusal) in
            if case .name(let name) = Host(text) { return name }
            if text.contains("://") { throw Refusal("is a URL (its host alone belongs here)") }
            // What has no letter of a name at its end was meant as a network, and its refusal says more.
            if text.contains("/") || text.contains(":") || text.utf8.last.map(isDigit) == true {
                return try IPNetwork(text: text).description
            }
            throw Refusal("is neither a network nor a host name")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { DecimalText.isDigits(CollectionOfOne(byte)) }
}

extension ValueType where Value == ServiceURL {
    /// A service the gateway asks. No message quotes user information or a query.
    static var serviceURL: ValueType {
        let allowed = "https URL, or http to a loopback address, without user information"
        return ValueType(allowed: allowed) { node, label, decoding in
            guard case .scalar(let scalar) = node.content, case .string(let text) = ScalarValue(scalar) else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            do throws(Refusal) {
                return try ServiceURL(text: text)
            } catch {
                let shown = text.contains("@") ? "the URL" : "\(Quoted(String(text.prefix { $0 != "?" })))"
                decoding.report(node, label, "\(shown) \(error.reason); allowed: \(allowed)")
                return nil
            }
        } render: {
            Quoted($0.description).description
        }
    }
}
