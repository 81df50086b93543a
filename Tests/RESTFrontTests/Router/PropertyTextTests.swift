import CallCore
import Testing

@testable import RESTFront

/// Which texts a name may be.
@Suite struct PropertyTextTests {
    private func check(_ text: String) -> Result<String?, CAMARAError> {
        do throws(CAMARAError) {
            return .success(try PropertyCheck.text(.value(text), "originatorName"))
        } catch {
            return .failure(error)
        }
    }

    private func isRefused(_ text: String) -> Bool {
        guard case .failure(let error) = check(text) else { return false }
        return error == .property("originatorName", "must not hold control characters")
    }

    /// Every character of the first two planes, at the beginning, in the middle and at the end: refused are those that
    /// Unicode calls control characters, and no others.
    @Test func controlCharactersAreUnicodes() {
        var wrong: [UInt32] = []
        var refused = 0
        for scalar in (UInt32(0)...0x1FFFF).lazy.compactMap({ Unicode.Scalar($0) }) {
            let isControl = scalar.properties.generalCategory == .control
            if isControl { refused += 1 }
            let character = String(Character(scalar))
            // Around the others once only: there are a hundred thousand.
            let texts =
                isControl || scalar.value < 0x800
                ? [character, character + "é", "é" + character, "Â" + character + "z"] : ["é" + character + "z"]
            if texts.contains(where: { isRefused($0) != isControl }) { wrong.append(scalar.value) }
        }
        #expect(wrong.isEmpty)
        #expect(refused == 65, "C0, DEL and C1")
    }

    /// Line and paragraph separators are no control characters; no header is made of a name's text as it stands.
    @Test(arguments: ["\u{2028}", "\u{2029}", "\u{A0}", "\u{C2}", "Zoë 🎉", "", "\u{FEFF}"])
    func otherCharactersAreTaken(text: String) {
        #expect(check(text) == .success(text))
    }

    @Test(arguments: ["x", "é", "€", "🎉", "\u{2028}"])
    func charactersAreCountedNotBytes(character: String) {
        #expect(check(String(repeating: character, count: 256)) == .success(String(repeating: character, count: 256)))
        #expect(
            check(String(repeating: character, count: 257))
                == .failure(.property("originatorName", "must have at most 256 characters")))
    }

    /// A character is a Unicode scalar, as JSON Schema counts them: not what a reader takes for one.
    @Test func combiningMarksCount() {
        #expect(throws: CAMARAError.self) {
            try PropertyCheck.text(.value(String(repeating: "e\u{301}", count: 129)), "originatorName")
        }
        #expect(throws: Never.self) {
            try PropertyCheck.text(.value(String(repeating: "e\u{301}", count: 128)), "originatorName")
        }
    }

    @Test func aTextThatIsTooLongIsToldFirst() {
        #expect(
            check(String(repeating: "\n", count: 257))
                == .failure(.property("originatorName", "must have at most 256 characters")))
    }
}
