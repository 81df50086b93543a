/// The keys below `registrations`.
enum RegistrationKeys {
    private static let lives = Duration.seconds(1)...(.seconds(8_760 * 3_600))

    static let section = SectionKey("registrations", "How long a device receives a number's calls.")
    static let minimum = Key(
        "registrations.minimum", .duration(lives), default: .seconds(60),
        "The shortest life. A v0.3 client that asks for less gets this, one of 0.4 is refused with 400 OUT_OF_RANGE.")
    static let standard = Key(
        "registrations.default", .duration(lives), default: .seconds(3_600),
        "The life of a registration whose client asks for none; from `minimum` to `maximum`.")
    static let maximum = Key(
        "registrations.maximum", .duration(lives), default: .seconds(86_400),
        "The longest life. A client that asks for more gets this.")
    static let perNumber = Key(
        "registrations.perNumber", .int(1...1_000), default: 10,
        "Live registrations of one number; one more is refused with 403.")
    static let clients = SectionListKey(
        "registrations.clients", 0...10_000, default: "none: such a client registers nothing",
        "Clients whose tokens name no phone number, and the numbers they may register and call from.")
    static let client = Key.required(
        "registrations.clients[].client", .located(.string("the client's id in its tokens", maximum: 256)),
        "The client; distinct.")
    static let numbers = Key.required(
        "registrations.clients[].numbers", .list(of: .numberPrefix, 1...1_000), "What its numbers start with.")

    static let rows: [Row] = [
        section.row, minimum.row, standard.row, maximum.row, perNumber.row, clients.row, client.row, numbers.row,
    ]
}

extension Configuration.Registrations {
    init(_ section: Section) {
        minimum = section.value(RegistrationKeys.minimum)
        standard = section.value(RegistrationKeys.standard)
        maximum = section.value(RegistrationKeys.maximum)
        perNumber = section.value(RegistrationKeys.perNumber)
        clients = Configuration.Registrations.clients(section)
        // One message for one mistake: the default is compared only with bounds that are in order.
        guard minimum <= maximum else {
            section.report(
                RegistrationKeys.maximum,
                "\(DurationText.text(maximum)) is below minimum; allowed: at least \(DurationText.text(minimum))")
            return
        }
        if !(minimum...maximum).contains(standard) {
            section.report(
                RegistrationKeys.standard,
                "\(DurationText.text(standard)) is outside minimum and maximum; allowed: from "
                    + "\(DurationText.text(minimum)) to \(DurationText.text(maximum))")
        }
    }

    private static func clients(_ section: Section) -> [String: [String]] {
        var clients: [String: [String]] = [:]
        var lines: [String: Int] = [:]
        for entry in section.sections(RegistrationKeys.clients) ?? [] {
            let client = entry.value(RegistrationKeys.client)
            let numbers = entry.value(RegistrationKeys.numbers)
            guard let client else { continue }
            if let first = lines[client.value] {
                entry.report(
                    RegistrationKeys.client, "\(Quoted(client.value)) is there twice, first at line \(first)")
            } else {
                lines[client.value] = client.position.line
                clients[client.value] = numbers ?? []
            }
        }
        return clients
    }
}
