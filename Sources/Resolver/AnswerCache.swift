/// Answers for as long as they hold, and no more than there may be: the one kept for longest gives way.
struct AnswerCache: Sendable {
    private struct Kept: Sendable {
        let answer: LookUpTable.Answer
        let until: UInt64
        let number: UInt64
    }

    private let maximum: Int
    private var kept: [Question: Kept] = [:]
    private var order = Line<(question: Question, number: UInt64)>()
    private var last: UInt64 = 0

    init(maximum: Int) { self.maximum = max(0, maximum) }

    var count: Int { kept.count }

    mutating func answer(_ question: Question, now: UInt64) -> LookUpTable.Answer? {
        guard let found = kept[question] else { return nil }
        if found.until > now { return found.answer }
        kept[question] = nil
        dropDead()
        return nil
    }

    mutating func keep(_ question: Question, _ answer: LookUpTable.Answer, until: UInt64) {
        last += 1
        kept[question] = Kept(answer: answer, until: until, number: last)
        order.append((question, last))
        dropDead()
        while kept.count > maximum, let first = order.popFirst() {
            kept[first.question] = nil
            dropDead()
        }
    }

    /// The first in the order is one that is kept under that number.
    private mutating func dropDead() {
        while let first = order.first, kept[first.question]?.number != first.number { order.popFirst() }
    }
}
