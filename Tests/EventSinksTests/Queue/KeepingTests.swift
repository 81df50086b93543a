import Testing

@testable import EventSinks

/// When an event is kept over a restart, and when it no longer need be.
@Suite struct KeepingTests {
    /// What happens to a ``Keeping``, and what it is to say.
    enum Step: Sendable {
        case accept(UInt64, at: UInt64)
        case fail(UInt64, keeps: Bool)
        case settle(UInt64)
        case old(at: UInt64, [UInt64])
        case deadline(UInt64?)
        case all([UInt64])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]

        init(_ name: String, _ steps: [Step]) {
            testDescription = name
            self.steps = steps
        }
    }

    private static let old = Keeping.patience

    private static let alone: [Case] = [
        Case("nothing to do", [.deadline(nil), .old(at: end, []), .all([])]),
        Case("delivered at once", [.accept(1, at: 0), .settle(1), .deadline(nil), .old(at: end, []), .all([])]),
        Case(
            "kept when it has waited, once",
            [
                .accept(1, at: 0), .deadline(old), .old(at: old - 1, []), .old(at: old, [1]), .deadline(nil),
                .old(at: end, []), .fail(1, keeps: false), .all([]),
            ]),
        Case(
            "kept at its first failure, once",
            [
                .accept(1, at: 0), .fail(1, keeps: true), .deadline(nil), .fail(1, keeps: false), .old(at: old, []),
                .all([]),
            ]),
        Case("kept by an earlier run", [.fail(1, keeps: false), .settle(1), .all([])]),
        Case("old when it comes out of the inbox", [.accept(1, at: 0), .old(at: end, [1]), .settle(1), .all([])]),
        Case("time without end", [.accept(1, at: end), .deadline(end), .old(at: end - 1, []), .old(at: end, [1])]),
    ]

    private static let together: [Case] = [
        Case(
            "the old ones go first, the young ones stay",
            [
                .accept(1, at: 0), .accept(2, at: 5), .accept(3, at: old), .old(at: old + 5, [1, 2]),
                .deadline(2 * old), .old(at: 2 * old - 1, []), .old(at: 2 * old, [3]),
            ]),
        Case(
            "no wake-up for one that is gone, the next one's instead",
            [
                .accept(1, at: 0), .accept(2, at: 5), .accept(3, at: old), .settle(2), .deadline(old), .settle(1),
                .deadline(2 * old), .fail(3, keeps: true), .deadline(nil),
            ]),
        Case(
            "at the end all that nobody keeps, oldest first",
            [
                .accept(4, at: 0), .accept(5, at: 0), .accept(6, at: 0), .accept(7, at: 0), .fail(5, keeps: true),
                .settle(6), .all([4, 7]), .deadline(nil), .all([]),
            ]),
    ]

    private static let end = UInt64.max

    @Test(arguments: alone + together)
    func decides(_ sample: Case) {
        var keeping = Keeping()
        for (number, step) in sample.steps.enumerated() {
            let place = "\(sample.testDescription), step \(number)"
            switch step {
            case .accept(let id, let time): keeping.accepted(id, at: time)
            case .fail(let id, let keeps): #expect(keeping.failed(id) == keeps, "\(place)")
            case .settle(let id): keeping.settled(id)
            case .old(let time, let ids): #expect(keeping.takeOld(now: time) == ids, "\(place)")
            case .deadline(let time): #expect(keeping.nextDeadline == time, "\(place)")
            case .all(let ids): #expect(keeping.takeAll() == ids, "\(place)")
            }
        }
    }

    @Test func knowsWhatIsKept() {
        var keeping = Keeping()
        keeping.accepted(1, at: 0)
        #expect(!keeping.isKept(1))
        #expect(keeping.isKept(2), "of an earlier run")
        _ = keeping.failed(1)
        #expect(keeping.isKept(1))
    }
}
