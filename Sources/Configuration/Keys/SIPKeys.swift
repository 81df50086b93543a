/// The keys below `sip`.
enum SIPKeys {
    static let section = SectionKey("sip", "The SIP side.")
    static let listen = Key(
        "sip.listen", .list(of: .sipListener, 1...16),
        default: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"].compactMap { SIPListener($0) },
        "Where SIP is received, and from where it is sent. Port 0 lets the system choose.")
    static let advertise = Key.optional(
        "sip.advertise", .host, default: "the bound address", "The host in Via and Contact.")
    static let domain = Key.optional(
        "sip.domain", .host, default: "`sip.advertise`, else the first bound address", "The host of From.")
    static let unknownSource = Key(
        "sip.unknownSource", .word(), default: Configuration.UnknownSource.reject,
        "A request from outside all trunks' networks: `reject` answers 403, `drop` nothing.")

    static let timers = SectionKey("sip.timers", "RFC 3261 §17, and the time a phone may ring.")
    static let t1 = Key(
        "sip.timers.t1", .duration(.milliseconds(10)...(.seconds(5))), default: .milliseconds(500),
        "T1, the estimate of a round trip.")
    static let t2 = Key(
        "sip.timers.t2", .duration(.milliseconds(10)...(.seconds(60))), default: .seconds(4),
        "T2, the longest interval between retransmissions; not below `t1`.")
    static let timerB = Key(
        "sip.timers.timerB", .duration(.milliseconds(100)...(.seconds(300))), default: .seconds(32),
        "Timer B: how long any response to an INVITE is waited for; above `t1`.")
    static let ring = Key(
        "sip.timers.ring", .duration(.seconds(1)...(.seconds(900))), default: .seconds(180),
        "How long a call may ring before it is cancelled.")

    static let rows: [Row] =
        [
            section.row, listen.row, advertise.row, domain.row, unknownSource.row, timers.row, t1.row, t2.row,
            timerB.row,
            ring.row,
        ] + TLSKeys.rows
}

extension Configuration.SIP {
    init(_ section: Section) {
        listen = section.value(SIPKeys.listen)
        advertise = section.value(SIPKeys.advertise)
        if !section.has(SIPKeys.advertise), let wildcard = listen.first(where: \.address.isUnspecified) {
            section.reportMissing(
                SIPKeys.advertise.name,
                allowed: "\(SIPKeys.advertise.type.allowed) (no peer can answer to \(wildcard.address))")
        }
        let named = section.value(SIPKeys.domain)
        // A list of listeners is never empty; the last name stands in only while a problem is reported.
        domain = named ?? advertise ?? listen.first.map { .address($0.address) } ?? .name("invalid")
        unknownSource = section.value(SIPKeys.unknownSource)
        tls = Configuration.TLS(section.section(TLSKeys.section), listen: listen)
        timers = Configuration.Timers(section.section(SIPKeys.timers))
    }
}

extension Configuration.Timers {
    init(_ section: Section) {
        t1 = section.value(SIPKeys.t1)
        t2 = section.value(SIPKeys.t2)
        timerB = section.value(SIPKeys.timerB)
        ring = section.value(SIPKeys.ring)
        if t2 < t1 {
            section.report(
                SIPKeys.t2, "\(DurationText.text(t2)) is below t1; allowed: at least \(DurationText.text(t1))")
        }
        if timerB <= t1 {
            section.report(
                SIPKeys.timerB,
                "\(DurationText.text(timerB)) is not above t1; allowed: more than \(DurationText.text(t1))")
        }
    }
}
