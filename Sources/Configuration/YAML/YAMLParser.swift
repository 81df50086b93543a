import LibYAML

/// What the tree is built from: libyaml's events without its memory.
enum YAMLEvent: Equatable {
    case documentStart(Position)
    case alias(Position)
    case scalar(Scalar, Properties, Position)
    case sequenceStart(Properties, Position)
    case mappingStart(Properties, Position)
    case collectionEnd
    case end

    /// Node properties (YAML 1.2.2 §6.9). The configuration takes neither.
    struct Properties: Equatable {
        var hasAnchor: Bool
        var hasTag: Bool
    }
}

/// Owns one `yaml_parser_t`. Not thread-safe; lives only inside `withEvents`.
struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeBufferPointer<UInt8>

    /// Runs `body` with a parser over `bytes`, which must be UTF-8. The parser does not outlive the call.
    static func withEvents<Result>(of bytes: [UInt8], _ body: (borrowing YAMLParser) -> Result) -> Result? {
        bytes.withUnsafeBufferPointer { input in
            guard let parser = YAMLParser(input) else { return nil }
            return body(parser)
        }
    }

    /// Nil when there is no memory for a parser.
    private init?(_ input: UnsafeBufferPointer<UInt8>) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        self.parser = parser
        self.input = input
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event, or the syntax error, after which there is no further event.
    borrowing func next() -> Result<YAMLEvent, Problem> {
        var event = yaml_event_t()
        while true {
            guard yaml_parser_parse(parser, &event) == 1 else { return .failure(syntaxError()) }
            defer { yaml_event_delete(&event) }
            let position = Position(event.start_mark)
            switch event.type {
            case YAML_DOCUMENT_START_EVENT:
                return .success(.documentStart(position))
            case YAML_ALIAS_EVENT:
                return .success(.alias(position))
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
                return .success(
                    .scalar(
                        Scalar(
                            text: String(decoding: text, as: UTF8.self),
                            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                        YAMLEvent.Properties(hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil), position))
            case YAML_SEQUENCE_START_EVENT:
                let start = event.data.sequence_start
                let properties = YAMLEvent.Properties(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
                return .success(.sequenceStart(properties, position))
            case YAML_MAPPING_START_EVENT:
                let start = event.data.mapping_start
                let properties = YAMLEvent.Properties(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
                return .success(.mappingStart(properties, position))
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
                return .success(.collectionEnd)
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
                return .success(.end)
            default:
                continue  // the stream's start and a document's end say nothing about its content
            }
        }
    }

    /// libyaml's last error with its place. Bytes that are no text have an offset in the file instead of a mark.
    private borrowing func syntaxError() -> Problem {
        let state = parser.pointee
        let what = state.problem.map { String(cString: $0) } ?? "not enough memory"
        if state.error == YAML_READER_ERROR {
            return Problem(position(ofByte: state.problem_offset), "not YAML: \(what)")
        }
        let position = Position(state.problem_mark)
        if what.hasPrefix("found character that cannot start any token"), isTab(at: position) {
            return Problem(position, "not YAML: a tab; allowed for indentation: spaces")
        }
        guard let context = state.context.map({ String(cString: $0) }) else {
            return Problem(position, "not YAML: \(what)")
        }
        return Problem(position, "not YAML: \(what), \(context) from line \(Position(state.context_mark).line)")
    }

    private borrowing func isTab(at position: Position) -> Bool {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(position.line - 1) else { return false }
        let characters = String(decoding: lines[position.line - 1], as: UTF8.self).unicodeScalars
        return characters.dropFirst(position.column - 1).first == "\t"
    }

    private borrowing func position(ofByte offset: Int) -> Position {
        let before = input.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return Position(line: line, column: column)
    }
}

extension Position {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}
