/// A place in the configuration file. Both numbers start at 1; a column counts characters, not bytes.
public struct Position: Hashable, Comparable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int

    /// The first character of the file: where a problem of the file as a whole is reported.
    public static let start = Position(line: 1, column: 1)

    /// Reading order.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One value of the YAML file with the place it stands at.
struct Node: Equatable, Sendable {
    var position: Position
    var content: Content

    enum Content: Equatable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
        /// Something already reported (an alias, a value with a tag): decoders pass over it without a word.
        case refused
    }

    /// A key of a mapping and its value. A key is compared by its text, whatever its style.
    struct Entry: Equatable, Sendable {
        var key: String
        var keyPosition: Position
        var value: Node
    }
}

/// A scalar as written. Only a plain one (without quotes) can be anything but a string.
struct Scalar: Equatable, Sendable {
    var text: String
    var isPlain: Bool
}
