/// What an unknown key was probably meant to be.
enum Suggestion {
    /// The message for a key the table does not have in `section`.
    static func unknownKey(_ key: String, in section: String) -> String {
        let siblings = Schema.supportedNames(in: section)
        let unknown = "unknown key \(Quoted(key))"
        if let near = nearest(to: key, among: siblings) {
            return "\(unknown); did you mean \(Quoted(near))?"
        }
        let allowed = "allowed here: \(siblings.joined(separator: ", "))"
        if let elsewhere = Schema.rows.first(where: { $0.name == key && $0.support == .supported }) {
            return "\(unknown); did you mean \(elsewhere.path)? \(allowed)"
        }
        return "\(unknown); \(allowed)"
    }

    /// The name with the fewest typing errors between it and `word`, letter case aside: at most one in three letters,
    /// and in a name of one or two letters none.
    static func nearest(to word: String, among names: [String]) -> String? {
        let word = Array(word.lowercased().utf8.prefix(64))
        var best: (name: String, distance: Int)?
        for name in names {
            let limit = name.utf8.count / 3
            guard abs(name.utf8.count - word.count) <= limit else { continue }
            let distance = distance(word, Array(name.lowercased().utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for i in 1..<(left.count + 1) {
            var row = [i]
            for j in 1..<(right.count + 1) {
                let change = left[i - 1] == right[j - 1] ? 0 : 1
                var cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + change)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    cost = min(cost, rows[i - 2][j - 2] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
