/// What a configuration may read besides its own text. Injected, so that tests need neither files nor an environment.
struct Surroundings {
    /// The folder relative paths start from: the configuration file's.
    var folder: String
    /// The environment variables a secret may be taken from.
    var environment: [String: String]
    /// The content of a file named in the configuration, or why it cannot be had.
    var readFile: (_ path: String) -> Result<[UInt8], FileProblem>

    /// `path` itself if absolute, else below the configuration file's folder.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : folder + (folder.hasSuffix("/") ? "" : "/") + path
    }
}

/// The state of one run over the tree: the problems found and the keys read. Used by one thread, for one file.
final class Decoding {
    let surroundings: Surroundings
    private(set) var problems: [Problem] = []
    /// What is allowed and hardly meant.
    private(set) var warnings: [Problem] = []
    /// Paths of all keys a decoder asked for: a key of the table that is missing here would be accepted and ignored.
    private(set) var readKeys: Set<String> = []

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    func report(_ position: Position, _ message: String) {
        problems.append(Problem(position, message))
    }

    func report(_ node: Node, _ label: String, _ message: String) {
        problems.append(Problem(node.position, "\(label): \(message)"))
    }

    func warn(_ position: Position, _ message: String) {
        warnings.append(Problem(position, message))
    }

    func noteRead(_ path: String) {
        readKeys.insert(path)
    }
}
