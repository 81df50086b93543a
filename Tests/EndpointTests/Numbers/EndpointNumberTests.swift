import Foundation
import Testing

@testable import Endpoint

@Suite struct EndpointNumberTests {
    @Test(
        "The last three digits choose the script",
        arguments: [
            ("+17085854100", .steps([.provisional(100), .wait(.seconds(300)), .refuse(480)])),
            ("+17085854180", .steps([.provisional(180), .wait(.seconds(3)), .answer])),
            (
                "+17085854181",
                .steps([.provisional(181), .wait(.seconds(1)), .provisional(180), .wait(.seconds(1)), .answer])
            ),
            ("+17085854182", .steps([.provisional(182), .wait(.seconds(2)), .answer])),
            ("+17085854183", .steps([.reliable(183), .wait(.seconds(2)), .answer])),
            ("+17085854200", .steps([.answer])),
            ("+17085854300", .steps([.refuse(300)])),
            ("+17085854486", .steps([.refuse(486)])),
            ("+17085854699", .steps([.refuse(699)])),
            (
                "+17085854701",
                .steps([
                    .provisional(183, from: .other, describes: true), .wait(.milliseconds(300)), .provisional(180),
                    .wait(.seconds(1)), .answer,
                ])
            ),
            ("+17085854702", .steps([.provisional(180), .wait(.seconds(300)), .refuse(480)])),
            ("+17085854703", .steps([.provisional(180), .wait(.seconds(2)), .refuse(486)])),
            ("+17085854704", .steps([.answer, .wait(.seconds(2)), .hangUp])),
            ("+17085854799", .silence),
            // Neither a code nor one of the 700s.
            ("+17085854000", ordinary), ("+17085854299", ordinary), ("+17085854700", ordinary),
            ("+17085854705", ordinary), ("+17085854999", ordinary),
            // What does not end in three digits is a number like any other.
            ("alice", ordinary), ("", ordinary), ("86", ordinary), ("486x", ordinary), ("4\u{0664}86", ordinary),
            // Parameters of the user part do not count.
            ("+17085854486;phone-context=+1", .steps([.refuse(486)])), ("ext;486", ordinary),
            ("486", .steps([.refuse(486)])),
        ] as [(String, EndpointScript)])
    func script(number: String, expected: EndpointScript) throws {
        #expect(try #require(EndpointBehaviour(number: number)).script == expected)
    }

    private static let ordinary = EndpointScript.steps([.provisional(180), .wait(.milliseconds(500)), .answer])

    @Test("Every number has a row, and one only by the order of the table")
    func complete() throws {
        for code in 0..<1000 {
            let rows = EndpointNumber.table.filter { $0.matches(code) }
            // The last row takes what no other does.
            #expect((1...2).contains(rows.count), "\(code)")
            #expect(rows.last?.digits == "any other")
        }
    }

    @Test("Every script comes to an end, whatever the peer does not do", arguments: 0..<1000)
    func ends(code: Int) throws {
        let text = String(1000 + code).dropFirst()
        guard case .steps(let steps) = try #require(EndpointBehaviour(number: "+1\(text)")).script else { return }
        var call = EndpointCall(steps, supports100rel: true)
        var waiting = call.handle(.start)
        for _ in 0..<20 where call.state != .over {
            // Time passes, and where only a message could help, the transaction times out.
            let event: EndpointCall.Event =
                switch call.state {
                case .awaitingPRACK, .answered, .refused: .transactionTimedOut
                case .hangingUp: .byeAnswered
                case .ringing, .talking, .over: .timer
                }
            waiting = call.handle(event)
        }
        #expect(call.state == .over)
        #expect(waiting.last == .finish)
    }

    @Test("The README's table is this table")
    func readme() throws {
        #expect(try Project.text("README.md").contains(EndpointNumber.markdown))
    }

    @Test("The help lists every row")
    func help() {
        let lines = EndpointCommand.help.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for row in EndpointNumber.table {
            let summary = row.summary.replacingOccurrences(of: "`", with: "")
            #expect(lines.contains { $0.hasPrefix(row.digits) && $0.hasSuffix(summary) }, "\(row.digits)")
        }
    }
}
