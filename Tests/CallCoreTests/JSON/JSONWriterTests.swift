import CallCore
import Foundation
import Testing

/// RFC 8259, read back by Foundation.
@Suite struct JSONWriterTests {
    private struct Sample: JSONWritable {
        let write: @Sendable (inout JSONWriter) -> Void
        func write(to json: inout JSONWriter) { write(&json) }
    }

    private func text(_ write: @escaping @Sendable (inout JSONWriter) -> Void) -> String {
        String(decoding: Sample(write: write).json, as: UTF8.self)
    }

    @Test func membersStandInTheirOrderAndNilIsLeftOut() {
        let written = text { json in
            json.object { json in
                json.member("b", "x")
                json.member("none", String?.none)
                json.member("a", -7)
                json.member("inner") { json in
                    json.member("yes", true)
                    json.member("no", false)
                }
                json.member("empty") { _ in }
                json.member("last", Int.max)
            }
        }
        #expect(written == #"{"b":"x","a":-7,"inner":{"yes":true,"no":false},"empty":{},"last":9223372036854775807}"#)
    }

    @Test func arraysSeparateTheirValues() {
        #expect([String]().json == Array("[]".utf8))
        #expect(["a", "b"].json == Array(#"["a","b"]"#.utf8))
        #expect([[1, 2], [], [3]].json == Array("[[1,2],[],[3]]".utf8))
        #expect(
            text {
                $0.object {
                    $0.member("list", ["a", "b"]); $0.member("n", 1)
                }
            } == #"{"list":["a","b"],"n":1}"#)
    }

    /// Each code point below U+0080 and some of every length: alone, at both ends of a text, and doubled.
    @Test func everyTextIsReadBackAsItWas() throws {
        var scalars = (0..<0x80).compactMap(Unicode.Scalar.init(_:) as (Int) -> Unicode.Scalar?)
        scalars += ["\u{80}", "\u{7ff}", "\u{2028}", "\u{fffd}", "\u{ffff}", "\u{1f600}", "\u{10ffff}"]
        for scalar in scalars {
            for sample in ["\(scalar)", "a\(scalar)b", "\(scalar)a\(scalar)", "\(scalar)\(scalar)"] {
                let json = Data([sample].json)
                #expect(try JSONDecoder().decode([String].self, from: json) == [sample])
                // What a terminal or a line reader would act on never stands in the text itself.
                #expect(json.allSatisfy { $0 >= 0x20 })
            }
        }
    }

    @Test func slashesStandAsTheyAreAndEscapesAreTheShortOnes() {
        #expect("a/b\r\n\t\"\\\u{1}\u{1f}".json == Array(#""a/b\r\n\t\"\\\u0001\u001f""#.utf8))
    }

    @Test func textsThatAreNotStoredAsUTF8AreWrittenTheSame() throws {
        let bridged = NSString(string: "zażółć \"gęślą\"\n").substring(from: 2)
        #expect(try JSONDecoder().decode([String].self, from: Data([bridged].json)) == [bridged])
    }

    /// Longer than the pieces in which a text is written, with an escape at every place around their ends.
    @Test func longTextsAreReadBackAsTheyWere() throws {
        for length in [255, 256, 257, 511, 512, 513, 3000] {
            for scalar in ["a", "\u{1}", "\"", "é", "\u{1f600}"] {
                let text = String(repeating: scalar, count: length)
                #expect(try JSONDecoder().decode([String].self, from: Data([text].json)) == [text])
            }
            for place in stride(from: 0, to: length, by: 7) {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                bytes[place] = UInt8(ascii: "\r")
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(try JSONDecoder().decode([String].self, from: Data([text].json)) == [text])
            }
        }
    }
}
