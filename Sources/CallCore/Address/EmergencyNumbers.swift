/// Which receivers are emergency services, and which service each one means (emergency design §1).
///
/// The check comes before CAMARA's address pattern, which refuses `tel:112`, and it errs towards help: scheme, case,
/// separators, white space, percent-escapes and parameters make no difference.
public struct EmergencyNumbers: Sendable, Equatable {
    /// The service of each number: the part of `urn:service:` URNs after that prefix (RFC 5031), by digits.
    private let services: [[UInt8]: String]

    /// Takes dialled numbers and the services they mean, `["112": "sos", "110": "sos.police"]`.
    /// - Throws: ``InvalidEntry`` for a number that is not 2…15 digits or a service that is not `sos` or below.
    public init(_ numbers: [String: String]) throws(InvalidEntry) {
        var services: [[UInt8]: String] = [:]
        for (number, service) in numbers {
            guard (2...15).contains(number.utf8.count), number.utf8.allSatisfy(\.isASCIIDigit) else {
                throw InvalidEntry(entry: number, remedy: "an emergency number is 2 to 15 digits")
            }
            guard let name = EmergencyNumbers.service(inURN: Array("urn:service:\(service)".utf8)), name == service
            else {
                throw InvalidEntry(entry: service, remedy: "a service is sos or begins with sos. (RFC 5031)")
            }
            services[Array(number.utf8)] = service
        }
        self.services = services
    }

    private init(services: [[UInt8]: String]) {
        self.services = services
    }

    /// The service URNs alone; no number is an emergency number.
    public static let none = EmergencyNumbers(services: [:])

    /// What an entry of the table got wrong.
    public struct InvalidEntry: Error, Equatable, Sendable, CustomStringConvertible {
        /// The number or the service.
        public let entry: String
        /// What is allowed.
        public let remedy: String

        /// Both, as one sentence.
        public var description: String { "\"\(entry)\": \(remedy)" }
    }

    /// The service `receiver` asks for, `sos` or below; nil if it is no emergency address.
    ///
    /// Recognised are `urn:service:sos[.x]` and every number of the table: dialled alone, with a `phone-context`, as
    /// user of a SIP URI of any host, after a country code, and without any scheme.
    public func service(for receiver: String) -> String? {
        // No emergency address is longer than an address may be; what follows is linear in the text all the same.
        guard receiver.utf8.count <= 4 * Address.maximumLength else { return nil }
        let text = EmergencyNumbers.normalised(receiver)
        if let service = EmergencyNumbers.service(inURN: text) { return service }
        return service(ofDialled: EmergencyNumbers.dialled(in: text))
    }

    private func service(ofDialled number: ArraySlice<UInt8>) -> String? {
        guard number.first == UInt8(ascii: "+") else { return services[Array(number)] }
        let digits = number.dropFirst()
        // `tel:+34112`: a country code and exactly the short code. A subscriber's number is longer than that.
        if let length = CountryCode.length(in: digits), let service = services[Array(digits.dropFirst(length))] {
            return service
        }
        // `tel:+112`: a habit of diallers that put `+` in front of everything. Four digits are nobody's E.164 number.
        return digits.count <= 4 ? services[Array(digits)] : nil
    }

    /// Lower case, escapes decoded, white space gone.
    private static func normalised(_ text: String) -> [UInt8] {
        let decoded = text.utf8.contains(UInt8(ascii: "%")) ? PercentEscape.decode(text.utf8) : Array(text.utf8)
        return decoded.compactMap { byte in
            switch byte {
            case 0x09...0x0D, 0x20: nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }

    /// `sos` or `sos.x` of a service URN (RFC 5031 §4.2); URN components and parameters behind it are left out.
    private static func service(inURN text: [UInt8]) -> String? {
        let prefix = Array("urn:service:".utf8)
        guard text.starts(with: prefix) else { return nil }
        let name = text[prefix.count...].prefix {
            $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.first?.elementsEqual("sos".utf8) == true else { return nil }
        // A sub-service nobody could spell still means that somebody needs help.
        let known = labels.allSatisfy { label in
            !label.isEmpty && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
        }
        return known ? String(decoding: name, as: UTF8.self) : "sos"
    }

    /// The number of a tel URI, of a SIP URI's user or of a bare text, without separators and parameters.
    private static func dialled(in text: [UInt8]) -> ArraySlice<UInt8> {
        var rest = text[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            let scheme = rest[..<colon]
            if ["tel", "sip", "sips"].contains(where: { scheme.elementsEqual($0.utf8) }) {
                rest = rest[(colon + 1)...]
            }
        }
        // What ends the number: a parameter, the host, a password, a query.
        let number = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "?"): false
            default: true
            }
        }
        return ArraySlice(number.filter { !$0.isVisualSeparator })
    }
}
