/// A row of the endpoint's table: what the last three digits of the dialled number stand for.
package struct EndpointNumber: Sendable {
    /// As shown to people: three digits, a range, or "any other".
    package let digits: String
    /// What happens, in a few words.
    package let summary: String
    /// The summary for the line of an INVITE; nil where the response that follows at once says it all.
    package let note: String?
    let matches: @Sendable (Int?) -> Bool
    let script: @Sendable (Int) -> EndpointScript

    private init(_ code: Int, _ summary: String, _ steps: EndpointStep...) {
        self.init("…\(code)", summary, isNoted: true, matches: { $0 == code }, script: { _ in .steps(steps) })
    }

    private init(
        _ digits: String, _ summary: String, isNoted: Bool, matches: @escaping @Sendable (Int?) -> Bool,
        script: @escaping @Sendable (Int) -> EndpointScript
    ) {
        self.digits = digits
        self.summary = summary
        note = isNoted ? summary.filter { $0 != "`" } : nil
        self.matches = matches
        self.script = script
    }

    /// How long a phone rings, or a call stays without a final response, before the endpoint itself gives up.
    static let patience = Duration.seconds(300)

    /// The one table: the endpoint's behaviour, `gateway endpoint --help` and the README are all made from it. Digits that
    /// are a SIP status code mean that code; the 700s are what a code alone cannot say. The first match counts.
    package static let table: [EndpointNumber] = [
        EndpointNumber(
            100, "`100 Trying`, then nothing; CANCEL is answered `487`",
            .provisional(100), .wait(patience), .refuse(480)),
        EndpointNumber(
            180, "`180 Ringing`, after 3 s `200 OK`",
            .provisional(180), .wait(.seconds(3)), .answer),
        EndpointNumber(
            181, "`181 Call Is Being Forwarded`, after 1 s `180 Ringing`, after 1 s `200 OK`",
            .provisional(181), .wait(.seconds(1)), .provisional(180), .wait(.seconds(1)), .answer),
        EndpointNumber(
            182, "`182 Queued`, after 2 s `200 OK`",
            .provisional(182), .wait(.seconds(2)), .answer),
        EndpointNumber(
            183, "`183 Session Progress` with SDP, reliable (PRACK); after 2 s `200 OK`",
            .reliable(183), .wait(.seconds(2)), .answer),
        EndpointNumber(200, "`200 OK` at once", .answer),
        EndpointNumber(
            "…300–…699", "this final response at once: `…486` is `486 Busy Here`; `…302` redirects to `…200`",
            isNoted: false, matches: { (300...699).contains($0 ?? 0) }, script: { .steps([.refuse($0)]) }),
        EndpointNumber(
            701, "two phones, two To tags: `183` with SDP from one, `180` and after 1 s `200 OK` from the other",
            .provisional(183, from: .other, describes: true), .wait(.milliseconds(300)), .provisional(180),
            .wait(.seconds(1)), .answer),
        EndpointNumber(
            702, "`180 Ringing` and nobody answers; CANCEL is answered `487`",
            .provisional(180), .wait(patience), .refuse(480)),
        EndpointNumber(
            703, "`180 Ringing`, after 2 s `486 Busy Here`",
            .provisional(180), .wait(.seconds(2)), .refuse(486)),
        EndpointNumber(
            704, "`200 OK` at once, after 2 s the endpoint hangs up with BYE",
            .answer, .wait(.seconds(2)), .hangUp),
        EndpointNumber("…799", "no response at all", isNoted: true, matches: { $0 == 799 }, script: { _ in .silence }),
        EndpointNumber(
            "any other", "`180 Ringing`, after half a second `200 OK`",
            isNoted: true, matches: { _ in true },
            script: { _ in .steps([.provisional(180), .wait(.milliseconds(500)), .answer]) }),
    ]

    /// The table as Markdown, for the README.
    package static var markdown: String {
        let rows = table.map { "| \($0.digits) | \($0.summary) |\n" }
        return "| number ends in | the endpoint's answer |\n|---|---|\n" + rows.joined()
    }

    /// The table for a terminal.
    package static var text: String {
        table.map { row in
            let gap = String(repeating: " ", count: max(1, 12 - row.digits.count))
            return "  " + row.digits + gap + row.summary.filter { $0 != "`" } + "\n"
        }.joined()
    }
}
