/// The keys below `events`.
enum EventKeys {
    static let section = SectionKey("events", "How events reach the sinks of subscriptions.")
    static let allowSinks = Key(
        "events.allowSinks", .list(of: .sinkPlace, 0...100), default: [],
        "Where sinks may be besides the public Internet. Names are looked up for each connection; a name in this list "
            + "may have any address.")
    static let certificates = Key.optional(
        "events.caFile", .certificatesPath, default: "the system's",
        "The certificate authorities that sinks are checked against, in place of the system's.")
    static let timeout = Key(
        "events.timeout", .duration(.milliseconds(100)...(.seconds(60))), default: .seconds(5),
        "How long one attempt may take, from connecting to the end of the answer; so may a look-up of the name.")
    static let maxPending = Key(
        "events.maxPending", .int(100...1_000_000), default: 10_000,
        "Events accepted and not delivered; one more costs the sink that is furthest behind its oldest.")

    static let rows: [Row] = [section.row, allowSinks.row, certificates.row, timeout.row, maxPending.row]
}

extension Configuration.Events {
    init(_ section: Section) {
        allowSinks = section.value(EventKeys.allowSinks)
        certificatesPath = section.value(EventKeys.certificates)
        timeout = section.value(EventKeys.timeout)
        maxPending = section.value(EventKeys.maxPending)
    }
}
