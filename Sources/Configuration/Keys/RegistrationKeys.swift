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

    static let rows: [Row] = [section.row, minimum.row, standard.row, maximum.row, perNumber.row]
}

extension Configuration.Registrations {
    init(_ section: Section) {
        minimum = section.value(RegistrationKeys.minimum)
        standard = section.value(RegistrationKeys.standard)
        maximum = section.value(RegistrationKeys.maximum)
        perNumber = section.value(RegistrationKeys.perNumber)
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
}
