/// A file of accounts: a line for each, `+NUMBER USERNAME PASSWORD`, with blanks or tabs between them; `#` begins a comment.
struct NumberAccountFile: Equatable, Sendable {
    /// As the configuration names it.
    var path: String
    /// By number.
    var accounts: [String: Configuration.TrunkCredentials]

    /// What is wrong with a line. It quotes nothing of it.
    struct Problem: Error, Equatable {
        var line: Int
        var message: String
    }

    static func accounts(in text: String) throws(Problem) -> [String: Configuration.TrunkCredentials] {
        var accounts: [String: Configuration.TrunkCredentials] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
            guard let number = words.first, !number.hasPrefix("#") else { continue }
            guard words.count == 3 else {
                throw Problem(line: index + 1, message: "is not a number, a user name and a password")
            }
            let digits = number.utf8.dropFirst()
            guard number.hasPrefix("+"), (5...15).contains(digits.count), DecimalText.isDigits(digits) else {
                throw Problem(line: index + 1, message: "does not begin with + and 5 to 15 digits")
            }
            guard accounts[String(number)] == nil else {
                throw Problem(line: index + 1, message: "has a number that stands there already")
            }
            accounts[String(number)] = Configuration.TrunkCredentials(
                username: String(words[1]), password: Secret(String(words[2])))
        }
        return accounts
    }
}

extension ValueType where Value == NumberAccountFile {
    /// The path of such a file, absolute or relative to the working folder.
    static var numberAccounts: ValueType {
        .text(
            allowed: "path of a file with a line `+NUMBER USERNAME PASSWORD` for each account",
            render: { ValueType<String>.yamlText($0.path) }
        ) { text, surroundings throws(Refusal) in
            let bytes: [UInt8]
            switch surroundings.readFile(surroundings.resolve(text)) {
            case .failure(let problem): throw Refusal(problem.description)
            case .success(let content): bytes = content
            }
            guard let content = String(validating: bytes, as: UTF8.self),
                !content.unicodeScalars.contains(where: {
                    $0.properties.generalCategory == .control && !"\n\r\t".unicodeScalars.contains($0)
                })
            else { throw Refusal("is not text") }
            do throws(NumberAccountFile.Problem) {
                let accounts = try NumberAccountFile.accounts(in: content)
                guard !accounts.isEmpty else { throw NumberAccountFile.Problem(line: 1, message: "has no account") }
                return NumberAccountFile(path: text, accounts: accounts)
            } catch {
                throw Refusal("line \(error.line) \(error.message)")
            }
        }
    }
}
