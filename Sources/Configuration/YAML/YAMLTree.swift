/// The file as a tree. Built without recursion and within limits, so no file can exhaust the stack or the memory.
struct YAMLTree {
    /// The deepest nesting the builder follows. The configuration needs six levels.
    static let maximumDepth = 16

    /// The document's root; nil for a file without a value, or after a syntax error.
    private(set) var root: Node?
    /// Syntax errors and the parts of YAML a configuration does without: aliases, anchors, tags, further documents.
    private(set) var problems: [Problem] = []
    /// Whether the whole file was read. If not, what is missing from the tree says nothing about the file.
    private(set) var isComplete = false

    private var open: [Collection] = []
    private var documents = 0

    private struct Collection {
        var position: Position
        var isMapping: Bool
        var items: [Node] = []
        var entries: [Node.Entry] = []
        var keys: [String: Position] = [:]
        var pendingKey: PendingKey?
        var isRefused: Bool

        enum PendingKey {
            case name(String, Position)
            /// Reported already: a duplicate, or a key that is no scalar. Its value is read over.
            case refused
        }
    }

    /// Reads the whole of `bytes`, UTF-8.
    init(_ bytes: [UInt8]) {
        let read: Void? = YAMLParser.withEvents(of: bytes) { parser in
            while step(parser.next()) {}
        }
        if read == nil { problems.append(Problem(.start, "cannot be parsed: not enough memory")) }
    }

    /// Takes one event; false when there is nothing more to read.
    private mutating func step(_ next: Result<YAMLEvent, Problem>) -> Bool {
        switch next {
        case .failure(let problem):
            problems.append(problem)
            return false
        case .success(.end):
            isComplete = true
            return false
        case .success(.documentStart(let position)):
            documents += 1
            guard documents == 1 else {
                problems.append(Problem(position, "a second document; allowed: one document per file"))
                return false
            }
        case .success(.alias(let position)):
            problems.append(Problem(position, "an alias (*name); not supported: write the value out"))
            add(Node(position: position, content: .refused))
        case .success(.scalar(let scalar, let properties, let position)):
            let isRefused = refuse(properties, at: position)
            add(Node(position: position, content: isRefused ? .refused : .scalar(scalar)))
        case .success(.sequenceStart(let properties, let position)):
            return begin(isMapping: false, properties, position)
        case .success(.mappingStart(let properties, let position)):
            return begin(isMapping: true, properties, position)
        case .success(.collectionEnd):
            guard let collection = open.popLast() else { return false }
            let content = collection.isMapping ? Node.Content.mapping(collection.entries) : .sequence(collection.items)
            add(Node(position: collection.position, content: collection.isRefused ? .refused : content))
        }
        return true
    }

    private mutating func begin(isMapping: Bool, _ properties: YAMLEvent.Properties, _ position: Position) -> Bool {
        guard open.count < Self.maximumDepth else {
            problems.append(Problem(position, "nested too deeply; allowed: \(Self.maximumDepth) levels"))
            return false
        }
        let isRefused = refuse(properties, at: position)
        open.append(Collection(position: position, isMapping: isMapping, isRefused: isRefused))
        return true
    }

    /// Reports an anchor or a tag; true when the node is refused for its tag. An anchor alone changes no value.
    private mutating func refuse(_ properties: YAMLEvent.Properties, at position: Position) -> Bool {
        if properties.hasAnchor {
            problems.append(Problem(position, "an anchor (&name); not supported: write the value out where it is used"))
        }
        if properties.hasTag {
            problems.append(Problem(position, "a tag (!name); not supported: remove it"))
        }
        return properties.hasTag
    }

    /// Puts a finished node where it belongs: the root, an item, a key or a key's value.
    private mutating func add(_ node: Node) {
        guard !open.isEmpty else {
            root = node
            return
        }
        let top = open.count - 1
        guard open[top].isMapping else {
            open[top].items.append(node)
            return
        }
        switch open[top].pendingKey {
        case nil:
            open[top].pendingKey = pendingKey(node, in: top)
        case .refused:
            open[top].pendingKey = nil
        case .name(let key, let position):
            open[top].entries.append(Node.Entry(key: key, keyPosition: position, value: node))
            open[top].pendingKey = nil
        }
    }

    private mutating func pendingKey(_ node: Node, in top: Int) -> Collection.PendingKey {
        guard case .scalar(let scalar) = node.content else {
            if node.content != .refused {
                problems.append(Problem(node.position, "a list or mapping as a key; allowed: a name"))
            }
            return .refused
        }
        if scalar.isPlain, scalar.text == "<<" {
            problems.append(Problem(node.position, "a merge key (<<); not supported: write the keys out"))
            return .refused
        }
        if let first = open[top].keys[scalar.text] {
            let key = Quoted(scalar.text)
            problems.append(Problem(node.position, "duplicate key \(key), first given at line \(first.line)"))
            return .refused
        }
        open[top].keys[scalar.text] = node.position
        return .name(scalar.text, node.position)
    }
}
