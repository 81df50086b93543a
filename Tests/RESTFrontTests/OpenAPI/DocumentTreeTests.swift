import Foundation
import Testing

@testable import RESTFront

@Suite struct DocumentTreeTests {
    @Test func jsonKeepsOrderAndEscapes() throws {
        let tree: DocumentTree = [
            "z": "a\"b\\c\n\u{1}\u{2028}é", "a": [1, 2.5, true, [], .map([])], "n": ["x": false],
        ]
        #expect(
            tree.json == """
                {
                  "z": "a\\"b\\\\c\\n\\u0001\\u2028é",
                  "a": [
                    1,
                    2.5,
                    true,
                    [],
                    {}
                  ],
                  "n": {
                    "x": false
                  }
                }

                """)
        let read = try #require(try JSONSerialization.jsonObject(with: Data(tree.json.utf8)) as? [String: Any])
        #expect(read["z"] as? String == "a\"b\\c\n\u{1}\u{2028}é")
    }

    @Test func yamlNestsListsAndMaps() {
        let tree: DocumentTree = [
            "openapi": "3.0.3", "list": ["plain", ["a": 1, "b": ["x", "y"]], [[1], []]], "empty": .map([]),
            "none": [], "text": "first\n\nthird: line", "200": "A b", "deep": ["text": "one\ntwo"],
        ]
        #expect(
            tree.yaml == """
                openapi: "3.0.3"
                list:
                  - plain
                  - a: 1
                    b:
                      - x
                      - "y"
                  - - - 1
                    - []
                empty: {}
                none: []
                text: |-
                  first

                  third: line
                "200": A b
                deep:
                  text: |-
                    one
                    two

                """)
    }

    @Test(arguments: [
        // Each of these is something else than a string to some reader.
        "true", "No", "on", "NULL", "~", "", " a", "a ", "1", "1.0", "0x1F", "1e3", ".inf", "2027-03-01", "12:30",
        "- a",
        "? a", "a: b", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a", "[a", "{a", "'a", "\"a", "|", ">", "a\tb", "=",
        "<<", "y", "a\nb ", " a\nb", "a\r\nb", "\na", "a\n",
    ])
    func yamlQuotesWhatCouldBeSomethingElse(text: String) {
        #expect(DocumentTree.text(text).yaml.hasPrefix("\""))
    }

    @Test(arguments: ["a", "/sessions/{mediaSessionId}", "A call to make", "x-correlator", "application/json", "v0.3"])
    func yamlLeavesWordsPlain(text: String) {
        #expect(DocumentTree.text(text).yaml == text + "\n")
    }
}
