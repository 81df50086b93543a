import Foundation
import Testing

@testable import Configuration

@Suite struct SecretTests {
    private static let files = [
        "/etc/gateway/password": Array("hunter2\n".utf8), "/run/secrets/password": Array("hunter3\r\n".utf8),
        "/etc/gateway/empty": Array("\n".utf8), "/etc/gateway/binary": [0xff, 0xfe],
    ]

    private func secret(_ yaml: String) -> (value: String?, problems: [String]) {
        let decoding = Decoding(
            Surroundings(
                folder: "/etc/gateway", environment: ["PASSWORD": "hunter4", "EMPTY": ""],
                readFile: { Self.files[$0].map { .success($0) } ?? .failure(.system(ENOENT)) }))
        let secret = YAMLTree(Array(yaml.utf8)).root.flatMap {
            ValueType<Secret>.secret.decode($0, "password", decoding)
        }
        return (secret?.value, decoding.problems.map(\.message))
    }

    @Test(arguments: [
        ("{file: password}", "hunter2"), ("{file: /run/secrets/password}", "hunter3"), ("{env: PASSWORD}", "hunter4"),
        ("hunter5", "hunter5"), ("\"12345\"", "12345"),
    ])
    func comesFromAFileTheEnvironmentOrTheText(_ yaml: String, _ expected: String) {
        let (value, problems) = secret(yaml)
        #expect(value == expected)
        #expect(problems.isEmpty)
    }

    @Test(arguments: [
        ("12345", "not a string; a secret that looks like something else needs quotes"),
        ("\"\"", "not a string; a secret that looks like something else needs quotes"),
        ("{env: NOPE}", "the environment variable \"NOPE\" is not set"),
        ("{env: EMPTY}", "the environment variable \"EMPTY\" is not set"),
        ("{file: nope}", "the file \"nope\" cannot be read: No such file or directory"),
        ("{file: empty}", "the file \"empty\" is empty or not text"),
        ("{file: binary}", "the file \"binary\" is empty or not text"),
        ("{vault: x}", "unknown source \"vault\""), ("{file: a, env: b}", "not one source with its name"),
        ("{}", "not one source with its name"), ("[12345]", "a list"),
    ])
    func saysWhyThereIsNone(_ yaml: String, _ problem: String) {
        let (value, problems) = secret(yaml)
        #expect(value == nil)
        #expect(problems == ["password: \(problem); allowed: {file: PATH}, {env: NAME} or a string"])
    }

    @Test func isNeverPrinted() {
        struct Holder { var password = Secret("hunter2") }
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in ["\(Holder())", String(reflecting: Holder()), String(describing: Secret("hunter2")), dumped] {
            #expect(text.contains("[redacted]") && !text.contains("hunter2"))
        }
    }
}
